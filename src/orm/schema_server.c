/*
 * schema_server.c: tables of PostgreSQL, MariaDB and MySQL, as Django's schema editors make them. Keys to other tables and
 * indexes come at the end, when all tables are there. A constraint that a column brought along has a name that the database
 * chose, and one of several columns that of the table at the time: who drops one looks its name up in the database.
 */
#include "orm/schema_server.h"

#define RUN(e, ...)         editor_run((e), str_format((e)->a, __VA_ARGS__))
#define KEEP(e, table, ...) editor_keep((e), (table), str_format((e)->a, __VA_ARGS__))

static bool is_postgresql(const SchemaEditor *e) { return e->d == &dialect_postgresql; }
static bool is_text(Str type) { return str_starts(type, STR("varchar")) || str_eq(type, STR("text")); }
/* Of MariaDB and MySQL: what has no index of its own. */
static bool is_long(Str type) { return str_starts(type, STR("long")) || str_eq(type, STR("json")); }
static bool constrains(const FieldInfo *field) { return field->to && !field->f->no_constraint; }

/* --- names */

static Str column_name(const SchemaEditor *e, Str table, Str column, const char *suffix)
{
    return ddl_index_name(e->a, e->d, table, &column, 1, str_c(suffix));
}

static Str key_name(const SchemaEditor *e, Str table, const FieldInfo *field)
{
    Str suffix = str_format(e->a, "_fk_%.*s_%.*s", STR_FMT(field->to->table), STR_FMT(field->to_field->column));
    return ddl_index_name(e->a, e->d, table, &field->column, 1, suffix);
}

/* --- what stands beside columns */

static void keep_key_named(SchemaEditor *e, Str table, const FieldInfo *field, Str name)
{
    KEEP(e, table, "ALTER TABLE %.*s ADD CONSTRAINT %.*s FOREIGN KEY (%.*s) REFERENCES %.*s (%.*s)%s",
         STR_FMT(ddl_quoted(e->a, table)), STR_FMT(ddl_quoted(e->a, name)), STR_FMT(field->quoted),
         STR_FMT(field->to->quoted), STR_FMT(field->to_field->quoted),
         e->d->has.can_defer_constraint_checks ? " DEFERRABLE INITIALLY DEFERRED" : "");
}

static void keep_foreign_key(SchemaEditor *e, Str table, const FieldInfo *field)
{
    keep_key_named(e, table, field, key_name(e, table, field));
}

/* Beside a B-tree in the order of a locale, one in the order of bytes: for LIKE 'a%'. */
static void keep_like_index(SchemaEditor *e, Str table, const FieldInfo *field)
{
    Str type = e->d->column_type(e->a, field);
    if (!is_postgresql(e) || !is_text(type) ||
        !(ddl_is_indexed(field) || ddl_is_unique(field) || field->f->primary_key))
        return;
    KEEP(e, table, "CREATE INDEX %.*s ON %.*s (%.*s %s)",
         STR_FMT(ddl_quoted(e->a, column_name(e, table, field->column, "_like"))), STR_FMT(ddl_quoted(e->a, table)),
         STR_FMT(field->quoted), str_starts(type, STR("varchar")) ? "varchar_pattern_ops" : "text_pattern_ops");
}

/* InnoDB makes an index for a foreign key by itself, and none over texts of any length. */
static bool is_indexed(const SchemaEditor *e, const FieldInfo *field)
{
    Str type = e->d->column_type(e->a, field);
    return ddl_is_indexed(field) && (is_postgresql(e) || (!constrains(field) && !is_long(type)));
}

static void keep_indexes(SchemaEditor *e, Str table, const FieldInfo *field)
{
    if (is_indexed(e, field))
        editor_keep(e, table, ddl_create_field_index(e->cx, e->d, table, field->column));
    keep_like_index(e, table, field);
}

static void comment(SchemaEditor *e, Str table, const FieldInfo *field)
{
    if (field->f->db_comment && is_postgresql(e))
        KEEP(e, table, "COMMENT ON COLUMN %.*s.%.*s IS %.*s", STR_FMT(ddl_quoted(e->a, table)), STR_FMT(field->quoted),
             STR_FMT(dialect_text(e->a, str_c(field->f->db_comment))));
}

static Str definition(SchemaEditor *e, const TableShape *t, const FieldInfo *field)
{
    return ddl_column(e->cx, t, field, field == t->plain_key);
}

