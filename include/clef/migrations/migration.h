/*
 * migration.h: migrations: C files of operations that read like Django's. `makemigrations` writes them, `migrate` runs
 * them, and they may be written and edited by hand.
 *
 *     const Migration blog_0002_post_rank = {
 *         .app = "blog", .name = "0002_post_rank",
 *         .dependencies = DEPENDS({ "blog", "0001_initial" }),
 *         OPERATIONS(
 *             AddField("Post", IntegerField(rank, .default_value = DEFAULT(0))),
 *             AddIndex("Post", NAMED_INDEX("post_rank_idx", "rank")),
 *             RunFunction(fill_ranks, NULL)),
 *     };
 *
 * An application lists its migrations, in order: MIGRATIONS(blog_migrations, blog_0001_initial, blog_0002_post_rank), which
 * `makemigrations` keeps in migrations/index.c, and `.migrations = blog_migrations` in its App.
 *
 * Fields are written as in a model's FIELDS, but name related models as text ("auth.User"), and say what a nullable column
 * is by `.null = true` alone: a migration is about tables, and no struct belongs to it. Names of models may be in any case.
 */
#ifndef CLEF_MIGRATIONS_MIGRATION_H
#define CLEF_MIGRATIONS_MIGRATION_H

#include <clef/conf/app.h>
#include <clef/orm/expr.h>
#include <clef/orm/model.h>
#include <clef/rt/context.h>
#include <clef/validators.h>

typedef struct ProjectState ProjectState;
typedef struct Operation Operation;

typedef enum OperationKind {
    OPERATION_NONE,
    OPERATION_CREATE_MODEL,
    OPERATION_DELETE_MODEL,
    OPERATION_RENAME_MODEL,
    OPERATION_ALTER_MODEL_TABLE,
    OPERATION_ALTER_MODEL_TABLE_COMMENT,
    OPERATION_ALTER_MODEL_OPTIONS,
    OPERATION_ALTER_MODEL_MANAGERS,
    OPERATION_ALTER_UNIQUE_TOGETHER,
    OPERATION_ALTER_INDEX_TOGETHER,
    OPERATION_ALTER_ORDER_WITH_RESPECT_TO,
    OPERATION_ADD_FIELD,
    OPERATION_REMOVE_FIELD,
    OPERATION_ALTER_FIELD,
    OPERATION_RENAME_FIELD,
    OPERATION_ADD_INDEX,
    OPERATION_REMOVE_INDEX,
    OPERATION_RENAME_INDEX,
    OPERATION_ADD_CONSTRAINT,
    OPERATION_REMOVE_CONSTRAINT,
    OPERATION_ALTER_CONSTRAINT,
    OPERATION_RUN_SQL,
    OPERATION_RUN_FUNCTION,
    OPERATION_SEPARATE,
    OPERATION_KINDS
} OperationKind;

/* Part of a migration written in C. `apps` are the models as they are at this point (state_model). */
typedef void MigrationFn(Context *cx, const ProjectState *apps, Str alias);

/* A statement of RunSQL with values for its `?`s: { "UPDATE t SET a = ?", SQL_PARAMS(1) }. */
typedef struct SqlStatement {
    const char *sql; /* NULL ends a list */
    const Boxed *params;
    size_t nparams;
} SqlStatement;
#define SQL_PARAMS(...)                                                     \
    .params = (const Boxed[]){ CLEF_EACH(CLEF_VALUES_ONE, , __VA_ARGS__) }, \
    .nparams = sizeof((const char[]){ CLEF_EACH(CLEF_ONE, , __VA_ARGS__) })
#define SQL_STATEMENTS(...) ((const SqlStatement[]){ __VA_ARGS__, { .sql = NULL } })

