/*
 * model.h: what a table of the database is in C: a plain struct, and a const Model that describes it.
 *
 *     typedef struct Post {
 *         MODEL_HEAD;
 *         Str title;
 *         REL(User, author);
 *         DateTime created;
 *     } Post;
 *
 *     const Model Post_model = {
 *         MODEL(Post), .ordering = ORDER("-created"),
 *         FIELDS(Post, CharField(title, .max_length = 200), ForeignKey(author, User, .on_delete = CASCADE),
 *                DateTimeField(created, .auto_now_add = true)),
 *     };
 *
 *     const App blog_app = { .label = "blog", .models = MODELS(Post) };
 *
 * Names in the database are Django's: the table blog_post, the columns id, title, author_id, created. The members of
 * Model are Django's Meta options; zero is their default. A model without a primary key in FIELDS has Django's `id`.
 *
 * Models inherit as Django's do:
 *
 *     typedef struct Stamped { DateTime created; } Stamped;                     an abstract base: members by value
 *     const Model Stamped_model = { ABSTRACT(Stamped), .get_latest_by = "created", FIELDS(Stamped, DateTimeField(created)) };
 *     typedef struct Product { MODEL_HEAD; Str name; Stamped stamps; } Product;
 *     const Model Product_model = { MODEL(Product), FIELDS(Product, Abstract(stamps, Stamped), TextField(name)) };
 *
 *     typedef struct Book { BASE(Product, product); Str isbn; } Book;            a base with a table of its own
 *     const Model Book_model = { MODEL(Book), FIELDS(Book, Parent(product, Product), CharField(isbn, .max_length = 13)) };
 *
 *     typedef Product Bargain;                                                   a proxy: another face of the same rows
 *     const Model Bargain_model = { PROXY(Bargain, Product), .ordering = ORDER("name") };
 *
 * A Book begins with its Product, so that &book->product is the product, and book->id its key. Paths may name the part,
 * Q(Book, product.name, EQ, "x"), or leave it out, LOOKUP("name", "x"). Meta options that a model leaves at zero are
 * those of its abstract bases; of a base with a table it takes ordering and get_latest_by. ORDER() is an order that is
 * empty.
 *
 * Models come alive by apps_populate, once in a process, before anything else of this domain.
 */
#ifndef CLEF_ORM_MODEL_H
#define CLEF_ORM_MODEL_H

#include <clef/conf/app.h>
#include <clef/orm/field.h>

typedef struct RowState RowState;

/* What a struct of a model begins with: where the row came from (NULL: from nowhere), and its id. */
#define MODEL_HEAD       \
    RowState *row_state; \
    int64_t id
/* The same for a model that declares a primary key of its own in FIELDS. */
#define MODEL_HEAD_NO_ID RowState *row_state

