/* writer.c: migrations as C files that read like Django's. */
#include "migrations/writer.h"
#include <clef/base/double.h>
#include <clef/codec/json.h>

enum { SOURCE_MAX = 1 << 22 };

static void write_text(Buf *b, const char *text)
{
    buf_byte(b, '"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            buf_printf(b, "\\%c", c);
        else if (c == '\n')
            BUF_LIT(b, "\\n");
        else if (c < 0x20 || c == 0x7f)
            buf_printf(b, "\\%03o", c);
        else if (c == '?' && text[1] == '?')
            BUF_LIT(b, "\\?");
        else
            buf_byte(b, (char)c);
    }
    buf_byte(b, '"');
}

/* "DEFAULT(1)", "DEFAULT_DATE(\"2024-01-31\")"; false when C has no constant for it. */
static bool write_boxed(Arena *a, Buf *b, Value v)
{
    char text[DATETIME_TEXT_MAX + UUID_TEXT_LEN + 1] = { 0 };
    const char *how = NULL;
    Str s = { 0 };
    Buf json = BUF_INIT(a, SOURCE_MAX);
    switch ((ValueTag)v.tag) {
    case VALUE_DECIMAL:
        how = "DECIMAL";
        s = decimal_str(a, *v.decimal);
        break;
    case VALUE_DATE:
        how = "DATE";
        date_format_iso((Date){ (int32_t)v.us }, text);
        break;
    case VALUE_TIME:
        how = "TIME";
        time_format_iso((Time){ .us = v.us }, text);
        break;
    case VALUE_DATETIME:
        how = "DATETIME";
        naive_format_iso((NaiveDateTime){ v.us }, ' ', text);
        break;
    case VALUE_DURATION:
        how = "DURATION";
        (void)duration_string(&json, (Duration){ v.us });
        s = buf_view(&json);
        break;
    case VALUE_UUID:
        how = "UUID";
        uuid_format(*v.uuid, text);
        break;
    case VALUE_LIST:
    case VALUE_MAP:
        how = "JSON";
        if (!json_write(&json, v, (JsonStyle){ .nan = true }))
            return false;
        s = buf_view(&json);
        break;
    default:
        break;
    }
    if (how) {
        buf_printf(b, "DEFAULT_%s(", how);
        write_text(b, str_is_null(s) ? text : str_dup_c(a, s));
    } else {
        BUF_LIT(b, "DEFAULT(");
        if (!migration_value_source(a, b, v))
            return false;
    }
    return BUF_LIT(b, ")");
}

bool migration_value_source(Arena *a, Buf *b, Value v)
{
    char digits[DOUBLE_TEXT_MAX];
    switch ((ValueTag)v.tag) {
    case VALUE_BOOL:
        return buf_c(b, v.b ? "true" : "false");
    case VALUE_INT:
        return v.i == (int32_t)v.i ? buf_i64(b, v.i)
                                   : buf_printf(b, "(int64_t)%lld%s", (long long)(v.i == INT64_MIN ? v.i + 1 : v.i),
                                                v.i == INT64_MIN ? " - 1" : "");
    case VALUE_DOUBLE:
        return v.d - v.d == 0 && buf_str(b, str_from(digits, double_format(v.d, digits)));
    case VALUE_STR:
    case VALUE_SAFE:
        write_text(b, str_dup_c(a, v.s));
        return true;
    default:
        return false;
    }
}

/* `, .name = ` and so on; the first of a field stands behind its name, so all begin with a comma. */
static void option_text(Buf *b, const char *name, const char *text)
{
    if (!text)
        return;
    buf_printf(b, ", .%s = ", name);
    write_text(b, text);
}

static void option_flag(Buf *b, const char *name, bool set)
{
    if (set)
        buf_printf(b, ", .%s = true", name);
}

static void option_number(Buf *b, const char *name, int n)
{
    if (n)
        buf_printf(b, ", .%s = %d", name, n);
}

static void option_boxed(Arena *a, Buf *b, const char *name, Boxed boxed)
{
    Buf one = BUF_INIT(a, SOURCE_MAX);
    if (boxed.box && write_boxed(a, &one, boxed.box(a, boxed.at)))
        buf_printf(b, ", .%s = %.*s", name, STR_FMT(buf_view(&one)));
}

static void option_choices(Arena *a, Buf *b, const Choice *c)
{
    Buf all = BUF_INIT(a, SOURCE_MAX);
    for (; c && c->display; c++) {
        buf_c(&all, all.n ? ", CHOICE(" : "CHOICE(");
        if (!migration_value_source(a, &all, c->value.box(a, c->value.at)))
            return;
        BUF_LIT(&all, ", ");
        write_text(&all, c->display);
        BUF_LIT(&all, ")");
    }
    if (all.n)
        buf_printf(b, ", .choices = CHOICES(%.*s)", STR_FMT(buf_view(&all)));
}

