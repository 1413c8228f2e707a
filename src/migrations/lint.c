/*
 * lint.c: what an operation costs those who use a large table meanwhile: which lock it holds, whether rows are written
 * anew, and what would be gentler. PostgreSQL: "ALTER TABLE" and "Explicit Locking" of its manual; MariaDB and MySQL:
 * "Online DDL Operations" of InnoDB.
 */
#include "migrations/changes.h"

static const Field *field_before(const ProjectState *s, const char *app, const Operation *op)
{
    const StateModel *m = state_find(s, app, op->model);
    return m && op->field ? state_field(m, op->field->name) : NULL;
}

/* Has the model been there before this migration? What has just been made is empty. */
static bool is_there(const ProjectState *s, const char *app, const Operation *op)
{
    const StateModel *m = op->model ? state_find(s, app, op->model) : NULL;
    return m && !m->m.unmanaged && !m->m.proxy;
}

static bool is_text(const Field *f) { return f->kind == FIELD_CHAR || f->kind == FIELD_TEXT || f->kind == FIELD_SLUG; }

/* Does PostgreSQL take the new type without writing the rows anew? */
static bool only_grows(const Field *before, const Field *now)
{
    if (before->kind == now->kind && field_max_length(before) <= field_max_length(now) &&
        before->max_digits == now->max_digits && before->decimal_places == now->decimal_places)
        return true;
    return is_text(before) &&
           (now->kind == FIELD_TEXT ||
            (is_text(now) && field_max_length(now) >= field_max_length(before) && field_max_length(before)));
}

static const char *of_altered(bool postgresql, const Field *before, const Field *now)
{
    if (!before)
        return NULL;
    if (before->kind != now->kind || field_max_length(before) != field_max_length(now) ||
        before->max_digits != now->max_digits || before->decimal_places != now->decimal_places) {
        if (postgresql && only_grows(before, now))
            return NULL;
        return postgresql
                   ? "the table is written anew under an ACCESS EXCLUSIVE lock: nobody reads or writes it until "
                     "that is done. Gentler: add a column, fill it in parts, read the new one, remove the old one."
                   : "the table is copied, and writes wait until that is done. Gentler: add a column, fill it in "
                     "parts, read the new one, remove the old one.";
    }
    if (before->null && !now->null)
        return postgresql
                   ? "every row is looked at under an ACCESS EXCLUSIVE lock. Gentler: a CHECK (... IS NOT NULL) NOT "
                     "VALID, validated in a migration of its own, makes this quick."
                   : "the table is built anew (writes go on), and the statement fails where a row has NULL.";
    if (!before->unique && now->unique)
        return postgresql ? "the unique index is built under an ACCESS EXCLUSIVE lock. Gentler: make it before by "
                            "AddIndex(.concurrently = true) in a migration that is not atomic."
                          : "the unique index is built while writes go on; it fails where values repeat.";
    if (!before->db_index && now->db_index)
        return postgresql
                   ? "the index is built under a SHARE lock: writes wait. Gentler: AddIndex(.concurrently = true) in a "
                     "migration that is not atomic."
                   : NULL;
    return NULL;
}

Str operation_lint(Context *cx, Str vendor, const char *app, const Operation *op, const ProjectState *before)
{
    bool postgresql = str_eq(vendor, STR("postgresql")),
         mysql = str_eq(vendor, STR("mysql")) || str_eq(vendor, STR("mariadb"));
    const char *why = NULL;
    (void)cx;
    if ((!postgresql && !mysql) || !is_there(before, app, op))
        return (Str){ 0 };
    switch (op->kind) {
    case OPERATION_ADD_FIELD:
        if (field_is_relation(op->field) && !op->field->no_constraint && postgresql)
            why = "the foreign key locks both tables against writes (SHARE ROW EXCLUSIVE) while it is checked.";
        else if (op->field->expression && op->field->db_persist)
            why = postgresql ? "the table is written anew under an ACCESS EXCLUSIVE lock, to compute the column."
                             : "the table is copied, to compute the column.";
        else if (op->field->unique && op->field->kind != FIELD_MANY_TO_MANY)
            why = "a unique index is built over the rows that are there; writes wait.";
        break;
    case OPERATION_ALTER_FIELD:
        why = of_altered(postgresql, field_before(before, app, op), op->field);
        break;
    case OPERATION_ADD_INDEX:
        if (postgresql && !op->concurrently)
            why = "the index is built under a SHARE lock: writes wait until it is there. Gentler: .concurrently = true "
                  "in "
                  "a migration with .not_atomic = true.";
        break;
    case OPERATION_ADD_CONSTRAINT:
        if (constraint_is_unique(op->constraint))
            why = "a unique index is built; writes wait until it is there, and it fails where values repeat.";
        else
            why = postgresql
                      ? "every row is checked under an ACCESS EXCLUSIVE lock. Gentler: RunSQL with NOT VALID, and "
                        "VALIDATE CONSTRAINT in a migration of its own."
                      : "the table is copied to check every row; writes wait.";
        break;
    case OPERATION_RENAME_FIELD:
    case OPERATION_RENAME_MODEL:
    case OPERATION_ALTER_MODEL_TABLE:
        why = "programs of the old version fail from then on: stop them before, or add, copy and remove in three "
              "releases.";
        break;
    case OPERATION_REMOVE_FIELD:
    case OPERATION_DELETE_MODEL:
        why = "programs of the old version that still ask for it fail from then on: deploy code without it first.";
        break;
    default:
        break;
    }
    return str_c(why);
}
