/* expect: nothing */
#include "models.h"
typedef struct Stamped {
    DateTime made;
    OptDateTime changed;
} Stamped;
typedef struct Essay {
    BASE(Post, post);
    Stamped stamps;
    Str genre;
} Essay;
typedef Essay Draft;
extern const Model Stamped_model, Essay_model;
const Model Stamped_model = { ABSTRACT(Stamped), .get_latest_by = "made",
                              FIELDS(Stamped, DateTimeField(made), OptDateTimeField(changed)) };
const Model Essay_model = { MODEL(Essay),
                            FIELDS(Essay, Parent(post, Post, .related_name = "essay"), Abstract(stamps, Stamped),
                                                 CharField(genre, .max_length = 9)) };
const Model Draft_model = { PROXY(Draft, Essay), .ordering = ORDER("genre") };
const Pred right[] = { Q(Essay, post.author->email, EQ, "x"), Q(Essay, id, EQ, 3),
                       Q(Draft, stamps.made, ISNULL, true) };
