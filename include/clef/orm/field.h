/*
 * field.h: the columns of a model. A field is one entry of FIELDS: Django's class name, the member of the struct, and
 * Django's options as designated initialisers; zero is every option's default.
 *
 *     FIELDS(Post,
 *         CharField(title, .max_length = 200),
 *         ForeignKey(author, User, .on_delete = CASCADE, .related_name = "posts"),
 *         OptIntegerField(rating),
 *         DateTimeField(created, .auto_now_add = true))
 *
 * The compiler checks each entry against the struct: the member must exist and have the kind's C type. What it cannot see
 * (a missing max_length, a member that the table forgot) is found when the applications are populated (model.h).
 *
 *   Str                        CharField SlugField TextField EmailField URLField GenericIPAddressField BinaryField
 *   int64_t, int32_t, int16_t  IntegerField BigIntegerField SmallIntegerField Positive…IntegerField
 *   int64_t                    AutoField BigAutoField SmallAutoField
 *   bool  double  Decimal      BooleanField FloatField DecimalField
 *   Date  Time  DateTime       DateField TimeField DateTimeField
 *   Duration  Uuid  Value      DurationField UUIDField JSONField
 *   Str (a path)               FileField ImageField FilePathField
 *   REL(To, member)            ForeignKey OneToOneField
 *   no member                  ManyToManyField
 *   that of the field within   GeneratedField
 *   no member                  CompositePrimaryKey
 *   GENERIC_REL(member)        GenericForeignKey GenericRelation (no member), of <clef/contenttypes.h>
 *   BASE(Model, member)        Parent        what the model inherits from, with a table of its own (model.h)
 *   Model member               Abstract      the fields of an abstract base
 *
 * Nullable columns: Opt… before the name and an Opt… member (OptIntegerField, OptInt); for a text `.null = true`, where the
 * NULL Str is NULL; for a relation `.null = true`, where the key 0 (or the NULL key) is NULL.
 */
#ifndef CLEF_ORM_FIELD_H
#define CLEF_ORM_FIELD_H

#include <clef/base/macro.h>
#include <clef/base/value.h>

typedef struct Context Context;
typedef struct Model Model;
typedef struct Expr Expr;
typedef struct Pred Pred;
typedef struct QuerySet QuerySet;
typedef struct Validator Validator;
typedef struct ErrorMessage ErrorMessage;

typedef enum FieldKind {
    FIELD_NONE,
    FIELD_AUTO,
    FIELD_BIG_AUTO,
    FIELD_SMALL_AUTO,
    FIELD_CHAR,
    FIELD_SLUG,
    FIELD_TEXT,
    FIELD_EMAIL,
    FIELD_URL,
    FIELD_GENERIC_IP,
    FIELD_BINARY,
    FIELD_INTEGER,
    FIELD_BIG_INTEGER,
    FIELD_SMALL_INTEGER,
    FIELD_POSITIVE_INTEGER,
    FIELD_POSITIVE_BIG_INTEGER,
    FIELD_POSITIVE_SMALL_INTEGER,
    FIELD_BOOLEAN,
    FIELD_FLOAT,
    FIELD_DECIMAL,
    FIELD_DATE,
    FIELD_TIME,
    FIELD_DATETIME,
    FIELD_DURATION,
    FIELD_UUID,
    FIELD_JSON,
    FIELD_FILE,
    FIELD_IMAGE,
    FIELD_FILE_PATH,
    FIELD_FOREIGN_KEY,
    FIELD_ONE_TO_ONE,
    FIELD_MANY_TO_MANY,
    FIELD_COMPOSITE,        /* the primary key of several columns; it has none of its own */
    FIELD_PARENT,           /* in FIELDS only: apps_populate makes the link to the parent of it */
    FIELD_ABSTRACT,         /* in FIELDS only: its fields take its place */
    FIELD_GENERIC_KEY,      /* in FIELDS only, without a column: a row of any model, by two other fields */
    FIELD_GENERIC_RELATION, /* the same from the other side */
    FIELD_KINDS
} FieldKind;