struct Operation {
    OperationKind kind;
    const char *model;
    const char *name, *new_name; /* of a field, an index, a constraint, a table; NULL: none */
    const Model *table;          /* CreateModel: fields and Meta; AlterModelOptions: Meta */
    const Field *field;          /* AddField, AlterField */
    bool drop_default;           /* the field's default is for rows that are there already: preserve_default=False */
    const char *const *const *sets;
    const char *const *old_fields; /* RenameIndex: of an index_together, which has no name of its own */
    const Index *index;
    const Constraint *constraint;
    const char *sql, *reverse_sql;                       /* RUN_NOTHING: nothing to do */
    const SqlStatement *statements, *reverse_statements; /* the same with parameters */
    MigrationFn *forwards, *backwards;
    const Operation *database, *state; /* SeparateDatabaseAndState, and .state of RunSQL; end at OPERATION_NONE */
    bool concurrently; /* AddIndex, RemoveIndex on PostgreSQL: while others write; the migration must be .not_atomic */
    bool elidable;     /* may be left out when migrations are squashed */
};

/* CreateModel("Post", COLUMNS(CharField(title, .max_length = 200)), .ordering = ORDER("-title"), INDEXES(...)). */
#define CreateModel(name_, ...)                                                                                    \
    {                                                                                                              \
        .kind = OPERATION_CREATE_MODEL, .model = (name_), .table = &(const Model) { .name = (name_), __VA_ARGS__ } \
    }
#define COLUMNS(...)                                                         \
    .fields = (const Field[]){ CLEF_EACH(CLEF_STATE_FIELD, , __VA_ARGS__) }, \
    .nfields = sizeof((const char[]){ CLEF_EACH(CLEF_FIELD_COUNTED, , __VA_ARGS__) })
#define DeleteModel(name_)                               \
    {                                                    \
        .kind = OPERATION_DELETE_MODEL, .model = (name_) \
    }
#define RenameModel(old_, new_)                                             \
    {                                                                       \
        .kind = OPERATION_RENAME_MODEL, .model = (old_), .new_name = (new_) \
    }
/* NULL: the table's name is Django's again. */
#define AlterModelTable(model_, table_)                                          \
    {                                                                            \
        .kind = OPERATION_ALTER_MODEL_TABLE, .model = (model_), .name = (table_) \
    }
#define AlterModelTableComment(model_, comment_)                                           \
    {                                                                                      \
        .kind = OPERATION_ALTER_MODEL_TABLE_COMMENT, .model = (model_), .name = (comment_) \
    }
/* All the options that the tables do not show: AlterModelOptions("Post", .ordering = ORDER("-created")). */
#define AlterModelOptions(model_, ...)                                                                    \
    {                                                                                                     \
        .kind = OPERATION_ALTER_MODEL_OPTIONS, .model = (model_), .table = &(const Model) { __VA_ARGS__ } \
    }
/* AlterUniqueTogether("Post", ORDER("author", "title")); no set: none any more. */
#define AlterUniqueTogether(model_, ...)                                                                 \
    {                                                                                                    \
        .kind = OPERATION_ALTER_UNIQUE_TOGETHER, .model = (model_), .sets = (const char *const *const[]) \
        {                                                                                                \
            __VA_ARGS__ __VA_OPT__(, ) NULL                                                              \
        }                                                                                                \
    }
/* Of Django before 5.1; models of today have INDEXES. */
#define AlterIndexTogether(model_, ...)                                                                 \
    {                                                                                                   \
        .kind = OPERATION_ALTER_INDEX_TOGETHER, .model = (model_), .sets = (const char *const *const[]) \
        {                                                                                               \
            __VA_ARGS__ __VA_OPT__(, ) NULL                                                             \
        }                                                                                               \
    }
/* Managers are functions of the code: a migration has none of them, so this changes nothing. */
#define AlterModelManagers(model_)                                \
    {                                                             \
        .kind = OPERATION_ALTER_MODEL_MANAGERS, .model = (model_) \
    }
#define AlterOrderWithRespectTo(model_, field_)                                            \
    {                                                                                      \
        .kind = OPERATION_ALTER_ORDER_WITH_RESPECT_TO, .model = (model_), .name = (field_) \
    }