/* What a struct of a model begins with that inherits from a model with a table: the row of that model, by value. */
#define BASE(Parent_, m)                                                                                   \
    union {                                                                                                \
        struct {                                                                                           \
            MODEL_HEAD;                                                                                    \
            _Static_assert(offsetof(Parent_, id) == sizeof(RowState *) && sizeof(((Parent_ *)0)->id) == 8, \
                           #Parent_ " has no id at its head: write BASE_NO_ID(" #Parent_ ", " #m ")");     \
        };                                                                                                 \
        Parent_ m;                                                                                         \
    }
/* The same where the parent's primary key is one of its own (MODEL_HEAD_NO_ID). */
#define BASE_NO_ID(Parent_, m) \
    union {                    \
        MODEL_HEAD_NO_ID;      \
        Parent_ m;             \
    }

/* A relation: the row (NULL until loaded; RELATED loads it) and the key, which is always there. */
#define REL(To, m) \
    To *m;         \
    int64_t m##_id
/* To a model whose primary key is a text, a UUID. */
#define REL_STR(To, m) \
    To *m;             \
    Str m##_id
#define REL_UUID(To, m) \
    To *m;              \
    Uuid m##_id

/* Of a GenericForeignKey: the row of whatever model; NULL until loaded. */
#define GENERIC_REL(m) void *m

/* Names of fields, "-" before one: descending. Ends at NULL. */
#define ORDER(...) ((const char *const[]){ __VA_ARGS__, NULL })

#define NATURAL_KEY(...) .natural_key = ORDER(__VA_ARGS__)

struct RowErrors;
struct SaveOptions;
struct DeleteOptions;
typedef struct Pred Pred;
/* An index is over fields, or over expressions; what a database does not know (opclasses, include) it goes without. */
typedef struct Index {
    const char *const *fields; /* "author", "-created" */
    const char *name;          /* NULL: Django's; one over expressions must have a name */
    const Pred *condition;     /* only rows that meet it; NULL: all */
    const Expr *const *expressions;
    const char *const *opclasses; /* PostgreSQL: one for each field */
    const char *const *include;   /* PostgreSQL: fields that are kept in the index with those that it orders */
    const char *using;            /* PostgreSQL: "gin", "gist", "brin", "hash", "spgist", "bloom"; NULL: a B-tree */
} Index;
#define INDEX(...)                   \
    {                                \
        .fields = ORDER(__VA_ARGS__) \
    }
#define NAMED_INDEX(name_, ...)                       \
    {                                                 \
        .fields = ORDER(__VA_ARGS__), .name = (name_) \
    }

/* INDEX with a condition: INDEX_WHERE("active_titles", Q(Post, active, EQ, true), "title"). */
#define INDEX_WHERE(name_, condition_, ...)                                                        \
    {                                                                                              \
        .fields = ORDER(__VA_ARGS__), .name = (name_), .condition = (const Pred[1]) { condition_ } \
    }
/*
 * Over expressions of expr.h: INDEX_ON("title_idx", EXPRESSIONS(Lower("title"), DESC("created")), .include =
 * ORDER("id")).
 */
#define EXPRESSIONS(...) ((const Expr *const[]){ __VA_ARGS__, NULL })
#define INDEX_ON(name_, ...)                        \
    {                                               \
        .name = (name_), .expressions = __VA_ARGS__ \
    }

/* With any options: INDEX_OF(.name = "covering", .fields = ORDER("title"), .include = ORDER("pages")). */
#define INDEX_OF(...) \
    {                 \
        __VA_ARGS__   \
    }

typedef struct Constraint {
    const char *name;
    const char *const *unique;           /* fields */
    const Expr *const *expressions;      /* unique too */
    const Pred *check;                   /* of a unique one: only rows that meet it; NULL: all */
    bool deferrable;                     /* DEFERRABLE INITIALLY DEFERRED, where the database can */
    bool deferrable_immediate;           /* DEFERRABLE INITIALLY IMMEDIATE, where the database can */
    bool nulls_not_distinct;             /* nulls_distinct=False, where the database can */
    bool nulls_distinct;                 /* said outright, which is the default of the databases */
    const char *const *include;          /* as of an index */
    const char *const *opclasses;        /* as of an index */
    const char *violation_error_code;    /* of full_clean */
    const char *violation_error_message; /* of full_clean; NULL: Django's sentence */
} Constraint;
/* Unique over expressions: UNIQUE_ON("one_email", EXPRESSIONS(Lower("email"))). */
#define UNIQUE_ON(name_, ...)                       \
    {                                               \
        .name = (name_), .expressions = __VA_ARGS__ \
    }
#define UNIQUE_CONSTRAINT(name_, ...)                 \
    {                                                 \
        .name = (name_), .unique = ORDER(__VA_ARGS__) \
    }
/* UNIQUE_CONSTRAINT_WHERE("one_open", Q(Ticket, open, EQ, true), "customer"). */
#define UNIQUE_CONSTRAINT_WHERE(name_, condition_, ...)                                        \
    {                                                                                          \
        .name = (name_), .unique = ORDER(__VA_ARGS__), .check = (const Pred[1]) { condition_ } \
    }
#define CHECK_CONSTRAINT(name_, ...)                              \
    {                                                             \
        .name = (name_), .check = (const Pred[1]) { __VA_ARGS__ } \
    }
static inline bool constraint_is_unique(const Constraint *c) { return c->unique || c->expressions; }

/* A permission of Meta.permissions: PERMISSION_NAMES({ "can_pay", "Can pay" }, ...). */
typedef struct PermissionName {
    const char *codename, *name;
} PermissionName;
#define PERMISSION_NAMES(...) ((const PermissionName[]){ __VA_ARGS__, { NULL, NULL } })

typedef struct ModelSlot {
    const struct ModelInfo *info; /* private: set by apps_populate */
} ModelSlot;

struct Model {
    const char *name; /* "Post" */
    size_t size;
    ModelSlot *slot;
    const Field *fields;
    size_t nfields;
    const Index *indexes;
    size_t nindexes;
    const Constraint *constraints;
    size_t nconstraints;
    /* Django's Meta */
    const char *const *ordering;
    const char *const *const *unique_together; /* UNIQUE_TOGETHER(ORDER("a", "b"), ...) */
    const char *const *const *index_together;  /* of migrations only: models have INDEXES */
    const char *get_latest_by;
    const char *order_with_respect_to; /* ORDER_WITH_RESPECT_TO */
    uint16_t order_offset, order_size; /* of the member _order */
    const char *db_table, *db_table_comment;
    const char *verbose_name, *verbose_name_plural;
    const char *base_manager_name, *default_manager_name, *default_related_name;
    const PermissionName *permissions;      /* ends at a NULL codename */
    const char *const *default_permissions; /* NULL: add, change, delete, view; ORDER(NULL): none */
    const char *swappable; /* the setting that may name another model for this one: "AUTH_USER_MODEL" */
    bool select_on_save;
    const char *const *bases; /* ORDER("blog.Place"): what it inherits from, in migrations */
    bool unmanaged;           /* managed = False: migrations leave the table alone */
    bool abstract;            /* ABSTRACT: no table, others inherit its fields and options */
    bool proxy;               /* another face of the table of its base */
    const Model *proxy_of;    /* PROXY: the base */
    bool other_members;       /* the struct has members that are no columns: do not look for forgotten ones */
    /*
     * NATURAL_KEY("name", "author__email"): what tells a row from all others without its key, for fixtures: Django's
     * natural_key and get_by_natural_key. Fields, also of rows that keys lead to.
     */
    const char *const *natural_key;
    const char *const *natural_key_dependencies; /* ORDER("blog.Author"): models that a fixture must have before it */
    const struct Manager *managers;              /* MANAGERS(...), of manager.h */
    /*
     * Of a model whose rows stand for models (ContentType): the key of the row that stands for `of`, and the model that
     * a key stands for (NULL: none that is installed). Generic relations ask these.
     */
    int64_t (*key_of_model)(Context *cx, Str alias, const Model *of, bool for_proxies);
    const Model *(*model_of_key)(Context *cx, Str alias, int64_t key);
    /* What people read for a row; NULL: "Post object (1)". */
    Str (*str)(Context *cx, const void *row);
    /*
     * ORDER("title", "author"): the columns that str reads. Of a row that only() or defer() read in part row_str reads
     * those that are missing before it calls str, by one query; NULL: all that are missing.
     */
    const char *const *str_fields;
    /*
     * Django's save() and delete() that a model overrides: SAVE, CREATE, get_or_create, forms and DELETE call them in
     * the place of their own, and they go on by model_save_base and model_delete_base (row.h). Fixtures, bulk
     * statements, UPDATE and deletions of querysets do not.
     */
    void (*save)(Context *cx, void *row, const struct SaveOptions *options);
    size_t (*delete)(Context *cx, void *row, const struct DeleteOptions *options);
    /* What is wrong with a row as a whole; a part of full_clean (validate.h). */
    void (*clean)(Context *cx, void *row, struct RowErrors *errors);
};

#define MODEL(T)                           \
    .name = #T, .slot = &(ModelSlot){ 0 }, \
    .size = sizeof(T) + CLEF_FAIL_UNLESS(offsetof(T, row_state) == 0, "the struct " #T " must begin with MODEL_HEAD")
#define ABSTRACT(T) .name = #T, .slot = &(ModelSlot){ 0 }, .size = sizeof(T), .abstract = true
#define PROXY(T, Of)                                                                                                 \
    .name = #T, .slot = &(ModelSlot){ 0 }, .proxy = true, .proxy_of = &Of##_model,                                   \
    .size = sizeof(T) + CLEF_FAIL_UNLESS(__builtin_types_compatible_p(T, Of), "a proxy has the struct of its base: " \
                                                                              "typedef " #Of " " #T)
#define FIELDS(T, ...)                                                  \
    .fields = (const Field[]){ CLEF_EACH(CLEF_FIELD, T, __VA_ARGS__) }, \
    .nfields = sizeof((const char[]){ CLEF_EACH(CLEF_FIELD_COUNTED, T, __VA_ARGS__) })
#define INDEXES(...) \
    .indexes = (const Index[]){ __VA_ARGS__ }, .nindexes = sizeof((const Index[]){ __VA_ARGS__ }) / sizeof(Index)
#define UNIQUE_TOGETHER(...) \
    .unique_together = (const char *const *const[]) { __VA_ARGS__, NULL }
#define CONSTRAINTS(...)                                \
    .constraints = (const Constraint[]){ __VA_ARGS__ }, \
    .nconstraints = sizeof((const Constraint[]){ __VA_ARGS__ }) / sizeof(Constraint)

/*
 * Meta.order_with_respect_to: the rows of one parent have an order, kept in the column _order, which is a member of the
 * struct: `int64_t _order;`. ORDER_WITH_RESPECT_TO(Answer, question).
 */
#define ORDER_WITH_RESPECT_TO(T, m)                                      \
    .order_with_respect_to = #m, .order_size = sizeof(((T *)0)->_order), \
    .order_offset = offsetof(T, _order) + 0 * sizeof(((T *)0)->m##_id) + \
                    CLEF_FAIL_UNLESS(CLEF_IS_A(T, _order, int64_t), #T "._order must be declared as: int64_t _order")

#define CLEF_MODEL_OF(T, name) &name##_model
#define MODELS(...)            ((const Model *const[]){ CLEF_EACH(CLEF_MODEL_OF, , __VA_ARGS__) NULL })

/*
 * Makes the models of these applications (a list that ends at NULL) known: resolves relations, names tables and columns,
 * checks what the compiler could not. The arena lives as long as the process. False, and *error sentences that name the
 * model, the field and the remedy, one a line. Populating again replaces what was
 * known, and the end of the arena ends it.
 */
CLEF_API(bool, apps_populate, Arena *a, const App *const *apps, Str *error) CLEF_MUST_USE;

/* --- what is known of a model; raises 500 "model_not_installed" where it was not populated */

/* "blog". */
CLEF_API(Str, model_app_label, const Model *m);
/* "blog_post". */
CLEF_API(Str, model_table, const Model *m);
/* The columns with a member, those of bases first, the implied `id` or the link to the base before the model's own. */
CLEF_API(size_t, model_field_count, const Model *m);
CLEF_API(const Field *, model_field_at, const Model *m, size_t i);
/* By the name of the member, or of a relation's key member ("author_id"), or "pk"; NULL. */
CLEF_API(const Field *, model_field, const Model *m, Str name);
CLEF_API(const Field *, model_pk, const Model *m) CLEF_NONNULL;
/* The column: "title", "author_id". */
CLEF_API(Str, model_column, const Model *m, const Field *f);
CLEF_API(Str, model_verbose_name, const Model *m);
/* Of its application: "Blog". */
CLEF_API(Str, model_app_verbose_name, Arena *a, const Model *m);
/* The model whose table it shows: itself, of a proxy its base. */
CLEF_API(const Model *, model_concrete, const Model *m);
/* Its own, or of the base that it inherits it from; NULL. */
CLEF_API(const char *, model_get_latest_by, const Model *m);
/* By "Post" or "post" in an application, among the populated; NULL. */
CLEF_API(const Model *, model_find, Str app_label, Str name);
/* Every populated model that is not swapped out (swap.h), in order; NULL past the last. */
CLEF_API(const Model *, model_at, size_t i);

/* The value of a field of a row, boxed; text is borrowed from the row. */
CLEF_API(Value, field_get, Arena *a, const Field *f, const void *row);
/* Puts a value into the row when it fits the field's type; false when it does not. Text is borrowed. */
CLEF_API(bool, field_set, Arena *a, const Field *f, void *row, Value v) CLEF_MUST_USE;
/*
 * The display text of the value of a field with choices, as get_FOO_display(); the value's text when it is not among
 * them.
 */
CLEF_API(Str, field_display, Arena *a, const Field *f, const void *row);

#endif