void server_comment_table(SchemaEditor *e, Str table, const char *text)
{
    Str comment = dialect_text(e->a, str_c(text));
    RUN(e, is_postgresql(e) ? "COMMENT ON TABLE %.*s IS %.*s" : "ALTER TABLE %.*s COMMENT = %.*s", STR_FMT(table),
        STR_FMT(text || !is_postgresql(e) ? comment : STR("NULL")));
}

/* --- tables */

void server_create_table(SchemaEditor *e, const TableShape *t)
{
    const Model *m = t->meta->meta;
    table_create(e, t, t->table, definition);
    if (m->db_table_comment)
        server_comment_table(e, ddl_quoted(e->a, t->table), m->db_table_comment);
    for (const char *const *const *set = m->unique_together; set && *set; set++)
        KEEP(e, t->table, "ALTER TABLE %.*s ADD CONSTRAINT %.*s UNIQUE (%.*s)", STR_FMT(ddl_quoted(e->a, t->table)),
             STR_FMT(ddl_quoted(e->a, ddl_together_name(e->cx, t, *set, true))), STR_FMT(ddl_columns(e->cx, t, *set)));
    for (size_t i = 0; i < t->n; i++)
        if (constrains(t->fields[i]))
            keep_foreign_key(e, t->table, t->fields[i]);
    for (size_t i = 0; i < t->n; i++) {
        keep_indexes(e, t->table, t->fields[i]);
        comment(e, t->table, t->fields[i]);
    }
    for (const char *const *const *set = m->index_together; set && *set; set++)
        editor_keep(e, t->table, ddl_create_together(e->cx, t, *set, false));
    for (size_t i = 0; i < m->nindexes; i++)
        editor_keep(e, t->table, ddl_create_index(e->cx, t, &m->indexes[i]));
}

/* --- fields */

void server_add_field(SchemaEditor *e, const ModelInfo *from, const FieldInfo *field)
{
    TableShape t = ddl_shape(e->a, e->d, field->model);
    Value value = field->f->db_default.box || field->f->expression ? value_null() : ddl_default(e->cx, field);
    bool defaults = value.tag != VALUE_NULL;
    Str column = definition(e, &t, field);
    if (defaults) { /* for the rows that are there, not for those to come */
        Str type = e->d->column_type(e->a, field), rest = str_from_byte(column, type.n);
        column = str_format(e->a, "%.*s DEFAULT %.*s%.*s", STR_FMT(type), STR_FMT(ddl_literal(e->cx, e->d, value)),
                            STR_FMT(rest));
    }
    RUN(e, "ALTER TABLE %.*s ADD COLUMN %.*s %.*s", STR_FMT(from->quoted), STR_FMT(field->quoted), STR_FMT(column));
    if (defaults)
        RUN(e, "ALTER TABLE %.*s ALTER COLUMN %.*s DROP DEFAULT", STR_FMT(from->quoted), STR_FMT(field->quoted));
    if (constrains(field))
        keep_foreign_key(e, from->table, field);
    keep_indexes(e, from->table, field);
    comment(e, from->table, field);
}

/*
 * Runs what a query of MariaDB's or MySQL's own tables gives as a list of clauses behind `begin`; nothing when it gives
 * NULL. The list has no name of its own that could be guessed: a table that was renamed has its keys under their old
 * ones.
 */
static void run_clauses(SchemaEditor *e, Str begin, Str query)
{
    RUN(e, "SET @clef_drop = COALESCE((SELECT CONCAT(%.*s, GROUP_CONCAT(clause)) FROM (%.*s) found), 'DO 0')",
        STR_FMT(dialect_text(e->a, begin)), STR_FMT(query));
    RUN(e, "PREPARE clef_drop FROM @clef_drop");
    RUN(e, "EXECUTE clef_drop");
    RUN(e, "DEALLOCATE PREPARE clef_drop");
}

#define MYSQL_DROP(what, name) "CONCAT('DROP " what " \"', REPLACE(" name ", '\"', '\"\"'), '\"') AS clause"

/* " AND <name> NOT IN ('a', 'b')": the constraints and indexes that Meta names, which are not a column's own. */
static Str but_those_of_meta(const SchemaEditor *e, const ModelInfo *info, const char *name)
{
    const Model *m = info ? info->meta : NULL;
    Buf b = BUF_INIT(e->a, DDL_MAX);
    size_t n = 0;
    for (size_t i = 0; m && i < m->nconstraints; i++)
        buf_printf(&b, n++ ? ", %.*s" : "%.*s", STR_FMT(dialect_text(e->a, str_c(m->constraints[i].name))));
    for (size_t i = 0; m && i < m->nindexes; i++)
        if (m->indexes[i].name)
            buf_printf(&b, n++ ? ", %.*s" : "%.*s", STR_FMT(dialect_text(e->a, str_c(m->indexes[i].name))));
    return n ? str_format(e->a, " AND %s NOT IN (%.*s)", name, STR_FMT(buf_view(&b))) : STR("");
}