#define AddField(model_, field_, ...)                                                                            \
    {                                                                                                            \
        .kind = OPERATION_ADD_FIELD, .model = (model_), .field = (const Field[1]){ CLEF_STATE_FIELD(, field_) }, \
        __VA_ARGS__                                                                                              \
    }
#define RemoveField(model_, name_)                                         \
    {                                                                      \
        .kind = OPERATION_REMOVE_FIELD, .model = (model_), .name = (name_) \
    }
#define AlterField(model_, field_, ...)                                                                            \
    {                                                                                                              \
        .kind = OPERATION_ALTER_FIELD, .model = (model_), .field = (const Field[1]){ CLEF_STATE_FIELD(, field_) }, \
        __VA_ARGS__                                                                                                \
    }
#define RenameField(model_, old_, new_)                                                       \
    {                                                                                         \
        .kind = OPERATION_RENAME_FIELD, .model = (model_), .name = (old_), .new_name = (new_) \
    }
/* AddIndex("Post", NAMED_INDEX("post_rank_idx", "rank")); an index that itself has braces and commas is one argument. */
#define AddIndex(model_, index_, ...)                                                                    \
    {                                                                                                    \
        .kind = OPERATION_ADD_INDEX, .model = (model_), .index = (const Index[1]){ index_ }, __VA_ARGS__ \
    }
#define RemoveIndex(model_, name_)                                         \
    {                                                                      \
        .kind = OPERATION_REMOVE_INDEX, .model = (model_), .name = (name_) \
    }
#define RenameIndex(model_, old_, new_)                                                       \
    {                                                                                         \
        .kind = OPERATION_RENAME_INDEX, .model = (model_), .name = (old_), .new_name = (new_) \
    }
/* The index that a set of AlterIndexTogether made gets a name. */
#define RenameIndexOf(model_, new_, ...)                                                                        \
    {                                                                                                           \
        .kind = OPERATION_RENAME_INDEX, .model = (model_), .new_name = (new_), .old_fields = ORDER(__VA_ARGS__) \
    }
#define AddConstraint(model_, ...)                                                                               \
    {                                                                                                            \
        .kind = OPERATION_ADD_CONSTRAINT, .model = (model_), .constraint = (const Constraint[1]) { __VA_ARGS__ } \
    }
#define RemoveConstraint(model_, name_)                                         \
    {                                                                           \
        .kind = OPERATION_REMOVE_CONSTRAINT, .model = (model_), .name = (name_) \
    }
/* What full_clean says of the constraint: the database is left alone. */
#define AlterConstraint(model_, ...)                                                                               \
    {                                                                                                              \
        .kind = OPERATION_ALTER_CONSTRAINT, .model = (model_), .constraint = (const Constraint[1]) { __VA_ARGS__ } \
    }
/*
 * Statements end at `;`. reverse NULL: the migration cannot be taken back. With parameters: RunSQL(NULL, NULL,
 * .statements = SQL_STATEMENTS({ "UPDATE shop_book SET pages = ?", SQL_PARAMS(1) }), .reverse_statements =
 * SQL_STATEMENTS(...)). `.state = OPERATION_LIST(...)`: what the statements do to the models.
 */
#define RUN_NOTHING ""
#define RunSQL(sql_, reverse_, ...)                                                      \
    {                                                                                    \
        .kind = OPERATION_RUN_SQL, .sql = (sql_), .reverse_sql = (reverse_), __VA_ARGS__ \
    }
/* backwards NULL: the migration cannot be taken back; migration_nothing: there is nothing to take back. */
#define RunFunction(forwards_, backwards_, ...)                                                         \
    {                                                                                                   \
        .kind = OPERATION_RUN_FUNCTION, .forwards = (forwards_), .backwards = (backwards_), __VA_ARGS__ \
    }