static void write_field(Arena *a, Buf *b, const Field *f)
{
    static const char *const on_delete[] = {
        [ON_DELETE_UNSET] = "DO_NOTHING", [CASCADE] = "CASCADE",   [PROTECT] = "PROTECT",
        [RESTRICT] = "RESTRICT",          [SET_NULL] = "SET_NULL", [SET_DEFAULT] = "SET_DEFAULT",
        [DO_NOTHING] = "DO_NOTHING"
    };
    buf_printf(b, "%s(%s", field_class(f), f->name);
    if (f->to_label) {
        BUF_LIT(b, ", ");
        write_text(b, f->to_label);
    }
    if (field_is_relation(f))
        buf_printf(b, ", .on_delete = %s", on_delete[f->on_delete]);
    option_text(b, "through_label", f->through_label);
    option_text(b, "to_field", f->to_field);
    option_text(b, "related_name", f->related_name);
    option_text(b, "related_query_name", f->related_query_name);
    option_number(b, "max_length", f->max_length);
    option_number(b, "max_digits", f->max_digits);
    option_number(b, "decimal_places", f->decimal_places);
    option_flag(b, "primary_key", f->primary_key);
    option_flag(b, "auto_created", f->auto_created);
    option_flag(b, "parent_link", f->parent_link);
    option_flag(b, "null", f->null);
    option_flag(b, "blank", f->blank);
    option_flag(b, "unique", f->unique);
    option_flag(b, "db_index", f->db_index);
    option_flag(b, "no_db_index", f->no_db_index);
    option_flag(b, "not_editable", f->not_editable);
    option_flag(b, "auto_now", f->auto_now);
    option_flag(b, "auto_now_add", f->auto_now_add);
    option_flag(b, "symmetrical", f->symmetrical);
    option_flag(b, "no_constraint", f->no_constraint);
    option_boxed(a, b, "default_value", f->default_value);
    option_boxed(a, b, "db_default", f->db_default);
    option_choices(a, b, f->choices);
    option_text(b, "db_column", f->db_column);
    option_text(b, "db_table", f->db_table);
    option_text(b, "db_comment", f->db_comment);
    option_text(b, "verbose_name", f->verbose_name);
    option_text(b, "help_text", f->help_text);
    option_text(b, "unique_for_date", f->unique_for_date);
    option_text(b, "unique_for_month", f->unique_for_month);
    option_text(b, "unique_for_year", f->unique_for_year);
    option_text(b, "protocol", f->protocol);
    option_text(b, "upload_to", f->upload_to);
    option_text(b, "path", f->path);
    BUF_LIT(b, ")");
}

static void write_names(Buf *b, const char *const *names)
{
    for (size_t i = 0; names && names[i]; i++) {
        buf_c(b, i ? ", " : "");
        write_text(b, names[i]);
    }
}

static void write_order(Buf *b, const char *const *names)
{
    BUF_LIT(b, "ORDER(");
    write_names(b, names);
    BUF_LIT(b, ")");
}

static void write_sets(Buf *b, const char *const *const *sets)
{
    for (size_t i = 0; sets && sets[i]; i++) {
        buf_c(b, i ? ", " : "");
        write_order(b, sets[i]);
    }
}

/* --- conditions */

static void write_pred(Arena *a, Buf *b, const Pred *p, unsigned depth)
{
    if (!p->connector) {
        Value v = p->value.box(a, p->value.at);
        Buf one = BUF_INIT(a, SOURCE_MAX);
        bool plain = migration_value_source(a, &one, v);
        buf_c(b, plain ? "LOOKUP(" : "LOOKUP_BOXED(");
        write_text(b, str_dup_c(a, pred_lookup(a, p)));
        BUF_LIT(b, ", ");
        if (plain)
            buf_str(b, buf_view(&one));
        else if (!write_boxed(a, b, v))
            BUF_LIT(b, "{ 0 }");
        BUF_LIT(b, ")");
        return;
    }
    buf_c(b, p->connector == CONNECT_NOT ? "Q_NOT(" : p->connector == CONNECT_OR ? "Q_OR(" : "Q_AND(");
    for (size_t i = 0; i < p->nchildren && depth < QUERY_MAX_DEPTH; i++) {
        buf_c(b, i ? ", " : "");
        write_pred(a, b, &p->children[i], depth + 1);
    }
    BUF_LIT(b, ")");
}

