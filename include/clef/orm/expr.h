/*
 * expr.h: expressions, which the database computes: Django's F, functions, aggregates, conditions and subqueries, under
 * Django's names.
 *
 *     UPDATE(OBJECTS(r, Post), Q(Post, id, EQ, 7), SET("views", ADD(F("views"), 1)));
 *     QuerySet *q = ANNOTATE(OBJECTS(r, Author), AS("n", Count("posts")), AS("last", Max("posts__created")));
 *     q = ORDER_BY(FILTER(q, LOOKUP("n__gte", 3)), "-n");
 *     EACH (Author, a, q)
 *         ... row_annotation(a, "n") ...
 *     Map *sum = AGGREGATE(OBJECTS(r, Post), AS("views", Sum("views")), AS("posts", Count("pk")));
 *
 * An expression is a pointer to constants that lives as long as the block it is written in; querysets copy what they keep. A
 * text that stands where an expression is asked for is the name of a field, as in Django (Lower("title")); VAL("text") is the
 * text itself. In arithmetic and in the results of When a text is a text. Anything else is a value: numbers, dates, Str, rows.
 *
 * Raised when a queryset takes the expression: 500 "field_error" for a name that does not exist and for types that do not mix.
 * https://docs.djangoproject.com/en/6.0/ref/models/expressions/
 */
#ifndef CLEF_ORM_EXPR_H
#define CLEF_ORM_EXPR_H

#include <clef/orm/query.h>

typedef enum ExprKind {
    EXPR_FIELD, /* name */
    EXPR_VALUE, /* args[0] */
    EXPR_CALL,  /* a function or an operator of `name` */
    EXPR_AGGREGATE,
    EXPR_CASE, /* args: a When each; then `otherwise` */
    EXPR_WHEN, /* where, args[0] */
    EXPR_CONDITION,
    EXPR_SUBQUERY,
    EXPR_EXISTS,
    EXPR_OUTER, /* name: of the query around */
    EXPR_ORDER  /* args[0], with its direction */
} ExprKind;

struct Expr {
    ExprKind kind;
    const char *name;
    const Boxed *args;
    size_t n;
    const Pred *where;                        /* aggregates: filter=; When: its condition */
    bool distinct;                            /* aggregates */
    Boxed otherwise;                          /* aggregates: default=; Case: default= */
    FieldKind output;                         /* output_field, where it cannot be told: FIELD_NONE */
    QuerySet *query;                          /* Subquery, Exists */
    bool descending, nulls_first, nulls_last; /* ASC, DESC */
    const char *detail;                       /* Collate: the collation */
};

/* A name and what it stands for: ANNOTATE's, AGGREGATE's and UPDATE's argument. */
typedef struct NamedExpr {
    const char *name;
    Boxed value;
} NamedExpr;
#define AS(name_, e)                            \
    {                                           \
        .name = (name_), .value = CLEF_BOXED(e) \
    }
#define SET(name_, v)   AS(name_, v)
#define CLEF_NAMED(...) ((const NamedExpr[]){ __VA_ARGS__ __VA_OPT__(, ){ .name = NULL } })

/* clang-format off */
#define CLEF_EXPR(...)      ((const Expr *)&(const Expr){ __VA_ARGS__ })
#define CLEF_ARGS(...)      .args = (const Boxed[]){ CLEF_EACH(CLEF_VALUES_ONE, , __VA_ARGS__) }, \
                            .n = sizeof((const char[]){ CLEF_EACH(CLEF_ONE, , __VA_ARGS__) })
#define CLEF_CALL(fn, ...)  CLEF_EXPR(.kind = EXPR_CALL, .name = (fn), CLEF_ARGS(__VA_ARGS__))
#define CLEF_SUM_UP(fn, e, ...) CLEF_EXPR(.kind = EXPR_AGGREGATE, .name = (fn), CLEF_ARGS(e), __VA_ARGS__)

