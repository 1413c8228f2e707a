/*
 * expr.h: expressions, which the database computes: Django's F, functions, aggregates, windows, conditions and subqueries,
 * under Django's names.
 *
 *     UPDATE(OBJECTS(r, Post), Q(Post, id, EQ, 7), SET("views", ADD(F("views"), 1)));
 *     QuerySet *q = ANNOTATE(OBJECTS(r, Author), AS("n", Count("posts")), AS("last", Max("posts__created")));
 *     q = ORDER_BY(FILTER(q, LOOKUP("n__gte", 3)), "-n", ASC(Lower("name"), .nulls_last = true));
 *     EACH (Author, a, q)
 *         ... row_annotation(a, "n") ...
 *     Map *sum = AGGREGATE(OBJECTS(r, Post), AS("views", Sum("views")), AS("posts", Count("pk")));
 *     q = ANNOTATE(OBJECTS(r, Post), AS("rank", Window(Rank(), .partition = BY("author"), .order = BY("-views"))));
 *
 * An expression is a pointer to constants that lives as long as the block it is written in; querysets copy what they
 * keep. A text that stands where an expression is asked for is the name of a field, as in Django (Lower("title"));
 * VAL("text") is the text itself. In arithmetic and in the results of When a text is a text. Anything else is a value:
 * numbers, dates, Str, rows.
 *
 * Programs that read expressions at run time (the shell) fill the struct Expr themselves: `name` is Django's class name.
 * Options stand behind the arguments: `.output = FIELD_DECIMAL` is Django's output_field.
 *
 * Raised when a queryset takes the expression: 500 "field_error" for a name that does not exist and for types that do
 * not mix. https://docs.djangoproject.com/en/6.0/ref/models/expressions/
 * https://docs.djangoproject.com/en/6.0/ref/models/database-functions/
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
    EXPR_OUTER,    /* name: of the query around */
    EXPR_WINDOW,   /* args[0] over the rows of a window */
    EXPR_ORDER,    /* args[0], in an order: of order_by, windows and aggregates only */
    EXPR_LOOKUP,   /* name: a lookup; args[0] compared with args[1] */
    EXPR_FILTERED, /* FilteredRelation: name, where; of annotate only */
    EXPR_RAW,      /* detail: SQL; args: what its ? stand for */
    EXPR_WRAPPED   /* ExpressionWrapper: args[0] with `output` */
} ExprKind;

/* Between which rows a window's frame lies. 0 is the current row, negative counts are before it. */
typedef struct WindowFrame {
    enum { FRAME_NONE, FRAME_ROWS, FRAME_RANGE } kind;
    bool from_first, to_last; /* start=None, end=None: without a bound */
    int64_t start, end;
    enum { EXCLUDE_NONE, EXCLUDE_CURRENT_ROW, EXCLUDE_GROUP, EXCLUDE_TIES } exclusion;
} WindowFrame;

typedef struct NamedExpr NamedExpr;
struct Expr {
    ExprKind kind;
    const char *name;
    const Boxed *args;
    size_t n;
    const Pred *where;                        /* aggregates: filter=; When, FilteredRelation: its condition */
    bool distinct;                            /* aggregates */
    bool sample;                              /* StdDev, Variance */
    bool descending, nulls_first, nulls_last; /* ASC, DESC */
    Boxed otherwise;                          /* aggregates: default=; Case: default= */
    FieldKind output;                         /* output_field, where it cannot be told: FIELD_NONE */
    int max_length, max_digits, decimal_places;
    QuerySet *query;         /* Subquery, Exists */
    const char *detail;      /* Extract, Trunc: "year"; Collate: the collation; Func: the function */
    const TimeZone *zone;    /* Extract, Trunc: tzinfo; NULL: the current one */
    const NamedExpr *pairs;  /* JSONObject */
    Values order, partition; /* names, expressions, ASC, DESC */
    WindowFrame frame;
};

