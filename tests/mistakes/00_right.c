/* expect: nothing */
#include "models.h"
/* clang-format off */
const Model Post_model = {
    MODEL(Post),
    FIELDS(Post, CharField(title, .max_length = 9), ForeignKey(author, Author, .on_delete = CASCADE),
           IntegerField(views), OptIntegerField(rating), BooleanField(published), DateTimeField(created), DateField(day),
           DecimalField(price, .max_digits = 5, .decimal_places = 2), UUIDField(token)),
};
/* clang-format on */
QuerySet *right(Context *cx, Author *a);
QuerySet *right(Context *cx, Author *a)
{
    return FILTER(OBJECTS(cx, Post), Q(Post, author, EQ, a), Q(Post, author->email, EQ, "x"), Q(Post, price, GT, 3));
}