/* SeparateDatabaseAndState(.database = OPERATION_LIST(RunSQL(...)), .state = OPERATION_LIST(AddField(...))). */
#define SeparateDatabaseAndState(...)           \
    {                                           \
        .kind = OPERATION_SEPARATE, __VA_ARGS__ \
    }
#define OPERATION_LIST(...) ((const Operation[]){ __VA_ARGS__, { .kind = OPERATION_NONE } })
#define OPERATIONS(...)     .operations = OPERATION_LIST(__VA_ARGS__)

CLEF_API(void, migration_nothing, Context *cx, const ProjectState *apps, Str alias);

/* Unpacks a tuple of a field for a migration. */
#define CLEF_STATE_FIELD(unused, field)       CLEF_STATE_FIELD_1(CLEF_UNPAREN field)
#define CLEF_STATE_FIELD_1(...)               CLEF_STATE_FIELD_2(__VA_ARGS__)
#define CLEF_STATE_FIELD_2(how, m, C, k, ...) CLEF_STATE_##how(m, C, k, __VA_ARGS__)
#define CLEF_STATE_CLEF_COLUMN(m, C, k, ...) \
    {                                        \
        .name = #m, .kind = (k), __VA_ARGS__ \
    }
#define CLEF_STATE_CLEF_INT_COLUMN(m, C, k, ...) CLEF_STATE_CLEF_COLUMN(m, C, k, __VA_ARGS__)
#define CLEF_STATE_CLEF_RELATION(m, To, k, ...)                \
    {                                                          \
        .name = #m, .kind = (k), .to_label = (To), __VA_ARGS__ \
    }
#define CLEF_STATE_CLEF_BETWEEN(m, To, k, ...)  CLEF_STATE_CLEF_RELATION(m, To, k, __VA_ARGS__)
#define CLEF_STATE_CLEF_COMPOSITE(m, C, k, ...) CLEF_COMPOSITE(, m, C, k, __VA_ARGS__)

/* A migration of an application. */
typedef struct MigrationKey {
    const char *app, *name;
} MigrationKey;
/*
 * What a setting that names a model (clef/orm/swap.h) says when the migration runs: ForeignKey(owner,
 * SWAPPABLE("AUTH_USER_MODEL"), ...).
 */
#define SWAPPABLE(setting) "__setting__." setting
/* The first migration of the application of that model: DEPENDS(SWAPPABLE_DEPENDENCY("AUTH_USER_MODEL"), ...). */
#define SWAPPABLE_DEPENDENCY(setting) \
    {                                 \
        "__setting__", setting        \
    }
/* DEPENDS({ "auth", "0001_initial" }, ...). */
#define DEPENDS(...) ((const MigrationKey[]){ __VA_ARGS__, { .app = NULL } })

struct Migration {
    const char *app, *name; /* "blog", "0002_post_rank" */
    bool initial;
    bool not_atomic;                  /* runs without a transaction of its own */
    const MigrationKey *dependencies; /* DEPENDS(...); NULL: none */
    const MigrationKey *run_before;
    const MigrationKey *replaces; /* of a squashed one */
    const Operation *operations;
};

/* Declares and lists: MIGRATIONS(blog_migrations, blog_0001_initial, ...); with none: NO_MIGRATIONS(blog_migrations). */
#define MIGRATIONS(list, ...)           \
    extern const Migration __VA_ARGS__; \
    const Migration *const list[] = { CLEF_EACH(CLEF_MIGRATION_OF, , __VA_ARGS__) NULL }
#define NO_MIGRATIONS(list)                  const Migration *const list[] = { NULL }
#define CLEF_MIGRATION_OF(unused, migration) &migration

/*
 * The model as it is at this point of the history, for RunFunction: queryset_of(cx, m) and the functions of rows take it;
 * its rows have no struct in C: read and write members with field_get and field_set of model_field. Raises 500
 * "lookup_error" when there is none.
 */
CLEF_API(const Model *, state_model, Context *cx, const ProjectState *state, const char *app_label, const char *name)
CLEF_NONNULL;

#endif
