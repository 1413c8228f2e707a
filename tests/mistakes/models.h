/* models.h: right models, for programs that are wrong in one place. */
#include <clef/orm.h>
#include <clef/urls.h>

typedef struct Author {
    MODEL_HEAD;
    Str username, email;
} Author;
typedef struct Tag {
    MODEL_HEAD;
    Str name;
} Tag;
typedef struct Post {
    MODEL_HEAD;
    Str title;
    REL(Author, author);
    int64_t views;
    OptInt rating;
    bool published;
    DateTime created;
    Date day;
    Decimal price;
    Uuid token;
} Post;
extern const Model Author_model, Tag_model, Post_model;
