/*
 * dialect.h: what differs between databases, as one const table for each vendor. Whoever writes SQL asks the table and
 * never the vendor's name. SQL is written with `?` for parameters, `"` around names and `'` around texts, on every
 * database: the driver of PostgreSQL numbers the placeholders (an operator with a question mark is written `??`), and
 * connections to MariaDB run in a mode that takes `"`, `||` and plain backslashes as the others do.
 *
 * Templates are those of functions.c: % is the list of arguments (%% and "% " are a percent sign), $1 and $2 are single
 * ones, everything else stands as it is. NULL in a table: the database cannot do that.
 */
#ifndef ORM_DIALECT_H
#define ORM_DIALECT_H

#include "orm/info.h"
#include <clef/base/buf.h>
#include <clef/db/driver.h>
#include <clef/orm/query.h>
#include <clef/rt/context.h>

typedef struct Function Function;
typedef struct Dialect Dialect;

/* What a database can do, by the names of Django's connection.features. */
typedef struct DialectFeatures {
    bool can_return_columns_from_insert; /* INSERT ... RETURNING; else DbDone.insert_id has the key */
    bool can_return_rows_from_update;    /* UPDATE ... RETURNING */
    bool can_return_rows_from_bulk_insert;
    bool can_rollback_ddl;
    bool supports_aggregate_filter_clause;      /* FILTER (WHERE ...); else CASE WHEN inside the aggregate */
    bool supports_aggregate_order_by_clause;    /* SUM(x ORDER BY y) */
    bool supports_parentheses_in_compound;      /* (SELECT ...) UNION (SELECT ...) */
    bool supports_slicing_ordering_in_compound; /* ORDER BY and LIMIT in the parts of a UNION */
    bool supports_select_intersection, supports_select_difference;
    bool supports_order_by_nulls_modifier; /* NULLS FIRST; else order by `x IS NULL` before it */
    bool order_by_nulls_first;             /* NULLs are the smallest */
    bool supports_over_clause, supports_frame_range_fixed_distance, supports_frame_exclusion;
    bool supports_distinct_on; /* DISTINCT ON (...) */
    bool supports_ignore_conflicts, supports_update_conflicts, supports_update_conflicts_with_target;
    bool has_select_for_update, has_select_for_update_nowait, has_select_for_update_skip_locked,
        has_select_for_update_of, has_select_for_no_key_update;
    bool supports_partial_indexes, supports_expression_indexes, supports_covering_indexes,
        supports_index_column_ordering;
    bool supports_deferrable_unique_constraints, supports_nulls_distinct_unique_constraints,
        supports_exclusion_constraints;
    bool supports_table_check_constraints, can_defer_constraint_checks, supports_comments, supports_identity;
    bool supports_json_field_contains, supports_primitives_in_json_field;
    bool supports_stored_generated_columns, supports_virtual_generated_columns;
    bool supports_temporal_subtraction, has_native_duration_field, has_native_uuid_field, has_native_json_field;
    bool can_sum_moments;                 /* days and instants are no texts there */
    bool can_round_left;                  /* ROUND to a negative number of digits */
    bool requires_casted_json_arguments;  /* a parameter among the values of a JSON function has no type by itself */
    bool allow_sliced_subqueries_with_in; /* x IN (SELECT ... LIMIT 3) */
    bool has_bulk_insert_unnest;          /* rows as arrays: one statement text for any number of rows */
    bool update_can_self_select;          /* UPDATE t ... WHERE id IN (SELECT ... FROM t) */
    bool supports_tablespaces, supports_collation_on_charfield, uses_savepoints;
    bool decimals_are_doubles;         /* what is computed must be cast to NUMERIC */
    bool durations_are_integers;       /* microseconds */
    bool allows_group_by_selected_pks; /* GROUP BY the key covers the row's columns */
} DialectFeatures;

/* What to lock of the rows that are read. */
typedef struct LockOptions {
    bool on, nowait, skip_locked, no_key;
    const Str *of; /* quoted tables; n 0: all */
    size_t nof;
} LockOptions;

/*
 * A part of a day or an instant (extract), the cut down to one (trunc), its day or its time of the day (convert). Both
 * kinds are FIELD_DATE, FIELD_DATETIME or FIELD_TIME. An instant is looked at in the zone ("UTC" and "" are the same),
 * and what is cut of one is a wall time there. The part has Django's name ("year", "week_day", "iso_year", ...). A
 * template of $1.
 */
typedef Str DialectMomentFn(Arena *a, FieldKind of, FieldKind to, Str part, Str zone);