/*
 * Drops what constrains exactly these columns: 'f' a foreign key, 'u' that they are unique, 'c' a check, 'p' the
 * primary key. What Meta of `info` names stays.
 */
static void drop_constraints_of(SchemaEditor *e, Str table, const Str *columns, size_t n, char kind,
                                const ModelInfo *info)
{
    Str quoted = ddl_quoted(e->a, table), name = dialect_text(e->a, table), *texts = NEW_ARRAY(e->a, Str, n + 1);
    for (size_t i = 0; i < n; i++)
        texts[i] = dialect_text(e->a, columns[i]);
    Str begin = str_format(e->a, "ALTER TABLE %.*s ", STR_FMT(quoted)), list = ddl_joined(e->a, texts, n, ", ");
    if (is_postgresql(e)) {
        RUN(e,
            "DO $$ DECLARE n name; BEGIN FOR n IN SELECT conname FROM pg_constraint c WHERE c.conrelid = "
            "%.*s::regclass AND c.contype = '%c' AND (SELECT array_agg(a.attname::text ORDER BY k.at) FROM "
            "unnest(c.conkey) WITH ORDINALITY k (num, at) JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum "
            "= "
            "k.num) = ARRAY[%.*s]%.*s LOOP %sEXECUTE format('ALTER TABLE %%s DROP CONSTRAINT %%I', %.*s, n); END LOOP; "
            "END "
            "$$",
            STR_FMT(dialect_text(e->a, quoted)), kind, STR_FMT(list), STR_FMT(but_those_of_meta(e, info, "c.conname")),
            kind == 'f' ? "EXECUTE format('SET CONSTRAINTS %I IMMEDIATE', n); " : "",
            STR_FMT(dialect_text(e->a, quoted)));
    } else if (kind == 'f') {
        run_clauses(
            e, begin,
            str_format(e->a,
                       "SELECT " MYSQL_DROP(
                           "FOREIGN KEY",
                           "constraint_name") " FROM "
                                              "information_schema.key_column_usage WHERE table_schema = DATABASE() AND "
                                              "table_name = "
                                              "%.*s AND column_name = %.*s AND referenced_table_name IS NOT NULL",
                       STR_FMT(name), STR_FMT(texts[0])));
    } else if (kind == 'u') {
        run_clauses(
            e, begin,
            str_format(e->a,
                       "SELECT " MYSQL_DROP("INDEX", "index_name") " FROM information_schema.statistics WHERE "
                                                                   "table_schema = DATABASE() AND table_name = %.*s "
                                                                   "AND non_unique = 0 AND index_name <> "
                                                                   "'PRIMARY'%.*s GROUP BY index_name HAVING "
                                                                   "GROUP_CONCAT(column_name ORDER BY seq_in_index "
                                                                   "SEPARATOR '\n') = CONCAT_WS('\n', %.*s)",
                       STR_FMT(name), STR_FMT(but_those_of_meta(e, info, "index_name")), STR_FMT(list)));
    } else if (kind == 'c' && e->d == &dialect_mariadb) { /* those of the column itself go with its definition */
        run_clauses(
            e, begin,
            str_format(e->a,
                       "SELECT " MYSQL_DROP("CONSTRAINT",
                                            "constraint_name") " FROM "
                                                               "information_schema.check_constraints WHERE "
                                                               "constraint_schema = DATABASE() AND table_name "
                                                               "= %.*s AND level = 'Table' AND "
                                                               "REPLACE(REPLACE(check_clause, '`', ''), '\"', '') = "
                                                               "CONCAT(%.*s, ' >= 0')%.*s",
                       STR_FMT(name), STR_FMT(texts[0]), STR_FMT(but_those_of_meta(e, info, "constraint_name"))));
    } else if (kind == 'p') {
        RUN(e, "ALTER TABLE %.*s DROP PRIMARY KEY", STR_FMT(quoted));
    }
}

static void drop_constraints(SchemaEditor *e, Str table, Str column, char kind, const ModelInfo *info)
{
    drop_constraints_of(e, table, &column, 1, kind, info);
}

