/*
 * query.h: conditions. Q names a member of the model's struct; the compiler checks that it exists and that the value has
 * its type. `->` goes through relations and becomes a join:
 *
 *     Q(Post, published, EQ, true)
 *     Q(Post, author->email, IENDSWITH, "@example.org")
 *     Q(Post, author, EQ, user)                 a row of the related model
 *     Q(Post, rating, ISNULL, true)
 *     Q(Post, id, IN, VALUES(1, 2, 3))          or a List *, or a QuerySet * (its primary keys)
 *     Q(Post, views, RANGE, VALUES(10, 20))
 *
 * LOOKUP takes Django's spelling, and is checked when the queryset is made: LOOKUP("author__email__iendswith", v).
 * Conditions are combined by Q_AND, Q_OR, Q_XOR (an odd number of them holds) and Q_NOT; COND(expression) is one that
 * the database computes. All of these are initialisers of a Pred (`Pred hot = Q(Post, views, GT, 99);`), at file scope
 * too, where the values must be plain constants ("text", 3, true).
 */
#ifndef CLEF_ORM_QUERY_H
#define CLEF_ORM_QUERY_H

#include <clef/orm/field.h>

typedef enum Op {
    OP_EQ, /* Django's exact */
    OP_IEXACT,
    OP_CONTAINS,
    OP_ICONTAINS,
    OP_STARTSWITH,
    OP_ISTARTSWITH,
    OP_ENDSWITH,
    OP_IENDSWITH,
    OP_GT,
    OP_GTE,
    OP_LT,
    OP_LTE,
    OP_IN,
    OP_ISNULL,
    OP_RANGE,
    OP_REGEX, /* by Clef's own PCRE2 on SQLite, by the database elsewhere */
    OP_IREGEX,
    OP_HAS_KEY, /* the JSON lookups; OP_CONTAINS is one too */
    OP_HAS_KEYS,
    OP_HAS_ANY_KEYS,
    OP_CONTAINED_BY,
    OP_COUNT
} Op;

typedef enum Connector { CONNECT_NONE, CONNECT_AND, CONNECT_OR, CONNECT_NOT, CONNECT_XOR } Connector;

typedef struct Pred Pred;
struct Pred {
    const char *path; /* "author->email"; NULL: see lookup */
    const char *
        lookup; /* "author__email__iendswith"; NULL: a combination; "": the value is an expression that is true or false */
    Op op;      /* of path */
    Boxed value;
    Connector connector;
    const Pred *children;
    size_t nchildren;
};

/* Several values for IN and RANGE. */
typedef struct Values {
    const Boxed *p;
    size_t n;
} Values;
CLEF_BOX_FN(values);
#define VALUES(...)                                                          \
    ((Values){ (const Boxed[]){ CLEF_EACH(CLEF_VALUES_ONE, , __VA_ARGS__) }, \
               sizeof((const char[]){ CLEF_EACH(CLEF_ONE, , __VA_ARGS__) }) })
#define CLEF_VALUES_ONE(unused, v) CLEF_BOXED(v)
#define CLEF_ONE(unused, v)        1

/* clang-format off */
#define CLEF_V_TEXT(v)    _Generic((v), char *: 1, const char *: 1, Str: 1, Value: 1, const Expr *: 1, default: 0)
#define CLEF_V_BOOL(v)    _Generic((v), bool: 1, int: 1, Value: 1, const Expr *: 1, default: 0)
#define CLEF_V_INTEGER(v) _Generic((v), bool: 0, short: 1, int: 1, long: 1, long long: 1, unsigned: 1, unsigned long: 1, \
                                   unsigned long long: 1, Value: 1, const Expr *: 1, default: 0)