static void write_index(Arena *a, Buf *b, const Index *index)
{
    buf_c(b, index->condition ? "INDEX_WHERE(" : "NAMED_INDEX(");
    write_text(b, index->name);
    BUF_LIT(b, ", ");
    if (index->condition) {
        write_pred(a, b, index->condition, 0);
        BUF_LIT(b, ", ");
    }
    write_names(b, index->fields);
    BUF_LIT(b, ")");
}

static void write_constraint(Arena *a, Buf *b, const Constraint *c)
{
    if (c->deferrable || c->nulls_not_distinct) {
        BUF_LIT(b, "{ .name = ");
        write_text(b, c->name);
        BUF_LIT(b, ", .unique = ");
        write_order(b, c->unique);
        option_flag(b, "deferrable", c->deferrable);
        option_flag(b, "nulls_not_distinct", c->nulls_not_distinct);
        if (c->check) {
            BUF_LIT(b, ", .check = (const Pred[1]){ ");
            write_pred(a, b, c->check, 0);
            BUF_LIT(b, " }");
        }
        BUF_LIT(b, " }");
        return;
    }
    buf_c(b, !c->unique ? "CHECK_CONSTRAINT(" : c->check ? "UNIQUE_CONSTRAINT_WHERE(" : "UNIQUE_CONSTRAINT(");
    write_text(b, c->name);
    BUF_LIT(b, ", ");
    if (c->check)
        write_pred(a, b, c->check, 0);
    if (c->check && c->unique)
        BUF_LIT(b, ", ");
    if (c->unique)
        write_names(b, c->unique);
    BUF_LIT(b, ")");
}

/* --- operations */

/* The options that AlterModelOptions has, and with `all` those that tables show too; each after a comma and a line. */
static void write_meta(Arena *a, Buf *b, const Model *m, bool all, const char *indent)
{
    Buf o = BUF_INIT(a, SOURCE_MAX);
    option_text(&o, "db_table", all ? m->db_table : NULL);
    option_text(&o, "db_table_comment", all ? m->db_table_comment : NULL);
    option_text(&o, "verbose_name", m->verbose_name);
    option_text(&o, "verbose_name_plural", m->verbose_name_plural);
    option_text(&o, "get_latest_by", m->get_latest_by);
    option_text(&o, "order_with_respect_to", all ? m->order_with_respect_to : NULL);
    option_flag(&o, "unmanaged", m->unmanaged);
    option_flag(&o, "proxy", all && m->proxy);
    if (m->ordering && m->ordering[0]) {
        BUF_LIT(&o, ", .ordering = ");
        write_order(&o, m->ordering);
    }
    if (all && m->bases && m->bases[0]) {
        BUF_LIT(&o, ", .bases = ");
        write_order(&o, m->bases);
    }
    if (o.n)
        buf_printf(b, ",%s%.*s", indent, STR_FMT(str_from_byte(buf_view(&o), 2)));
    if (!all)
        return;
    if (m->unique_together && m->unique_together[0]) {
        buf_printf(b, ",%sUNIQUE_TOGETHER(", indent);
        write_sets(b, m->unique_together);
        BUF_LIT(b, ")");
    }
    for (size_t i = 0; i < m->nindexes; i++) {
        buf_printf(b, i ? ",%s        " : ",%sINDEXES(", indent);
        write_index(a, b, &m->indexes[i]);
        buf_c(b, i + 1 == m->nindexes ? ")" : "");
    }
    for (size_t i = 0; i < m->nconstraints; i++) {
        buf_printf(b, i ? ",%s            " : ",%sCONSTRAINTS(", indent);
        write_constraint(a, b, &m->constraints[i]);
        buf_c(b, i + 1 == m->nconstraints ? ")" : "");
    }
}

static void write_create(Arena *a, Buf *b, const Operation *op)
{
    const char *indent = "\n                    ";
    for (size_t i = 0; i < op->table->nfields; i++) {
        buf_printf(b, i ? ",%s        " : ",%sCOLUMNS(", indent);
        write_field(a, b, &op->table->fields[i]);
    }
    if (op->table->nfields)
        BUF_LIT(b, ")");
    write_meta(a, b, op->table, true, indent);
}

static void second_text(Buf *b, const char *text)
{
    BUF_LIT(b, ", ");
    if (text)
        write_text(b, text);
    else
        BUF_LIT(b, "NULL");
}