struct Dialect {
    const char *vendor; /* "sqlite", "postgresql", "mysql", "mariadb", as DbDriver's */
    DialectFeatures has;
    size_t max_name_length;  /* bytes of an identifier; 0: no limit */
    unsigned max_parameters; /* of a statement */
    unsigned max_in_list;    /* values of one IN; 0: no limit of its own */
    const char *true_literal, *false_literal;
    const char *random;            /* ORDER BY "?" */
    const char *no_limit;          /* what stands for an absent LIMIT before OFFSET; "": nothing */
    const char *default_values;    /* INSERT INTO t: a row of defaults only */
    bool key_by_returning;         /* an INSERT says the key that it made only when RETURNING asks for it */
    const char *insert_ignore;     /* the verb: "INSERT OR IGNORE INTO" */
    const char *conflict_ignore;   /* behind the rows: " ON CONFLICT DO NOTHING" */
    const char *conflict_value;    /* what would have been inserted: "EXCLUDED.$1" */
    const char *lookups[OP_COUNT]; /* of texts; NULL: the plain operator. $1 column, $2 a pattern or value */
    const char *pattern_of;        /* a computed text $1 that stands for itself in LIKE */
    const char *ip_as_text;        /* an address $1 among texts */
    const char *json_extract;      /* the JSON at the path $2 of $1 */
    const char *json_text;         /* the same as text */
    const char *json_key;          /* the JSON of the one key or element $2 of $1; NULL: by json_extract */
    const char *json_key_text;     /* the same as text */
    const char *json_has;          /* does $1 have something at the path (the key, on PostgreSQL) $2? */
    const char *json_missing;      /* is nothing there? NULL: json_extract is NULL then */
    const char *json_contains, *json_contained;
    const char *json_value;    /* the JSON text $1 as something to compare json_extract with */
    const char *json_same;     /* both sides $1 of an equality; NULL: json_value on the right */
    const char *json_search;   /* JSON $1 that is searched, or compared, as a text; NULL: as it is */
    const char *json_any_case; /* the function around both sides of a search in any case, "LOWER("; NULL: none */
    const char *moment_add, *moment_subtract; /* an instant or a day $1 and a duration $2 */
    const char *difference[3];                /* of two days, instants, times as a duration */
    const char *bit_and, *bit_or, *bit_xor, *bit_left, *bit_right;
    const char *explain;         /* before a statement; options stand behind it where there are some */
    const char *explain_formats; /* "TEXT XML JSON YAML"; "": none may be chosen */
    const char *const
        *functions; /* pairs of a Django name and a template that differs from functions.c; NULL at the end */
    /* By which a computed thing is turned into this type; the NULL string: it stays as it is. */
    Str (*cast)(Arena *a, const FieldInfo *to);
    /* "varchar(30)", "bigint": of a column, without NULL, keys and checks. */
    Str (*column_type)(Arena *a, const FieldInfo *field);
    /* The type of a column that refers to this one: an identity's own integer. */
    Str (*key_type)(Arena *a, const FieldInfo *field);
    DialectMomentFn *extract, *trunc, *convert; /* the NULL string: there is no such part */
    /*
     * The path of json_extract: keys, and numbers for elements of arrays; the last is a key whatever it looks like when
     * `name`. The NULL string: the database has no such paths (from the end of an array).
     */
    Str (*json_path)(Arena *a, const Str *keys, size_t n, bool name);
    /* The clause behind a SELECT; nothing where the database has none. */
    bool unnests; /* arrays are parameters, and rows: INSERT ... SELECT * FROM UNNEST(?, ?) */
    void (*lock)(Buf *b, const LockOptions *o);
    /* Behind the rows of an INSERT: ON CONFLICT (unique) DO UPDATE SET update = ...; names are quoted. */
    void (*upsert)(Buf *b, const Str *unique, size_t nunique, const Str *update, size_t nupdate);
};

CLEF_PRIVATE_DATA(const Dialect, dialect_sqlite);
CLEF_PRIVATE_DATA(const Dialect, dialect_postgresql);
CLEF_PRIVATE_DATA(const Dialect, dialect_mysql);
CLEF_PRIVATE_DATA(const Dialect, dialect_mariadb);

/* dialect.c. By a driver's vendor; NULL when there is none. */
CLEF_PRIVATE(const Dialect *, dialect_of_vendor, Str vendor);
/* Of the alias's database; SQLite's where the context has no databases. Raises for an alias that there is not. */
CLEF_PRIVATE(const Dialect *, dialect_of, Context *cx, Str alias) CLEF_NONNULL;
/* The template of a function. */
CLEF_PRIVATE(const char *, dialect_function, const Dialect *d, const char *name, const char *otherwise);
/* A text between single quotes. */
CLEF_PRIVATE(Str, dialect_text, Arena *a, Str s);
/*
 * What several of the tables share. A zone between quotes, "UTC" for none; an offset ("+02:00") turned round when
 * `turned`.
 */
CLEF_PRIVATE(Str, dialect_zone, Arena *a, Str zone, bool turned);
CLEF_PRIVATE(Str, dialect_varchar, Arena *a, const FieldInfo *field);
CLEF_PRIVATE(void, dialect_upsert_conflict, Buf *b, const Str *unique, size_t nunique, const Str *update,
             size_t nupdate);
CLEF_PRIVATE(Str, dialect_json_path, Arena *a, const Str *keys, size_t n, bool name);

#endif