#define CLEF_V_NUMBER(v)  (CLEF_V_INTEGER(v) || _Generic((v), double: 1, float: 1, default: 0))
#define CLEF_V_DECIMAL(v) (CLEF_V_INTEGER(v) || _Generic((v), Decimal: 1, const Expr *: 1, default: 0))
#define CLEF_V_VALUE(v)   _Generic((v), Value: 1, const Expr *: 1, default: 0)
#define CLEF_V_A(v, C)    _Generic((v), C: 1, Value: 1, const Expr *: 1, default: 0)
#define CLEF_V_LIST(v)    _Generic((v), Values: 1, List *: 1, QuerySet *: 1, Value: 1, default: 0)
#define CLEF_P_TEXT(p)    _Generic((p), Str: 1, default: 0)
#define CLEF_P_BOOL(p)    _Generic((p), bool: 1, OptBool: 1, default: 0)
#define CLEF_P_INTEGER(p) _Generic((p), int16_t: 1, int32_t: 1, int64_t: 1, OptInt: 1, default: 0)
#define CLEF_P_NUMBER(p)  _Generic((p), double: 1, OptDouble: 1, default: 0)
#define CLEF_P_DECIMAL(p) _Generic((p), Decimal: 1, OptDecimal: 1, default: 0)
#define CLEF_P_A(p, C)    _Generic((p), C: 1, Opt##C: 1, default: 0)
#define CLEF_P_PLAIN(p)   _Generic((p), Str: 1, bool: 1, OptBool: 1, int16_t: 1, int32_t: 1, int64_t: 1, OptInt: 1, double: 1, \
                                   OptDouble: 1, Decimal: 1, OptDecimal: 1, Date: 1, OptDate: 1, Time: 1, OptTime: 1, \
                                   DateTime: 1, OptDateTime: 1, Duration: 1, OptDuration: 1, Uuid: 1, OptUuid: 1, default: 0)
#define CLEF_OP_TEXT(op)  (((op) >= OP_IEXACT && (op) <= OP_IENDSWITH) || (op) == OP_REGEX || (op) == OP_IREGEX)
#define CLEF_OP_ONE(op)   (!CLEF_OP_TEXT(op) && (op) != OP_IN && (op) != OP_ISNULL && (op) < OP_RANGE)

/* Named in an error only: an operand of such a type fits nothing, and its name is the message. */
#define CLEF_MESSAGE(name) extern const struct name clef_##name
CLEF_MESSAGE(ISNULL_takes_true_or_false);
CLEF_MESSAGE(IN_and_RANGE_take_VALUES_or_a_List_or_a_QuerySet);
CLEF_MESSAGE(this_lookup_searches_for_a_text__give_a_C_string_or_a_Str);
CLEF_MESSAGE(it_is_a_text__compare_it_with_a_C_string_or_a_Str);
CLEF_MESSAGE(it_is_a_bool__compare_it_with_true_or_false);
CLEF_MESSAGE(it_is_an_integer__compare_it_with_an_integer);
CLEF_MESSAGE(it_is_a_double__compare_it_with_a_number);
CLEF_MESSAGE(it_is_a_Decimal__compare_it_with_a_Decimal_or_an_integer);
CLEF_MESSAGE(it_is_a_Date__compare_it_with_a_Date);
CLEF_MESSAGE(it_is_a_Time__compare_it_with_a_Time);
CLEF_MESSAGE(it_is_a_DateTime__compare_it_with_a_DateTime);
CLEF_MESSAGE(it_is_a_Duration__compare_it_with_a_Duration);
CLEF_MESSAGE(it_is_a_Uuid__compare_it_with_a_Uuid);
CLEF_MESSAGE(it_is_a_relation__compare_it_with_a_row_of_the_related_model);
/*
 * Value 0, or an error that names the rule. (A _Static_assert would have to stand in a struct, where clang takes no v
 * that is made at run time.)
 */