/* A name and what it stands for: ANNOTATE's, AGGREGATE's and UPDATE's argument. */
struct NamedExpr {
    const char *name;
    Boxed value;
};
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
/* VAL("text"), VAL(Value null, .output = FIELD_INTEGER) */
#define VAL(v, ...)         CLEF_EXPR(.kind = EXPR_VALUE, CLEF_ARGS(v), __VA_ARGS__)
#define ADD(a, b)           CLEF_CALL("+", a, b)
#define SUB(a, b)           CLEF_CALL("-", a, b)
#define MUL(a, b)           CLEF_CALL("*", a, b)
#define DIV(a, b)           CLEF_CALL("/", a, b)
#define MOD(a, b)           CLEF_CALL("%", a, b)
#define POW(a, b)           CLEF_CALL("**", a, b)
#define NEG(a)              CLEF_CALL("*", a, -1)
#define BITAND(a, b)        CLEF_CALL("&", a, b)
#define BITOR(a, b)         CLEF_CALL("|", a, b)
#define BITXOR(a, b)        CLEF_CALL("^", a, b)
#define BITLEFTSHIFT(a, b)  CLEF_CALL("<<", a, b)
#define BITRIGHTSHIFT(a, b) CLEF_CALL(">>", a, b)
/* Arithmetic whose type cannot be told: EXPRESSION_WRAPPER(MUL(F("price"), F("weight")), .output = FIELD_FLOAT). */
#define ExpressionWrapper(e, ...) CLEF_EXPR(.kind = EXPR_WRAPPED, CLEF_ARGS(e), __VA_ARGS__)

/* Aggregates: Count("posts", .distinct = true), Sum("views", .where = WHERE(Q(...)), .otherwise = DEFAULT(0)). */
#define Count(e, ...)       CLEF_SUM_UP("Count", e, __VA_ARGS__)
#define Sum(e, ...)         CLEF_SUM_UP("Sum", e, __VA_ARGS__)
#define Avg(e, ...)         CLEF_SUM_UP("Avg", e, __VA_ARGS__)
#define Max(e, ...)         CLEF_SUM_UP("Max", e, __VA_ARGS__)
#define Min(e, ...)         CLEF_SUM_UP("Min", e, __VA_ARGS__)
#define StdDev(e, ...)      CLEF_SUM_UP("StdDev", e, __VA_ARGS__)
#define Variance(e, ...)    CLEF_SUM_UP("Variance", e, __VA_ARGS__)
#define AnyValue(e, ...)    CLEF_SUM_UP("AnyValue", e, __VA_ARGS__)
/* StringAgg("name", VAL(", "), .order = BY("name")) */
#define StringAgg(e, delimiter, ...) \
    CLEF_EXPR(.kind = EXPR_AGGREGATE, .name = "StringAgg", CLEF_ARGS(e, delimiter), __VA_ARGS__)
#define WHERE(...)          CLEF_PREDS(__VA_ARGS__)

/*
 * Terms of an order: F("name").asc(), Lower("name").desc(nulls_last=True) are ASC("name"), DESC(Lower("name"),
 * .nulls_last = true). BY is a list of them.
 */
#define ASC(e, ...)         CLEF_EXPR(.kind = EXPR_ORDER, CLEF_ARGS(e), __VA_ARGS__)
#define DESC(e, ...)        CLEF_EXPR(.kind = EXPR_ORDER, .descending = true, CLEF_ARGS(e), __VA_ARGS__)
#define BY(...)             VALUES(__VA_ARGS__)

/* Window(Sum("total"), .partition = BY("customer"), .order = BY("placed"), .frame = RowRange(UNBOUNDED, CURRENT_ROW)). */
#define Window(e, ...)      CLEF_EXPR(.kind = EXPR_WINDOW, CLEF_ARGS(e), __VA_ARGS__)
#define CLEF_FRAME(kind_, from, to, ...) \
    { .kind = (kind_), .from_first = (from) == INT64_MIN, .to_last = (to) == INT64_MIN, \
      .start = (from), .end = (to), __VA_ARGS__ }
#define RowRange(from, to, ...)   CLEF_FRAME(FRAME_ROWS, from, to, __VA_ARGS__)
#define ValueRange(from, to, ...) CLEF_FRAME(FRAME_RANGE, from, to, __VA_ARGS__)
#define UNBOUNDED           INT64_MIN
#define CURRENT_ROW         0
#define CLEF_CALL_0(fn)     CLEF_EXPR(.kind = EXPR_CALL, .name = (fn))
#define RowNumber()         CLEF_CALL_0("RowNumber")
#define Rank()              CLEF_CALL_0("Rank")
#define DenseRank()         CLEF_CALL_0("DenseRank")
#define PercentRank()       CLEF_CALL_0("PercentRank")
#define CumeDist()          CLEF_CALL_0("CumeDist")
#define Ntile(n)            CLEF_CALL("Ntile", n)
#define FirstValue(e)       CLEF_CALL("FirstValue", e)
#define LastValue(e)        CLEF_CALL("LastValue", e)
#define NthValue(e, n)      CLEF_CALL("NthValue", e, n)
#define Lag(e, ...)         CLEF_CALL("Lag", e, __VA_ARGS__)
#define Lead(e, ...)        CLEF_CALL("Lead", e, __VA_ARGS__)