/* How a value lies in the struct. */
typedef enum MemberType {
    MEMBER_NONE,
    MEMBER_STR,
    MEMBER_BOOL,
    MEMBER_INT16,
    MEMBER_INT32,
    MEMBER_INT64,
    MEMBER_DOUBLE,
    MEMBER_DECIMAL,
    MEMBER_DATE,
    MEMBER_TIME,
    MEMBER_DATETIME,
    MEMBER_DURATION,
    MEMBER_UUID,
    MEMBER_VALUE, /* its null is NULL when the column may be NULL, and the JSON text null when not */
    MEMBER_OPT_INT,
    MEMBER_OPT_BOOL,
    MEMBER_OPT_DOUBLE,
    MEMBER_OPT_DECIMAL,
    MEMBER_OPT_DATE,
    MEMBER_OPT_TIME,
    MEMBER_OPT_DATETIME,
    MEMBER_OPT_DURATION,
    MEMBER_OPT_UUID,
} MemberType;

typedef enum OnDelete {
    ON_DELETE_UNSET, /* an error when the applications are populated, as Django demands one */
    CASCADE,
    PROTECT,
    RESTRICT,
    SET_NULL,
    SET_DEFAULT,
    SET_TO, /* Django's SET(...): .set_to = DEFAULT(v), or .set_to_fn */
    DO_NOTHING,
    ON_DELETE_COUNT
} OnDelete;

/* A constant that a table holds: which function boxes it, and where it lies. DEFAULT and Q make them. */
typedef Value BoxFn(Arena *a, const void *at);
typedef struct Boxed {
    BoxFn *box; /* NULL: nothing */
    const void *at;
} Boxed;

/* A choice of a field: the stored value and what people read; or a group of choices under a heading (CHOICE_GROUP). */
typedef struct Choice {
    Boxed value;
    const char *display; /* NULL ends a list */
    const struct Choice *group;
} Choice;

typedef struct Field {
    const char *name; /* of the member, "title"; of a relation without "_id" */
    FieldKind kind;
    MemberType member;  /* of a relation: of the key member */
    uint16_t offset;    /* of the member; of a relation: of the key member */
    uint16_t size;      /* likewise */
    uint16_t to_offset; /* of a relation: of the pointer to the row */
    const Model *to;    /* of a relation */
    /* Django's options */
    bool null, blank, unique, db_index, primary_key;
    bool no_db_index;  /* db_index=False, for slugs and foreign keys */
    bool not_editable; /* editable=False */
    bool auto_now, auto_now_add;
    bool symmetrical;   /* ManyToManyField to the own model */
    bool no_constraint; /* db_constraint=False */
    bool auto_created;  /* made by Clef: the implied id, the link to a parent */
    bool parent_link;   /* OneToOneField to the parent of a model that inherits */
    int max_length, max_digits, decimal_places;
    Boxed default_value;              /* DEFAULT(5); applied by NEW_ROW and CREATE */
    Value (*default_fn)(Context *cx); /* the same, computed */
    Boxed db_default;                 /* DEFAULT(5): the column's own, by the database */
    const Choice *choices;            /* CHOICES(...) */
    OnDelete on_delete;
    Boxed set_to; /* on_delete = SET_TO */
    Value (*set_to_fn)(Context *cx);
    const char *related_name, *related_query_name, *to_field;
    /* Of a relation: LIMIT_CHOICES_TO(Q(User, is_staff, EQ, true)): the rows that forms offer and full_clean takes. */
    const Pred *limit_choices_to;
    QuerySet *(*limit_choices_fn)(QuerySet *q); /* the same, computed: q with further filters */
    const Model *through;
    const char *const
        *through_fields; /* ORDER("group", "person"): of several relations of `through`, which lead here and there */
    const char *db_column, *db_table, *db_comment;
    const char *verbose_name, *help_text;
    const char *unique_for_date, *unique_for_month, *unique_for_year;
    const char *protocol, *upload_to, *path; /* GenericIPAddressField; FileField; FilePathField */
    const char *db_collation;                /* of a text */
    const char *const *key_names;            /* CompositePrimaryKey */
    const struct Field *const *key_parts;    /* the same, by apps_populate; ends at NULL */
    const ErrorMessage *error_messages;      /* ERROR_MESSAGES(...) of clef/validators */
    const Validator *validators;             /* VALIDATORS(...) of clef/validators */
    const char *type_field, *id_field; /* of generic relations: the fields that say which model, and which row of it */
    bool for_proxies;                  /* for_concrete_model=False: a proxy counts as a model of its own */
    const Expr *expression;            /* of a GeneratedField: what the database computes the column from */
    bool db_persist;                   /* GeneratedField: stored in the row, not computed when it is read */
    /* Of the fields of migrations, which name models as "blog.Post" (in a model's table: NULL). */
    const char *to_label, *through_label;
} Field;