#define CLEF_UNLESS(wrong, message) __builtin_choose_expr((wrong), message, 0)
#define CLEF_Q_CHECK(p, op, v) ( \
    CLEF_UNLESS((op) == OP_ISNULL && !CLEF_V_BOOL(v), clef_ISNULL_takes_true_or_false) + \
    CLEF_UNLESS(((op) == OP_IN || (op) == OP_RANGE) && !CLEF_V_LIST(v), clef_IN_and_RANGE_take_VALUES_or_a_List_or_a_QuerySet) + \
    CLEF_UNLESS(CLEF_OP_TEXT(op) && !CLEF_V_TEXT(v), clef_this_lookup_searches_for_a_text__give_a_C_string_or_a_Str) + \
    CLEF_UNLESS(CLEF_OP_ONE(op) && CLEF_P_TEXT(p) && !CLEF_V_TEXT(v), clef_it_is_a_text__compare_it_with_a_C_string_or_a_Str) + \
    CLEF_UNLESS(CLEF_OP_ONE(op) && CLEF_P_BOOL(p) && !CLEF_V_BOOL(v), clef_it_is_a_bool__compare_it_with_true_or_false) + \
    CLEF_UNLESS(CLEF_OP_ONE(op) && CLEF_P_INTEGER(p) && !CLEF_V_INTEGER(v), clef_it_is_an_integer__compare_it_with_an_integer) + \
    CLEF_UNLESS(CLEF_OP_ONE(op) && CLEF_P_NUMBER(p) && !CLEF_V_NUMBER(v), clef_it_is_a_double__compare_it_with_a_number) + \
    CLEF_UNLESS(CLEF_OP_ONE(op) && CLEF_P_DECIMAL(p) && !CLEF_V_DECIMAL(v), clef_it_is_a_Decimal__compare_it_with_a_Decimal_or_an_integer) + \
    CLEF_UNLESS(CLEF_OP_ONE(op) && CLEF_P_A(p, Date) && !CLEF_V_A(v, Date), clef_it_is_a_Date__compare_it_with_a_Date) + \
    CLEF_UNLESS(CLEF_OP_ONE(op) && CLEF_P_A(p, Time) && !CLEF_V_A(v, Time), clef_it_is_a_Time__compare_it_with_a_Time) + \
    CLEF_UNLESS(CLEF_OP_ONE(op) && CLEF_P_A(p, DateTime) && !CLEF_V_A(v, DateTime), clef_it_is_a_DateTime__compare_it_with_a_DateTime) + \
    CLEF_UNLESS(CLEF_OP_ONE(op) && CLEF_P_A(p, Duration) && !CLEF_V_A(v, Duration), clef_it_is_a_Duration__compare_it_with_a_Duration) + \
    CLEF_UNLESS(CLEF_OP_ONE(op) && CLEF_P_A(p, Uuid) && !CLEF_V_A(v, Uuid), clef_it_is_a_Uuid__compare_it_with_a_Uuid) + \
    CLEF_UNLESS(CLEF_OP_ONE(op) && !CLEF_P_PLAIN(p) && !CLEF_V_VALUE(v) && \
                    !__builtin_types_compatible_p(__typeof__(v), __typeof__(p)), clef_it_is_a_relation__compare_it_with_a_row_of_the_related_model))
#define CLEF_Q_BOX(v) _Generic((v), Values: box_values, default: CLEF_BOX_OF(v))
/* clang-format on */

#define Q(T, path_, op_, v)                                                                           \
    {                                                                                                 \
        .path = #path_, .op = (Op)(OP_##op_ + CLEF_Q_CHECK(((T *)0)->path_, OP_##op_, v)), .value = { \
            CLEF_Q_BOX(v),                                                                            \
            CLEF_AT(v)                                                                                \
        }                                                                                             \
    }
#define LOOKUP(text, v)                                          \
    {                                                            \
        .lookup = (text), .value = { CLEF_Q_BOX(v), CLEF_AT(v) } \
    }
/* With a value made of a text: LOOKUP_BOXED("day__gt", DEFAULT_DATE("2024-01-31")). */
#define LOOKUP_BOXED(text, ...)                \
    {                                          \
        .lookup = (text), .value = __VA_ARGS__ \
    }
#define CLEF_Q_JOIN(how, ...)                                             \
    {                                                                     \
        .connector = (how), .children = (const Pred[]){ __VA_ARGS__ },    \
        .nchildren = sizeof((const Pred[]){ __VA_ARGS__ }) / sizeof(Pred) \
    }
#define Q_AND(...) CLEF_Q_JOIN(CONNECT_AND, __VA_ARGS__)
#define Q_OR(...)  CLEF_Q_JOIN(CONNECT_OR, __VA_ARGS__)
#define Q_NOT(...) CLEF_Q_JOIN(CONNECT_NOT, __VA_ARGS__)
#define Q_XOR(...) CLEF_Q_JOIN(CONNECT_XOR, __VA_ARGS__)
/* COND(Exists(q)), COND(Case(...)): what the database computes is the condition. */
#define COND(e)                                         \
    {                                                   \
        .lookup = "", .value = { box_expr, CLEF_AT(e) } \
    }
/* A list of conditions, ended. */
#define CLEF_PREDS(...) ((const Pred[]){ __VA_ARGS__ __VA_OPT__(, ){ .path = NULL } })
/*
 * Of a ForeignKey, a OneToOneField, a ManyToManyField: ForeignKey(judge, User, .on_delete = CASCADE,
 * LIMIT_CHOICES_TO(...)).
 */
#define LIMIT_CHOICES_TO(...) .limit_choices_to = CLEF_PREDS(__VA_ARGS__)

/* A checked list of members, for serializers, the admin, filters. Ends with a path of NULL. */
typedef struct Ref {
    const char *path; /* "author->email" */
    uint16_t size;
} Ref;
#define CLEF_REF(T, path_)                              \
    {                                                   \
        .path = #path_, .size = sizeof(((T *)0)->path_) \
    }
#define REFS(T, ...) ((const Ref[]){ CLEF_EACH(CLEF_REF, T, __VA_ARGS__){ .path = NULL } })

#endif