void server_remove_field(SchemaEditor *e, const ModelInfo *from, const FieldInfo *field)
{
    editor_forget_column(e, from->quoted, field->quoted);
    if (constrains(field) && !is_postgresql(e))
        drop_constraints(e, from->table, field->column, 'f', NULL);
    RUN(e, "ALTER TABLE %.*s DROP COLUMN %.*s%s", STR_FMT(from->quoted), STR_FMT(field->quoted),
        is_postgresql(e) ? " CASCADE" : "");
}

static Str type_of(const SchemaEditor *e, const FieldInfo *field)
{
    Str type = e->d->column_type(e->a, field);
    bool makes = field_is_auto(field->f) && !field->to;
    return makes && !e->d->has.supports_identity ? str_format(e->a, "%.*s AUTO_INCREMENT", STR_FMT(type)) : type;
}

static Str collation_of(const SchemaEditor *e, const FieldInfo *field)
{
    const char *name = field->stored->db_collation;
    return name ? str_format(e->a, " COLLATE \"%s\"", name) : STR("");
}

/* MODIFY says all of a column anew: what it leaves out is gone. */
static void modify(SchemaEditor *e, const TableShape *t, Str table, const FieldInfo *field, Str type, bool null)
{
    Buf b = BUF_INIT(e->a, DDL_MAX);
    buf_printf(&b, "%.*s%.*s", STR_FMT(type), STR_FMT(collation_of(e, field)));
    if (field->f->db_default.box && !field->f->expression)
        buf_printf(&b, " DEFAULT %.*s", STR_FMT(ddl_db_default(e->cx, t, field)));
    buf_c(&b, null ? " NULL" : " NOT NULL");
    if (field->f->db_comment)
        buf_printf(&b, " COMMENT %.*s", STR_FMT(dialect_text(e->a, str_c(field->f->db_comment))));
    RUN(e, "ALTER TABLE %.*s MODIFY %.*s %.*s", STR_FMT(table), STR_FMT(field->quoted), STR_FMT(buf_view(&b)));
}

static void alter_pg_type(SchemaEditor *e, Str table, Str column, Str type, Str collation)
{
    RUN(e, "ALTER TABLE %.*s ALTER COLUMN %.*s TYPE %.*s%.*s USING %.*s::%.*s", STR_FMT(table), STR_FMT(column),
        STR_FMT(type), STR_FMT(collation), STR_FMT(column), STR_FMT(type));
}

enum { REFERRERS_DEEP = 16 }; /* keys that are keys to keys */

/* Keys that refer to the column, and have its type; and keys to those. Made anew, they have a shorter name, as Django's. */
static void alter_referrers(SchemaEditor *e, const FieldInfo *to, Str type, bool drop, unsigned depth)
{
    for (const FieldInfo *r = to->model->referrers; r && depth < REFERRERS_DEEP; r = r->next_referrer) {
        if (r->to_field != to || r->model->m->unmanaged || r->model->m->proxy)
            continue;
        if (drop) {
            alter_referrers(e, r, type, true, depth + 1);
            if (constrains(r))
                drop_constraints(e, r->model->table, r->column, 'f', NULL);
            continue;
        }
        TableShape t = ddl_shape(e->a, e->d, r->model);
        if (is_postgresql(e))
            alter_pg_type(e, r->model->quoted, r->quoted, type, STR(""));
        else
            modify(e, &t, r->model->quoted, r, type, r->f->null);
        alter_referrers(e, r, type, false, depth + 1);
        if (constrains(r))
            keep_key_named(e, r->model->table, r, column_name(e, r->model->table, r->column, "_fk"));
    }
}

/* The type of keys to the column. */
static Str type_of_keys(const SchemaEditor *e, const FieldInfo *to)
{
    FieldInfo key = *to;
    key.to = to->model;
    return field_is_auto(to->f) ? e->d->key_type(e->a, to) : e->d->column_type(e->a, &key);
}

/* The rows that have NULL get what new rows have. */
static bool fill_nulls(SchemaEditor *e, const TableShape *t, Str table, const FieldInfo *field, bool run)
{
    Value value = field->f->db_default.box ? value_null() : ddl_default(e->cx, field);
    if (!field->f->db_default.box && value.tag == VALUE_NULL)
        return false;
    Str text = field->f->db_default.box ? ddl_db_default(e->cx, t, field) : ddl_literal(e->cx, e->d, value);
    if (run)
        RUN(e, "UPDATE %.*s SET %.*s = %.*s WHERE %.*s IS NULL", STR_FMT(table), STR_FMT(field->quoted), STR_FMT(text),
            STR_FMT(field->quoted));
    return true;
}