/* --- boxing of constants; at file scope too, so nothing is called */

#define CLEF_BOX_FN(name) CLEF_API(Value, box_##name, Arena *a, const void *at)
CLEF_BOX_FN(bool);
CLEF_BOX_FN(int16);
CLEF_BOX_FN(int32);
CLEF_BOX_FN(uint32);
CLEF_BOX_FN(int64);
CLEF_BOX_FN(uint64);
CLEF_BOX_FN(double);
CLEF_BOX_FN(c);
CLEF_BOX_FN(str);
CLEF_BOX_FN(decimal);
CLEF_BOX_FN(date);
CLEF_BOX_FN(time);
CLEF_BOX_FN(naive);
CLEF_BOX_FN(datetime);
CLEF_BOX_FN(duration);
CLEF_BOX_FN(uuid);
CLEF_BOX_FN(opt_int);
CLEF_BOX_FN(opt_bool);
CLEF_BOX_FN(opt_double);
CLEF_BOX_FN(opt_decimal);
CLEF_BOX_FN(opt_date);
CLEF_BOX_FN(opt_time);
CLEF_BOX_FN(opt_datetime);
CLEF_BOX_FN(opt_duration);
CLEF_BOX_FN(opt_uuid);
CLEF_BOX_FN(list);
CLEF_BOX_FN(value);
CLEF_BOX_FN(json); /* these read a C string */
CLEF_BOX_FN(decimal_text);
CLEF_BOX_FN(date_text);
CLEF_BOX_FN(time_text);
CLEF_BOX_FN(datetime_text);
CLEF_BOX_FN(duration_text);
CLEF_BOX_FN(uuid_text);
CLEF_BOX_FN(row); /* a pointer to a row of a model: an object of the class row_class */
CLEF_BOX_FN(queryset);
CLEF_BOX_FN(expr); /* an expression of expr.h; one that stands in no queryset yet */
CLEF_DATA(const ValueClass, row_class);
CLEF_DATA(const ValueClass, queryset_class);
CLEF_DATA(const ValueClass, expr_class);

/* clang-format off */
#define CLEF_BOX_OF(v) \
    _Generic((v), bool: box_bool, short: box_int16, int: box_int32, unsigned: box_uint32, long: box_int64, \
        long long: box_int64, unsigned long: box_uint64, unsigned long long: box_uint64, double: box_double, \
        char *: box_c, const char *: box_c, Str: box_str, Decimal: box_decimal, Date: box_date, Time: box_time, \
        NaiveDateTime: box_naive, DateTime: box_datetime, Duration: box_duration, Uuid: box_uuid, \
        OptInt: box_opt_int, OptBool: box_opt_bool, OptDouble: box_opt_double, OptDecimal: box_opt_decimal, \
        OptDate: box_opt_date, OptTime: box_opt_time, OptDateTime: box_opt_datetime, \
        OptDuration: box_opt_duration, OptUuid: box_opt_uuid, List *: box_list, Value: box_value, \
        QuerySet *: box_queryset, const Expr *: box_expr, default: box_row)