#define Lower(e)            CLEF_CALL("Lower", e)
#define Upper(e)            CLEF_CALL("Upper", e)
#define Length(e)           CLEF_CALL("Length", e)
#define Trim(e)             CLEF_CALL("Trim", e)
#define LTrim(e)            CLEF_CALL("LTrim", e)
#define RTrim(e)            CLEF_CALL("RTrim", e)
#define Left(e, n)          CLEF_CALL("Left", e, n)
#define Right(e, n)         CLEF_CALL("Right", e, n)
#define LPad(e, n, ...)     CLEF_CALL("LPad", e, n, __VA_ARGS__)
#define RPad(e, n, ...)     CLEF_CALL("RPad", e, n, __VA_ARGS__)
#define Repeat(e, n)        CLEF_CALL("Repeat", e, n)
#define Reverse(e)          CLEF_CALL("Reverse", e)
#define Concat(...)         CLEF_CALL("Concat", __VA_ARGS__)
#define Substr(e, ...)      CLEF_CALL("Substr", e, __VA_ARGS__)
#define Replace(e, a, b)    CLEF_CALL("Replace", e, a, b)
#define StrIndex(e, part)   CLEF_CALL("StrIndex", e, part)
#define Chr(e)              CLEF_CALL("Chr", e)
#define Ord(e)              CLEF_CALL("Ord", e)
#define MD5(e)              CLEF_CALL("MD5", e)
#define SHA1(e)             CLEF_CALL("SHA1", e)
#define SHA224(e)           CLEF_CALL("SHA224", e)
#define SHA256(e)           CLEF_CALL("SHA256", e)
#define SHA384(e)           CLEF_CALL("SHA384", e)
#define SHA512(e)           CLEF_CALL("SHA512", e)
/* F("title")[4:8]: code points from 4 up to 8. */
#define SLICE_OF(e, from, to) CLEF_CALL("Substr", e, (from) + 1, (to) - (from))

#define Coalesce(...)       CLEF_CALL("Coalesce", __VA_ARGS__)
#define Greatest(...)       CLEF_CALL("Greatest", __VA_ARGS__)
#define Least(...)          CLEF_CALL("Least", __VA_ARGS__)
#define NullIf(a, b)        CLEF_CALL("NullIf", a, b)
/* Cast("price", FIELD_INTEGER), Cast("x", FIELD_DECIMAL, .max_digits = 6, .decimal_places = 2) */
#define Cast(e, kind_, ...) \
    CLEF_EXPR(.kind = EXPR_CALL, .name = "Cast", CLEF_ARGS(e), .output = (kind_), __VA_ARGS__)
#define Collate(e, collation) CLEF_EXPR(.kind = EXPR_CALL, .name = "Collate", CLEF_ARGS(e), .detail = (collation))
#define JSONObject(...)     CLEF_EXPR(.kind = EXPR_CALL, .name = "JSONObject", .pairs = CLEF_NAMED(__VA_ARGS__))
#define JSONArray(...)      CLEF_CALL("JSONArray", __VA_ARGS__)
/* A key of a JSON column as a text: KT("metadata__origin"). */
#define KT(name_)           CLEF_EXPR(.kind = EXPR_CALL, .name = "KT", .detail = (name_))
/* Any function of the database: Func("MAX", "pages", 3); its arguments are expressions, its name is a plain word. */
#define Func(fn, ...)       CLEF_EXPR(.kind = EXPR_CALL, .name = "Func", .detail = (fn), CLEF_ARGS(__VA_ARGS__))
/* SQL as it stands, ? for the values behind it. Never of what a user typed. */
#define RawSQL(sql, ...)    CLEF_EXPR(.kind = EXPR_RAW, .detail = (sql) __VA_OPT__(, CLEF_ARGS(__VA_ARGS__)))