/* The type first, so that what is filled in is of the new one, and NOT NULL last. */
static void alter_type(SchemaEditor *e, const ModelInfo *from, const TableShape *t, const FieldInfo *old_field,
                       const FieldInfo *new_field)
{
    Str was = type_of(e, old_field), is = type_of(e, new_field), name = new_field->quoted;
    bool null = new_field->f->null, null_changed = old_field->f->null != null,
         type_changed = !str_eq(was, is) || !str_eq(collation_of(e, old_field), collation_of(e, new_field));
    bool had_identity = field_is_auto(old_field->f) && !old_field->to,
         has_identity = field_is_auto(new_field->f) && !new_field->to, fills = null_changed && !null;
    if (!is_postgresql(e)) {
        bool comment_changed = !str_eq(str_c(old_field->f->db_comment), str_c(new_field->f->db_comment));
        fills = fills && fill_nulls(e, t, from->quoted, new_field, false);
        if (type_changed && fills)
            modify(e, t, from->quoted, new_field, is, true);
        if (fills)
            (void)fill_nulls(e, t, from->quoted, new_field, true);
        if (type_changed || null_changed || comment_changed)
            modify(e, t, from->quoted, new_field, is, null);
        return;
    }
    if (had_identity && !has_identity)
        RUN(e, "ALTER TABLE %.*s ALTER COLUMN %.*s DROP IDENTITY IF EXISTS", STR_FMT(from->quoted), STR_FMT(name));
    if (type_changed && old_field->f->db_default.box && !str_eq(was, is)) /* it is of the old type */
        RUN(e, "ALTER TABLE %.*s ALTER COLUMN %.*s DROP DEFAULT", STR_FMT(from->quoted), STR_FMT(name));
    if (type_changed)
        alter_pg_type(e, from->quoted, name, is, collation_of(e, new_field));
    if (type_changed && old_field->f->db_default.box && new_field->f->db_default.box && !str_eq(was, is))
        RUN(e, "ALTER TABLE %.*s ALTER COLUMN %.*s SET DEFAULT %.*s", STR_FMT(from->quoted), STR_FMT(name),
            STR_FMT(ddl_db_default(e->cx, t, new_field)));
    if (fills) {
        (void)fill_nulls(e, t, from->quoted, new_field, true);
        RUN(e, "SET CONSTRAINTS ALL IMMEDIATE"); /* or what waits for the end forbids to alter the table */
    }
    if (null_changed)
        RUN(e, "ALTER TABLE %.*s ALTER COLUMN %.*s %s NOT NULL", STR_FMT(from->quoted), STR_FMT(name),
            null ? "DROP" : "SET");
    if (!had_identity && has_identity)
        RUN(e, "ALTER TABLE %.*s ALTER COLUMN %.*s ADD GENERATED BY DEFAULT AS IDENTITY", STR_FMT(from->quoted),
            STR_FMT(name));
}

static bool same_default(SchemaEditor *e, const FieldInfo *x, const FieldInfo *y)
{
    return expr_boxed_equal(e->a, x->f->db_default, y->f->db_default);
}

/* unique, and whether an index is asked for, as Django has them of a field: a key is unique. */
static bool is_one_of_a_kind(const FieldInfo *field) { return ddl_is_unique(field) || field->f->primary_key; }
static bool wants_index(const FieldInfo *field)
{
    const Field *f = field->f;
    return !f->no_db_index && (f->db_index || f->kind == FIELD_SLUG || field_is_relation(f));
}

/* The index of one column that db_index made, whatever it is called by now; those that Meta names stay. */
static void drop_field_index(SchemaEditor *e, const ModelInfo *info, const FieldInfo *field)
{
    if (is_postgresql(e)) {
        server_drop_index(e, info->quoted, column_name(e, info->table, field->column, ""));
        return;
    }
    run_clauses(
        e, str_format(e->a, "ALTER TABLE %.*s ", STR_FMT(info->quoted)),
        str_format(e->a,
                   "SELECT " MYSQL_DROP("INDEX", "index_name") " FROM information_schema.statistics WHERE "
                                                               "table_schema = DATABASE() AND table_name = "
                                                               "%.*s AND non_unique = 1%.*s GROUP BY index_name "
                                                               "HAVING GROUP_CONCAT(column_name) = %.*s",
                   STR_FMT(dialect_text(e->a, info->table)), STR_FMT(but_those_of_meta(e, info, "index_name")),
                   STR_FMT(dialect_text(e->a, field->column))));
}