static void write_operation(Arena *a, Buf *b, const Operation *op)
{
    static const char *const names[OPERATION_KINDS] = {
        [OPERATION_CREATE_MODEL] = "CreateModel",
        [OPERATION_DELETE_MODEL] = "DeleteModel",
        [OPERATION_RENAME_MODEL] = "RenameModel",
        [OPERATION_ALTER_MODEL_TABLE] = "AlterModelTable",
        [OPERATION_ALTER_MODEL_TABLE_COMMENT] = "AlterModelTableComment",
        [OPERATION_ALTER_MODEL_OPTIONS] = "AlterModelOptions",
        [OPERATION_ALTER_UNIQUE_TOGETHER] = "AlterUniqueTogether",
        [OPERATION_ALTER_ORDER_WITH_RESPECT_TO] = "AlterOrderWithRespectTo",
        [OPERATION_ADD_FIELD] = "AddField",
        [OPERATION_REMOVE_FIELD] = "RemoveField",
        [OPERATION_ALTER_FIELD] = "AlterField",
        [OPERATION_RENAME_FIELD] = "RenameField",
        [OPERATION_ADD_INDEX] = "AddIndex",
        [OPERATION_REMOVE_INDEX] = "RemoveIndex",
        [OPERATION_RENAME_INDEX] = "RenameIndex",
        [OPERATION_ADD_CONSTRAINT] = "AddConstraint",
        [OPERATION_REMOVE_CONSTRAINT] = "RemoveConstraint",
    };
    if (!names[op->kind])
        return;
    buf_printf(b, "        %s(", names[op->kind]);
    write_text(b, op->model);
    switch (op->kind) {
    case OPERATION_CREATE_MODEL:
        write_create(a, b, op);
        break;
    case OPERATION_DELETE_MODEL:
        break;
    case OPERATION_RENAME_MODEL:
        second_text(b, op->new_name);
        break;
    case OPERATION_ALTER_MODEL_OPTIONS:
        write_meta(a, b, op->table, false, " ");
        break;
    case OPERATION_ALTER_UNIQUE_TOGETHER:
        buf_c(b, op->sets && op->sets[0] ? ", " : "");
        write_sets(b, op->sets);
        break;
    case OPERATION_ADD_FIELD:
    case OPERATION_ALTER_FIELD:
        BUF_LIT(b, ", ");
        write_field(a, b, op->field);
        option_flag(b, "drop_default", op->drop_default);
        break;
    case OPERATION_RENAME_FIELD:
    case OPERATION_RENAME_INDEX:
        second_text(b, op->name);
        second_text(b, op->new_name);
        break;
    case OPERATION_ADD_INDEX:
        BUF_LIT(b, ", ");
        write_index(a, b, op->index);
        break;
    case OPERATION_ADD_CONSTRAINT:
        BUF_LIT(b, ", ");
        write_constraint(a, b, op->constraint);
        break;
    default:
        second_text(b, op->name);
        break;
    }
    BUF_LIT(b, ")");
}

Str migration_source(Arena *a, const Migration *m)
{
    Buf b = BUF_INIT(a, SOURCE_MAX);
    buf_printf(&b,
               "#include <clef/migrations.h>\n\nconst Migration %s_%s = {\n    .app = \"%s\",\n    .name = \"%s\",\n",
               m->app, m->name, m->app, m->name);
    if (m->initial)
        BUF_LIT(&b, "    .initial = true,\n");
    if (m->dependencies && m->dependencies->app) {
        BUF_LIT(&b, "    .dependencies = DEPENDS(");
        for (const MigrationKey *k = m->dependencies; k->app; k++)
            buf_printf(&b, "%s{ \"%s\", \"%s\" }", k == m->dependencies ? "" : ", ", k->app, k->name);
        BUF_LIT(&b, "),\n");
    }
    if (operations_count(m->operations)) {
        BUF_LIT(&b, "    OPERATIONS(\n");
        for (const Operation *op = m->operations; op->kind; op++) {
            write_operation(a, &b, op);
            buf_c(&b, op[1].kind ? ",\n" : "),\n");
        }
    } else {
        BUF_LIT(&b, "    /* OPERATIONS(...), */\n");
    }
    BUF_LIT(&b, "};\n");
    return buf_view(&b);
}

Str migration_index_source(Arena *a, const char *app, const char *const *names, size_t n)
{
    Buf b = BUF_INIT(a, SOURCE_MAX);
    buf_printf(
        &b, "/* The migrations of %s, in order. makemigrations writes this list. */\n#include <clef/migrations.h>\n\n",
        app);
    if (!n) {
        buf_printf(&b, "NO_MIGRATIONS(%s_migrations);\n", app);
        return buf_view(&b);
    }
    buf_printf(&b, "MIGRATIONS(%s_migrations", app);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, ",\n           %s_%s", app, names[i]);
    BUF_LIT(&b, ");\n");
    return buf_view(&b);
}