/* clang-format on */
/* The address of a copy of v, whose type is kept; a constant where v is one. */
#define CLEF_AT(v) ((__typeof__((void)0, (v))[1]){ (v) })
#define CLEF_BOXED(v)              \
    {                              \
        CLEF_BOX_OF(v), CLEF_AT(v) \
    }
#define DEFAULT(v) CLEF_BOXED(v)
/*
 * The same of a text, for values that C has no constant for: DEFAULT_DECIMAL("1.50"), DEFAULT_DATE("2024-01-31"),
 * DEFAULT_TIME("10:30:00"), DEFAULT_DATETIME("2024-01-31 10:30:00") (UTC), DEFAULT_DURATION("1 02:30:00"), DEFAULT_UUID,
 * DEFAULT_JSON("[1, 2]"). A text that cannot be read is null.
 */
#define CLEF_BOXED_TEXT(fn, text)         \
    {                                     \
        fn, CLEF_AT((const char *)(text)) \
    }
#define DEFAULT_DECIMAL(text)  CLEF_BOXED_TEXT(box_decimal_text, text)
#define DEFAULT_DATE(text)     CLEF_BOXED_TEXT(box_date_text, text)
#define DEFAULT_TIME(text)     CLEF_BOXED_TEXT(box_time_text, text)
#define DEFAULT_DATETIME(text) CLEF_BOXED_TEXT(box_datetime_text, text)
#define DEFAULT_DURATION(text) CLEF_BOXED_TEXT(box_duration_text, text)
#define DEFAULT_UUID(text)     CLEF_BOXED_TEXT(box_uuid_text, text)
#define DEFAULT_JSON(text)     CLEF_BOXED_TEXT(box_json, text)
#define CHOICE(v, text)                           \
    {                                             \
        .value = CLEF_BOXED(v), .display = (text) \
    }
#define CHOICE_GROUP(text, ...)                          \
    {                                                    \
        .display = (text), .group = CHOICES(__VA_ARGS__) \
    }
#define CHOICES(...) ((const Choice[]){ __VA_ARGS__, { .display = NULL } })

/* --- the compiler's checks: integer constant expressions of value 0 that explain themselves when they fail */

#define CLEF_FAIL_UNLESS(condition, message) \
    (0 * sizeof(struct {                     \
         _Static_assert(condition, message); \
         char c;                             \
     }))
#define CLEF_IS_A(T, m, C)    __builtin_types_compatible_p(__typeof__(((T *)0)->m), C)
#define CLEF_IS_STR(T, m)     CLEF_IS_A(T, m, Str)
#define CLEF_IS_INTEGER(T, m) (CLEF_IS_A(T, m, int64_t) || CLEF_IS_A(T, m, int32_t) || CLEF_IS_A(T, m, int16_t))
#define CLEF_IS_KEY(T, m)     (CLEF_IS_A(T, m, int64_t) || CLEF_IS_A(T, m, Str) || CLEF_IS_A(T, m, Uuid))
/* clang-format off */
#define CLEF_MEMBER(T, m) \
    _Generic(((T *)0)->m, Str: MEMBER_STR, bool: MEMBER_BOOL, int16_t: MEMBER_INT16, int32_t: MEMBER_INT32, \
        int64_t: MEMBER_INT64, double: MEMBER_DOUBLE, Decimal: MEMBER_DECIMAL, Date: MEMBER_DATE, Time: MEMBER_TIME, \
        DateTime: MEMBER_DATETIME, Duration: MEMBER_DURATION, Uuid: MEMBER_UUID, Value: MEMBER_VALUE, OptInt: MEMBER_OPT_INT, \
        OptBool: MEMBER_OPT_BOOL, OptDouble: MEMBER_OPT_DOUBLE, OptDecimal: MEMBER_OPT_DECIMAL, \
        OptDate: MEMBER_OPT_DATE, OptTime: MEMBER_OPT_TIME, OptDateTime: MEMBER_OPT_DATETIME, \
        OptDuration: MEMBER_OPT_DURATION, OptUuid: MEMBER_OPT_UUID, default: MEMBER_NONE)