/* Which indexes of one column come and go, by the rules of Django's editors. */
typedef struct IndexChange {
    bool drops, adds, drops_like, adds_like;
} IndexChange;

static IndexChange index_change(const SchemaEditor *e, const FieldInfo *x, const FieldInfo *y)
{
    Str was = e->d->column_type(e->a, x), is = e->d->column_type(e->a, y);
    bool was_unique = is_one_of_a_kind(x), is_unique = is_one_of_a_kind(y), was_indexed = wants_index(x),
         indexed = wants_index(y), long_text = !is_postgresql(e) && is_long(is);
    bool other_text =
        (was_indexed || was_unique) && is_text(was) && str_starts(was, STR("text")) != str_starts(is, STR("text"));
    if (is_text(was) && !is_text(is))
        other_text = was_indexed || was_unique;
    IndexChange c = { .drops = was_indexed && !was_unique && (!indexed || is_unique),
                      .adds = (!was_indexed || was_unique) && indexed && !is_unique && !long_text };
    if (is_postgresql(e)) {
        c.drops_like = is_text(was) && (other_text || c.drops || (was_unique && !indexed && !is_unique));
        c.adds_like = is_text(is) && (indexed || is_unique) &&
                      ((!was_indexed && !was_unique) || (!was_unique && is_unique) || other_text);
    }
    return c;
}

static void refuse_generated(SchemaEditor *e, const ModelInfo *from, const FieldInfo *x, const FieldInfo *y)
{
    if (expr_equal(e->a, x->f->expression, y->f->expression) && str_eq(type_of(e, x), type_of(e, y)))
        return;
    RAISE(e->cx, 500, "schema_error",
          "Modifying GeneratedFields is not supported - the field %s.%.*s must be removed and re-added with the new "
          "definition.",
          from->m->name, STR_FMT(y->name));
}

static void alter_default(SchemaEditor *e, const TableShape *t, Str table, const FieldInfo *field)
{
    if (field->f->db_default.box)
        RUN(e, "ALTER TABLE %.*s ALTER COLUMN %.*s SET DEFAULT %.*s", STR_FMT(table), STR_FMT(field->quoted),
            STR_FMT(ddl_db_default(e->cx, t, field)));
    else
        RUN(e, "ALTER TABLE %.*s ALTER COLUMN %.*s DROP DEFAULT", STR_FMT(table), STR_FMT(field->quoted));
}