#define F(name_)            CLEF_EXPR(.kind = EXPR_FIELD, .name = (name_))
#define VAL(v)              CLEF_EXPR(.kind = EXPR_VALUE, CLEF_ARGS(v))
#define ADD(a, b)           CLEF_CALL("+", a, b)
#define SUB(a, b)           CLEF_CALL("-", a, b)
#define MUL(a, b)           CLEF_CALL("*", a, b)
#define DIV(a, b)           CLEF_CALL("/", a, b)
#define MOD(a, b)           CLEF_CALL("%", a, b)
#define POW(a, b)           CLEF_CALL("**", a, b)

/* Aggregates: Count("posts", .distinct = true), Sum("views", .where = WHERE(Q(...)), .otherwise = DEFAULT(0)). */
#define Count(e, ...)       CLEF_SUM_UP("Count", e, __VA_ARGS__)
#define Sum(e, ...)         CLEF_SUM_UP("Sum", e, __VA_ARGS__)
#define Avg(e, ...)         CLEF_SUM_UP("Avg", e, __VA_ARGS__)
#define Max(e, ...)         CLEF_SUM_UP("Max", e, __VA_ARGS__)
#define Min(e, ...)         CLEF_SUM_UP("Min", e, __VA_ARGS__)
#define WHERE(...)          CLEF_PREDS(__VA_ARGS__)

#define Lower(e)            CLEF_CALL("Lower", e)
#define Upper(e)            CLEF_CALL("Upper", e)
#define Length(e)           CLEF_CALL("Length", e)
#define Trim(e)             CLEF_CALL("Trim", e)
#define LTrim(e)            CLEF_CALL("LTrim", e)
#define RTrim(e)            CLEF_CALL("RTrim", e)
#define Abs(e)              CLEF_CALL("Abs", e)
#define Round(e)            CLEF_CALL("Round", e)
#define Concat(...)         CLEF_CALL("Concat", __VA_ARGS__)
#define Coalesce(...)       CLEF_CALL("Coalesce", __VA_ARGS__)
#define Greatest(...)       CLEF_CALL("Greatest", __VA_ARGS__)
#define Least(...)          CLEF_CALL("Least", __VA_ARGS__)
#define NullIf(a, b)        CLEF_CALL("NullIf", a, b)
#define Substr(e, ...)      CLEF_CALL("Substr", e, __VA_ARGS__)
#define Replace(e, a, b)    CLEF_CALL("Replace", e, a, b)

#define Now()               CLEF_EXPR(.kind = EXPR_CALL, .name = "Now")
#define Collate(e, collation) CLEF_EXPR(.kind = EXPR_CALL, .name = "Collate", CLEF_ARGS(e), .detail = (collation))
#define Cast(e, kind_, ...) \
    CLEF_EXPR(.kind = EXPR_CALL, .name = "Cast", CLEF_ARGS(e), .output = (kind_), __VA_ARGS__)
/* Terms of an order: F("name").asc(), Lower("name").desc(nulls_last=True) are ASC("name"), DESC(Lower("name"), .nulls_last = true). */
#define ASC(e, ...)         CLEF_EXPR(.kind = EXPR_ORDER, CLEF_ARGS(e), __VA_ARGS__)
#define DESC(e, ...)        CLEF_EXPR(.kind = EXPR_ORDER, .descending = true, CLEF_ARGS(e), __VA_ARGS__)

/* Case(CASES(When(Q(Post, views, GT, 9), 1)), .otherwise = DEFAULT(0)): the first condition that holds decides. */
#define When(condition, then) \
    CLEF_EXPR(.kind = EXPR_WHEN, .where = CLEF_PREDS(condition), CLEF_ARGS(then))
#define Case(...)           CLEF_EXPR(.kind = EXPR_CASE, __VA_ARGS__)
#define CASES(...)          CLEF_ARGS(__VA_ARGS__)
#define Subquery(q)         CLEF_EXPR(.kind = EXPR_SUBQUERY, .query = (q))
#define Exists(q)           CLEF_EXPR(.kind = EXPR_EXISTS, .query = (q))
#define OuterRef(name_)     CLEF_EXPR(.kind = EXPR_OUTER, .name = (name_))
/* clang-format on */

#endif