#define Abs(e)              CLEF_CALL("Abs", e)
#define Ceil(e)             CLEF_CALL("Ceil", e)
#define Floor(e)            CLEF_CALL("Floor", e)
/* Round("x"), Round("x", 2) */
#define Round(...)          CLEF_CALL("Round", __VA_ARGS__)
#define Sign(e)             CLEF_CALL("Sign", e)
#define Sqrt(e)             CLEF_CALL("Sqrt", e)
#define Exp(e)              CLEF_CALL("Exp", e)
#define Ln(e)               CLEF_CALL("Ln", e)
#define Log(base, e)        CLEF_CALL("Log", base, e)
#define Mod(a, b)           CLEF_CALL("Mod", a, b)
#define Power(a, b)         CLEF_CALL("Power", a, b)
#define Sin(e)              CLEF_CALL("Sin", e)
#define Cos(e)              CLEF_CALL("Cos", e)
#define Tan(e)              CLEF_CALL("Tan", e)
#define Cot(e)              CLEF_CALL("Cot", e)
#define ASin(e)             CLEF_CALL("ASin", e)
#define ACos(e)             CLEF_CALL("ACos", e)
#define ATan(e)             CLEF_CALL("ATan", e)
#define ATan2(a, b)         CLEF_CALL("ATan2", a, b)
#define Degrees(e)          CLEF_CALL("Degrees", e)
#define Radians(e)          CLEF_CALL("Radians", e)
#define Pi()                CLEF_CALL_0("Pi")
#define Random()            CLEF_CALL_0("Random")

/* Parts of dates and times; those of instants in `.zone`, or in the current zone. Extract("placed", "week_day"). */
#define Now()               CLEF_CALL_0("Now")
#define Extract(e, part, ...) \
    CLEF_EXPR(.kind = EXPR_CALL, .name = "Extract", CLEF_ARGS(e), .detail = (part), __VA_ARGS__)
#define ExtractYear(e, ...)   Extract(e, "year", __VA_ARGS__)
#define ExtractMonth(e, ...)  Extract(e, "month", __VA_ARGS__)
#define ExtractDay(e, ...)    Extract(e, "day", __VA_ARGS__)
#define ExtractHour(e, ...)   Extract(e, "hour", __VA_ARGS__)
/* The beginning of the year, quarter, month, week, day, hour, minute, second; "date" and "time" of an instant. */
#define Trunc(e, part, ...) \
    CLEF_EXPR(.kind = EXPR_CALL, .name = "Trunc", CLEF_ARGS(e), .detail = (part), __VA_ARGS__)
#define TruncYear(e, ...)   Trunc(e, "year", __VA_ARGS__)
#define TruncMonth(e, ...)  Trunc(e, "month", __VA_ARGS__)
#define TruncDay(e, ...)    Trunc(e, "day", __VA_ARGS__)
#define TruncHour(e, ...)   Trunc(e, "hour", __VA_ARGS__)
#define TruncDate(e, ...)   Trunc(e, "date", __VA_ARGS__)
#define TruncTime(e, ...)   Trunc(e, "time", __VA_ARGS__)

/* Case(CASES(When(Q(Post, views, GT, 9), 1)), .otherwise = DEFAULT(0)): the first condition that holds decides. */
#define When(condition, then) \
    CLEF_EXPR(.kind = EXPR_WHEN, .where = CLEF_PREDS(condition), CLEF_ARGS(then))
#define Case(...)           CLEF_EXPR(.kind = EXPR_CASE, __VA_ARGS__)
#define CASES(...)          CLEF_ARGS(__VA_ARGS__)
/* Conditions as an expression: AS("long", CONDITION(Q(Book, pages, GT, 500))). */
#define CONDITION(...)      CLEF_EXPR(.kind = EXPR_CONDITION, .where = CLEF_PREDS(__VA_ARGS__))
/* A lookup between two expressions: COND(LOOKUP_OF("exact", Lower("name"), "bob")). */
#define LOOKUP_OF(lookup_, a, b) CLEF_EXPR(.kind = EXPR_LOOKUP, .name = (lookup_), CLEF_ARGS(a, b))
/*
 * The related rows that meet a condition, under a name of their own: ANNOTATE(q, AS("cheap", FilteredRelation("books",
 * Q(...)))).
 */
#define FilteredRelation(name_, ...) \
    CLEF_EXPR(.kind = EXPR_FILTERED, .name = (name_), .where = CLEF_PREDS(__VA_ARGS__))
#define Subquery(q)         CLEF_EXPR(.kind = EXPR_SUBQUERY, .query = (q))
#define Exists(q)           CLEF_EXPR(.kind = EXPR_EXISTS, .query = (q))
#define OuterRef(name_)     CLEF_EXPR(.kind = EXPR_OUTER, .name = (name_))
/* clang-format on */

/* A copy that owns all it points at in the arena: what may outlive the block that an expression was written in. */
CLEF_API(const Expr *, expr_copy, Arena *a, const Expr *e);
CLEF_API(const Pred *, preds_copy, Arena *a, const Pred *preds);

#endif