void server_alter_field(SchemaEditor *e, const ModelInfo *from, const FieldInfo *old_field, const FieldInfo *new_field)
{
    Str table = from->table;
    TableShape t = ddl_shape(e->a, e->d, new_field->model);
    bool type_changed = !str_eq(type_of(e, old_field), type_of(e, new_field)), was_unique = ddl_is_unique(old_field),
         is_unique = ddl_is_unique(new_field), renamed = !str_eq(old_field->column, new_field->column);
    IndexChange indexes = index_change(e, old_field, new_field);
    /* The name of a key tells its columns; and on MariaDB no index goes that a key needs. */
    bool key_changed =
        constrains(old_field) != constrains(new_field) ||
        (constrains(old_field) && (!str_eq(old_field->to->table, new_field->to->table) || type_changed || renamed ||
                                   !str_eq(old_field->to_field->column, new_field->to_field->column) ||
                                   (!is_postgresql(e) && (indexes.drops || indexes.adds || was_unique != is_unique))));
    bool position = old_field->kind >= FIELD_POSITIVE_INTEGER && old_field->kind <= FIELD_POSITIVE_SMALL_INTEGER,
         positive = new_field->kind >= FIELD_POSITIVE_INTEGER && new_field->kind <= FIELD_POSITIVE_SMALL_INTEGER;
    if (old_field->f->expression || new_field->f->expression) /* what computes a column cannot be altered */
        refuse_generated(e, from, old_field, new_field);
    editor_run_kept(e, from->quoted, old_field->quoted);
    if (constrains(old_field) && key_changed)
        drop_constraints(e, table, old_field->column, 'f', NULL);
    if (was_unique && !is_unique)
        drop_constraints(e, table, old_field->column, 'u', from);
    bool referred = type_changed && (new_field->f->primary_key || is_unique);
    if (referred)
        alter_referrers(e, old_field, STR(""), true, 0);
    if (indexes.drops)
        drop_field_index(e, from, old_field);
    if (indexes.drops_like)
        RUN(e, "DROP INDEX IF EXISTS %.*s",
            STR_FMT(ddl_quoted(e->a, column_name(e, table, old_field->column, "_like"))));
    if (position && !positive)
        drop_constraints(e, table, old_field->column, 'c', from);
    if (renamed)
        RUN(e, "ALTER TABLE %.*s RENAME COLUMN %.*s TO %.*s", STR_FMT(from->quoted), STR_FMT(old_field->quoted),
            STR_FMT(new_field->quoted));
    alter_type(e, from, &t, old_field, new_field);
    if (!same_default(e, old_field, new_field))
        alter_default(e, &t, from->quoted, new_field);
    if (!old_field->f->primary_key && new_field->f->primary_key) {
        for (size_t i = 0; i < from->n; i++)
            if (from->fields[i].f->primary_key && &from->fields[i] != old_field)
                drop_constraints(e, table, from->fields[i].column, 'p', NULL);
        RUN(e, "ALTER TABLE %.*s ADD CONSTRAINT %.*s PRIMARY KEY (%.*s)", STR_FMT(from->quoted),
            STR_FMT(ddl_quoted(e->a, column_name(e, table, new_field->column, "_pk"))), STR_FMT(new_field->quoted));
    }
    if (!was_unique && is_unique)
        RUN(e, "ALTER TABLE %.*s ADD CONSTRAINT %.*s UNIQUE (%.*s)", STR_FMT(from->quoted),
            STR_FMT(ddl_quoted(e->a, column_name(e, table, new_field->column, "_uniq"))), STR_FMT(new_field->quoted));
    if (indexes.adds)
        editor_keep(e, table, ddl_create_field_index(e->cx, e->d, table, new_field->column));
    if (indexes.adds_like)
        keep_like_index(e, table, new_field);
    if (referred)
        alter_referrers(e, new_field, type_of_keys(e, new_field), false, 0);
    if (constrains(new_field) && key_changed)
        keep_foreign_key(e, table, new_field);
    if (positive && !position)
        RUN(e, "ALTER TABLE %.*s ADD CONSTRAINT %.*s CHECK (%.*s >= 0)", STR_FMT(from->quoted),
            STR_FMT(ddl_quoted(e->a, column_name(e, table, new_field->column, "_check"))), STR_FMT(new_field->quoted));
    const char *said = old_field->f->db_comment, *says = new_field->f->db_comment;
    if (is_postgresql(e) && !str_eq(str_c(said), str_c(says)))
        KEEP(e, table, "COMMENT ON COLUMN %.*s.%.*s IS %.*s", STR_FMT(from->quoted), STR_FMT(new_field->quoted),
             STR_FMT(says ? dialect_text(e->a, str_c(says)) : STR("NULL")));
}

/* --- indexes and constraints */

void server_drop_index(SchemaEditor *e, Str table, Str name)
{
    if (is_postgresql(e))
        RUN(e, "DROP INDEX IF EXISTS %.*s", STR_FMT(ddl_quoted(e->a, name)));
    else
        RUN(e, "DROP INDEX %.*s ON %.*s", STR_FMT(ddl_quoted(e->a, name)), STR_FMT(table));
}

void server_rename_index(SchemaEditor *e, Str table, Str old_name, Str new_name)
{
    Str from = ddl_quoted(e->a, old_name), to = ddl_quoted(e->a, new_name);
    if (is_postgresql(e))
        RUN(e, "ALTER INDEX %.*s RENAME TO %.*s", STR_FMT(from), STR_FMT(to));
    else
        RUN(e, "ALTER TABLE %.*s RENAME INDEX %.*s TO %.*s", STR_FMT(table), STR_FMT(from), STR_FMT(to));
}

static void drop_unique(SchemaEditor *e, Str table, Str name)
{
    RUN(e, is_postgresql(e) ? "ALTER TABLE %.*s DROP CONSTRAINT %.*s" : "ALTER TABLE %.*s DROP INDEX %.*s",
        STR_FMT(table), STR_FMT(ddl_quoted(e->a, name)));
}

void server_add_together(SchemaEditor *e, const TableShape *t, const char *const *names, bool unique)
{
    if (!unique) {
        editor_run(e, ddl_create_together(e->cx, t, names, false));
        return;
    }
    RUN(e, "ALTER TABLE %.*s ADD CONSTRAINT %.*s UNIQUE (%.*s)", STR_FMT(ddl_quoted(e->a, t->table)),
        STR_FMT(ddl_quoted(e->a, ddl_together_name(e->cx, t, names, true))), STR_FMT(ddl_columns(e->cx, t, names)));
}