/* clang-format on */

/* How FIELDS turns each kind of tuple into an entry: (how, member, C type, kind, options...). */
#define CLEF_COLUMN(T, m, C, k, ...)                                                                                   \
    {                                                                                                                  \
        .name = #m, .kind = (k), .member = CLEF_MEMBER(T, m), .size = sizeof(((T *)0)->m),                             \
        .offset = offsetof(T, m) + CLEF_FAIL_UNLESS(CLEF_IS_A(T, m, C), #T "." #m " must be declared as: " #C " " #m), \
        __VA_ARGS__                                                                                                    \
    }
#define CLEF_INT_COLUMN(T, m, C, k, ...)                                                                               \
    {                                                                                                                  \
        .name = #m, .kind = (k), .member = CLEF_MEMBER(T, m), .size = sizeof(((T *)0)->m),                             \
        .offset =                                                                                                      \
            offsetof(T, m) + CLEF_FAIL_UNLESS(CLEF_IS_INTEGER(T, m),                                                   \
                                              #T "." #m " must be declared as: int64_t " #m " (or int32_t, int16_t)"), \
        __VA_ARGS__                                                                                                    \
    }
#define CLEF_RELATION(T, m, To, k, ...)                                                                               \
    {                                                                                                                 \
        .name = #m, .kind = (k), .to = &To##_model,                                                                   \
        .to_offset = offsetof(T, m) +                                                                                 \
                     CLEF_FAIL_UNLESS(CLEF_IS_A(T, m, To *), #T "." #m " must be declared as: REL(" #To ", " #m ")"), \
        .member = CLEF_MEMBER(T, m##_id), .size = sizeof(((T *)0)->m##_id),                                           \
        .offset = offsetof(T, m##_id) + CLEF_FAIL_UNLESS(CLEF_IS_KEY(T, m##_id), "the key '" #m "_id' of " #T         \
                                                                                 " must be int64_t, Str or Uuid"),    \
        __VA_ARGS__                                                                                                   \
    }
#define CLEF_COMPOSITE(T, m, C, k, ...)                                                 \
    {                                                                                   \
        .name = #m, .kind = (k), .primary_key = true, .not_editable = true, __VA_ARGS__ \
    }
#define CLEF_BASE(T, m, Of, k, ...)                                                                                 \
    {                                                                                                               \
        .name = #m, .kind = (k), .to = &Of##_model, .size = sizeof(((T *)0)->m), .on_delete = CASCADE,              \
        .offset = offsetof(T, m) +                                                                                  \
                  CLEF_FAIL_UNLESS(CLEF_IS_A(T, m, Of), #T "." #m " must be declared as: BASE(" #Of ", " #m ")") +  \
                  CLEF_FAIL_UNLESS(offsetof(T, m) == 0, "the struct " #T " must begin with BASE(" #Of ", " #m ")"), \
        __VA_ARGS__                                                                                                 \
    }
#define CLEF_EMBED(T, m, Of, k, ...)                                                                               \
    {                                                                                                              \
        .name = #m, .kind = (k), .to = &Of##_model, .size = sizeof(((T *)0)->m),                                   \
        .offset =                                                                                                  \
            offsetof(T, m) + CLEF_FAIL_UNLESS(CLEF_IS_A(T, m, Of), #T "." #m " must be declared as: " #Of " " #m), \
        __VA_ARGS__                                                                                                \
    }
#define CLEF_BETWEEN(T, m, To, k, ...)                          \
    {                                                           \
        .name = #m, .kind = (k), .to = &To##_model, __VA_ARGS__ \
    }

/* C and k are the names of the two fields. */
#define CLEF_GENERIC(T, m, type_, id_, ...)                                                                            \
    {                                                                                                                  \
        .name = #m, .kind = FIELD_GENERIC_KEY, .type_field = #type_, .id_field = #id_,                                 \
        .size = 0 * sizeof(((T *)0)->type_##_id) + 0 * sizeof(((T *)0)->id_),                                          \
        .to_offset = offsetof(T, m) +                                                                                  \
                     CLEF_FAIL_UNLESS(CLEF_IS_A(T, m, void *), #T "." #m " must be declared as: GENERIC_REL(" #m ")"), \
        __VA_ARGS__                                                                                                    \
    }

#define CLEF_WITH(first, ...) first __VA_OPT__(, ) __VA_ARGS__

#define AutoField(m, ...)                 (CLEF_COLUMN, m, int64_t, FIELD_AUTO, __VA_ARGS__)
#define BigAutoField(m, ...)              (CLEF_COLUMN, m, int64_t, FIELD_BIG_AUTO, __VA_ARGS__)
#define SmallAutoField(m, ...)            (CLEF_COLUMN, m, int64_t, FIELD_SMALL_AUTO, __VA_ARGS__)
#define CharField(m, ...)                 (CLEF_COLUMN, m, Str, FIELD_CHAR, __VA_ARGS__)
#define SlugField(m, ...)                 (CLEF_COLUMN, m, Str, FIELD_SLUG, __VA_ARGS__)
#define TextField(m, ...)                 (CLEF_COLUMN, m, Str, FIELD_TEXT, __VA_ARGS__)
#define EmailField(m, ...)                (CLEF_COLUMN, m, Str, FIELD_EMAIL, __VA_ARGS__)
#define URLField(m, ...)                  (CLEF_COLUMN, m, Str, FIELD_URL, __VA_ARGS__)
#define GenericIPAddressField(m, ...)     (CLEF_COLUMN, m, Str, FIELD_GENERIC_IP, __VA_ARGS__)
#define BinaryField(m, ...)               (CLEF_COLUMN, m, Str, FIELD_BINARY, __VA_ARGS__)
#define IntegerField(m, ...)              (CLEF_INT_COLUMN, m, int64_t, FIELD_INTEGER, __VA_ARGS__)
#define BigIntegerField(m, ...)           (CLEF_COLUMN, m, int64_t, FIELD_BIG_INTEGER, __VA_ARGS__)
#define SmallIntegerField(m, ...)         (CLEF_INT_COLUMN, m, int64_t, FIELD_SMALL_INTEGER, __VA_ARGS__)
#define PositiveIntegerField(m, ...)      (CLEF_INT_COLUMN, m, int64_t, FIELD_POSITIVE_INTEGER, __VA_ARGS__)
#define PositiveBigIntegerField(m, ...)   (CLEF_COLUMN, m, int64_t, FIELD_POSITIVE_BIG_INTEGER, __VA_ARGS__)
#define PositiveSmallIntegerField(m, ...) (CLEF_INT_COLUMN, m, int64_t, FIELD_POSITIVE_SMALL_INTEGER, __VA_ARGS__)
#define BooleanField(m, ...)              (CLEF_COLUMN, m, bool, FIELD_BOOLEAN, __VA_ARGS__)
#define FloatField(m, ...)                (CLEF_COLUMN, m, double, FIELD_FLOAT, __VA_ARGS__)
#define DecimalField(m, ...)              (CLEF_COLUMN, m, Decimal, FIELD_DECIMAL, __VA_ARGS__)
#define DateField(m, ...)                 (CLEF_COLUMN, m, Date, FIELD_DATE, __VA_ARGS__)
#define TimeField(m, ...)                 (CLEF_COLUMN, m, Time, FIELD_TIME, __VA_ARGS__)
#define DateTimeField(m, ...)             (CLEF_COLUMN, m, DateTime, FIELD_DATETIME, __VA_ARGS__)
#define DurationField(m, ...)             (CLEF_COLUMN, m, Duration, FIELD_DURATION, __VA_ARGS__)
#define UUIDField(m, ...)                 (CLEF_COLUMN, m, Uuid, FIELD_UUID, __VA_ARGS__)
#define JSONField(m, ...)                 (CLEF_COLUMN, m, Value, FIELD_JSON, __VA_ARGS__)
#define FileField(m, ...)                 (CLEF_COLUMN, m, Str, FIELD_FILE, __VA_ARGS__)
#define ImageField(m, ...)                (CLEF_COLUMN, m, Str, FIELD_IMAGE, __VA_ARGS__)
#define FilePathField(m, ...)             (CLEF_COLUMN, m, Str, FIELD_FILE_PATH, __VA_ARGS__)
#define ForeignKey(m, To, ...)            (CLEF_RELATION, m, To, FIELD_FOREIGN_KEY, __VA_ARGS__)
#define OneToOneField(m, To, ...)         (CLEF_RELATION, m, To, FIELD_ONE_TO_ONE, __VA_ARGS__)
#define ManyToManyField(m, To, ...)       (CLEF_BETWEEN, m, To, FIELD_MANY_TO_MANY, __VA_ARGS__)
/*
 * A column that the database computes: GeneratedField(CharField(slug, .max_length = 50), .expression = Lower("title"),
 * .db_persist = true). The field within is Django's output_field; it takes the options too. Clef never writes it.
 */
#define GeneratedField(field, ...)                   CLEF_GENERATED((__VA_ARGS__), CLEF_UNPAREN field)
#define CLEF_GENERATED(...)                          CLEF_GENERATED_2(__VA_ARGS__)
#define CLEF_GENERATED_2(options, how, m, C, k, ...) (how, m, C, k, CLEF_UNPAREN options, __VA_ARGS__)
/*
 * A primary key of several columns, which FIELDS has, too: CompositePrimaryKey("aisle", "number"), with
 * MODEL_HEAD_NO_ID.
 */
#define CompositePrimaryKey(...) \
    (CLEF_COMPOSITE, pk, , FIELD_COMPOSITE, .key_names = (const char *const[]){ __VA_ARGS__, NULL })
#define Parent(m, Of, ...)   (CLEF_BASE, m, Of, FIELD_PARENT, __VA_ARGS__)
#define Abstract(m, Of, ...) (CLEF_EMBED, m, Of, FIELD_ABSTRACT, __VA_ARGS__)
/* clang-format off */
#define OptIntegerField(m, ...)              (CLEF_COLUMN, m, OptInt, FIELD_INTEGER, CLEF_WITH(.null = true, __VA_ARGS__))
#define OptBigIntegerField(m, ...)           (CLEF_COLUMN, m, OptInt, FIELD_BIG_INTEGER, CLEF_WITH(.null = true, __VA_ARGS__))
#define OptSmallIntegerField(m, ...)         (CLEF_COLUMN, m, OptInt, FIELD_SMALL_INTEGER, CLEF_WITH(.null = true, __VA_ARGS__))
#define OptPositiveIntegerField(m, ...)      (CLEF_COLUMN, m, OptInt, FIELD_POSITIVE_INTEGER, CLEF_WITH(.null = true, __VA_ARGS__))
#define OptPositiveBigIntegerField(m, ...)   (CLEF_COLUMN, m, OptInt, FIELD_POSITIVE_BIG_INTEGER, CLEF_WITH(.null = true, __VA_ARGS__))
#define OptPositiveSmallIntegerField(m, ...) (CLEF_COLUMN, m, OptInt, FIELD_POSITIVE_SMALL_INTEGER, CLEF_WITH(.null = true, __VA_ARGS__))
#define OptBooleanField(m, ...)              (CLEF_COLUMN, m, OptBool, FIELD_BOOLEAN, CLEF_WITH(.null = true, __VA_ARGS__))
#define OptFloatField(m, ...)                (CLEF_COLUMN, m, OptDouble, FIELD_FLOAT, CLEF_WITH(.null = true, __VA_ARGS__))
#define OptDecimalField(m, ...)              (CLEF_COLUMN, m, OptDecimal, FIELD_DECIMAL, CLEF_WITH(.null = true, __VA_ARGS__))
#define OptDateField(m, ...)                 (CLEF_COLUMN, m, OptDate, FIELD_DATE, CLEF_WITH(.null = true, __VA_ARGS__))
#define OptTimeField(m, ...)                 (CLEF_COLUMN, m, OptTime, FIELD_TIME, CLEF_WITH(.null = true, __VA_ARGS__))
#define OptDateTimeField(m, ...)             (CLEF_COLUMN, m, OptDateTime, FIELD_DATETIME, CLEF_WITH(.null = true, __VA_ARGS__))
#define OptDurationField(m, ...)             (CLEF_COLUMN, m, OptDuration, FIELD_DURATION, CLEF_WITH(.null = true, __VA_ARGS__))
#define OptUUIDField(m, ...)                 (CLEF_COLUMN, m, OptUuid, FIELD_UUID, CLEF_WITH(.null = true, __VA_ARGS__))
/* clang-format on */

/* Unpacks a tuple; what is no tuple is no kind of field. */
#define CLEF_FIELD(T, field)           CLEF_FIELD_PICK(CLEF_IS_TUPLE(field), T, field)
#define CLEF_IS_TUPLE(x)               CLEF_TUPLE_SECOND(CLEF_TUPLE_PROBE x, 0, )
#define CLEF_TUPLE_PROBE(...)          ~, 1
#define CLEF_TUPLE_SECOND(...)         CLEF_TUPLE_SECOND_(__VA_ARGS__)
#define CLEF_TUPLE_SECOND_(a, b, ...)  b
#define CLEF_FIELD_PICK(is, T, field)  CLEF_FIELD_PICK_(is, T, field)
#define CLEF_FIELD_PICK_(is, T, field) CLEF_FIELD_##is(T, field)
#define CLEF_FIELD_0(T, field)                                                                       \
    {                                                                                                \
        .offset = CLEF_FAIL_UNLESS(0, "FIELDS(" #T ", ...): there is no such kind of field: " #field \
                                      " (see clef/orm/field.h)")                                     \
    }
#define CLEF_FIELD_1(T, field)             CLEF_FIELD_2(T, CLEF_UNPAREN field)
#define CLEF_FIELD_2(...)                  CLEF_FIELD_3(__VA_ARGS__)
#define CLEF_FIELD_3(T, how, m, C, k, ...) how(T, m, C, k, __VA_ARGS__)
#define CLEF_FIELD_COUNTED(T, field)       1

/* "CharField", "ForeignKey", ...: Django's class of the kind. */
CLEF_API(const char *, field_class, const Field *f) CLEF_NONNULL;
static inline bool field_is_relation(const Field *f)
{
    return f->kind == FIELD_FOREIGN_KEY || f->kind == FIELD_ONE_TO_ONE;
}
/* A relation whose row the struct points to; the row behind the link to a parent is the struct itself. */
static inline bool field_has_pointer(const Field *f) { return field_is_relation(f) && !f->parent_link; }
static inline bool field_is_generated(const Field *f) { return f->expression != NULL; }
static inline bool field_is_auto(const Field *f) { return f->kind >= FIELD_AUTO && f->kind <= FIELD_SMALL_AUTO; }
/* Django's max_length of a text kind that has a default one (EmailField: 254); else the field's own. */
CLEF_API(int, field_max_length, const Field *f);

#endif