/*
 * InnoDB needs an index that begins with the column of a foreign key: the one that is about to go (`but`) may be the
 * only one.
 */
static void keep_key_indexed(SchemaEditor *e, const TableShape *t, const FieldInfo *field, Str but)
{
    Str name = column_name(e, t->table, field->column, "");
    if (str_eq(name, but))
        name = str_concat(e->a, name, STR("_fk"));
    run_clauses(
        e,
        str_format(e->a, "CREATE INDEX %.*s ON %.*s (%.*s)", STR_FMT(ddl_quoted(e->a, name)),
                   STR_FMT(ddl_quoted(e->a, t->table)), STR_FMT(field->quoted)),
        str_format(e->a,
                   "SELECT '' AS clause FROM (SELECT 1) one WHERE NOT EXISTS (SELECT 1 FROM "
                   "information_schema.statistics s WHERE table_schema = DATABASE() AND table_name = %.*s AND "
                   "column_name = %.*s AND seq_in_index = 1 AND index_name <> %.*s AND NOT EXISTS (SELECT 1 FROM "
                   "information_schema.statistics more WHERE more.table_schema = s.table_schema AND "
                   "more.table_name = s.table_name AND more.index_name = s.index_name AND more.seq_in_index = 2))",
                   STR_FMT(dialect_text(e->a, t->table)), STR_FMT(dialect_text(e->a, field->column)),
                   STR_FMT(dialect_text(e->a, but))));
}

/* The same of an index over these fields, "-" before a name or not. */
static void keep_first_key_indexed(SchemaEditor *e, const TableShape *t, const char *const *names, Str but)
{
    const char *first = names && names[0] ? names[0] + (names[0][0] == '-') : NULL;
    const FieldInfo *field = first && !is_postgresql(e) ? info_field(t->meta, str_c(first)) : NULL;
    if (field && constrains(field))
        keep_key_indexed(e, t, field, but);
}

void server_remove_index(SchemaEditor *e, const TableShape *t, const Index *index)
{
    Str name = ddl_meta_index_name(e->cx, t, index);
    keep_first_key_indexed(e, t, index->fields, name);
    server_drop_index(e, ddl_quoted(e->a, t->table), name);
}

void server_drop_together(SchemaEditor *e, const TableShape *t, const char *const *names, bool unique)
{
    if (!unique) {
        server_drop_index(e, ddl_quoted(e->a, t->table), ddl_together_name(e->cx, t, names, false));
        return;
    }
    size_t n = 0;
    while (names[n])
        n++;
    Str *columns = NEW_ARRAY(e->a, Str, n + 1);
    for (size_t i = 0; i < n; i++) {
        const FieldInfo *field = info_field(t->meta, str_c(names[i]));
        columns[i] = field ? field->column : str_c(names[i]);
        if (i == 0 && field && constrains(field) && !is_postgresql(e))
            keep_key_indexed(e, t, field, ddl_together_name(e->cx, t, names, true));
    }
    drop_constraints_of(e, t->table, columns, n, 'u', t->meta);
}

void server_add_constraint(SchemaEditor *e, const ModelInfo *to, const Constraint *c)
{
    TableShape t = ddl_shape(e->a, e->d, to);
    if (!ddl_constraint_is_made(e->d, c))
        return;
    if (ddl_constraint_is_index(c))
        editor_run(e, ddl_constraint(e->cx, &t, c));
    else
        RUN(e, "ALTER TABLE %.*s ADD %.*s", STR_FMT(to->quoted), STR_FMT(ddl_constraint(e->cx, &t, c)));
}

void server_remove_constraint(SchemaEditor *e, const ModelInfo *to, const Constraint *c)
{
    TableShape t = ddl_shape(e->a, e->d, to);
    if (!ddl_constraint_is_made(e->d, c))
        return;
    if (constraint_is_unique(c))
        keep_first_key_indexed(e, &t, c->unique, str_c(c->name));
    if (ddl_constraint_is_index(c))
        server_drop_index(e, to->quoted, str_c(c->name));
    else if (constraint_is_unique(c))
        drop_unique(e, to->quoted, str_c(c->name));
    else
        RUN(e, "ALTER TABLE %.*s DROP CONSTRAINT %.*s", STR_FMT(to->quoted), STR_FMT(ddl_quoted(e->a, str_c(c->name))));
}
