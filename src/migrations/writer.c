/* writer.c: migrations as C files that read like Django's. */
#include "migrations/changes.h"
#include "migrations/writer_expr.h"
#include <clef/validators.h>

/* `, .name = ` and so on; the first of a field stands behind its name, so all begin with a comma. */
static void option_text(Buf *b, const char *name, const char *text)
{
    if (!text)
        return;
    buf_printf(b, ", .%s = ", name);
    source_text(b, text);
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
    Value v = boxed.box ? boxed.box(a, boxed.at) : value_null();
    if (v.tag == VALUE_OBJECT && v.cls == &expr_class) {
        source_expr(a, &one, v.object, 0);
        buf_printf(b, ", .%s = DEFAULT(%.*s)", name, STR_FMT(buf_view(&one)));
    } else if (boxed.box && source_boxed(a, &one, v)) {
        buf_printf(b, ", .%s = %.*s", name, STR_FMT(buf_view(&one)));
    }
}

/* False when C has no constant for one of them; `depth`: groups are in no groups. */
static bool write_choices(Arena *a, Buf *all, const Choice *c, unsigned depth)
{
    for (const Choice *first = c; c && c->display; c++) {
        buf_c(all, c == first ? "" : ", ");
        if (c->group) {
            BUF_LIT(all, "CHOICE_GROUP(");
            source_text(all, c->display);
            BUF_LIT(all, ", ");
            if (depth || !write_choices(a, all, c->group, depth + 1))
                return false;
        } else {
            BUF_LIT(all, "CHOICE(");
            if (!migration_value_source(a, all, c->value.box(a, c->value.at)))
                return false;
            BUF_LIT(all, ", ");
            source_text(all, c->display);
        }
        BUF_LIT(all, ")");
    }
    return true;
}

static void option_choices(Arena *a, Buf *b, const Choice *c)
{
    Buf all = BUF_INIT(a, SOURCE_MAX);
    if (c && write_choices(a, &all, c, 0))
        buf_printf(b, ", .choices = CHOICES(%.*s)", STR_FMT(buf_view(&all)));
}

static void option_messages(Buf *b, const ErrorMessage *m)
{
    for (const ErrorMessage *first = m; m && m->code; m++) {
        buf_c(b, m == first ? ", .error_messages = ERROR_MESSAGES(" : ", ");
        source_text(b, m->code);
        BUF_LIT(b, ", ");
        source_text(b, m->message);
        buf_c(b, m[1].code ? "" : ")");
    }
}

static void write_names(Buf *b, const char *const *names);

static void option_validators(Arena *a, Buf *b, const Validator *v)
{
    Buf all = BUF_INIT(a, SOURCE_MAX);
    for (; v && v->check; v++) {
        bool plain = str_starts(str_c(v->name), STR("validate_"));
        buf_printf(&all, "%s%s%s", all.n ? ", " : "", v->name, plain ? "" : "(");
        size_t begin = all.n;
        if (v->pattern) {
            source_text(&all, v->pattern);
        } else if (v->limit || v->limit_box) {
            (void)migration_value_source(a, &all, v->limit ? *v->limit : v->limit_box(a, v->limit_at));
        } else if (str_eq(str_c(v->name), STR("DecimalValidator"))) {
            buf_printf(&all, "%d, %d", v->max_digits, v->decimal_places);
        } else if (str_eq(str_c(v->name), STR("FileExtensionValidator"))) {
            write_names(&all, v->words);
        }
        const char *const texts[][2] = { { "message", v->message }, { "code", v->code } };
        for (size_t i = 0; i < CLEF_COUNT(texts) && !plain; i++)
            if (texts[i][1]) {
                buf_printf(&all, "%s.%s = ", all.n > begin ? ", " : "", texts[i][0]);
                source_text(&all, texts[i][1]);
            }
        if (v->inverse_match)
            buf_printf(&all, "%s.inverse_match = true", all.n > begin ? ", " : "");
        if (v->ignore_case)
            buf_printf(&all, "%s.ignore_case = true", all.n > begin ? ", " : "");
        buf_c(&all, plain ? "" : ")");
    }
    if (all.n)
        buf_printf(b, ", .validators = VALIDATORS(%.*s)", STR_FMT(buf_view(&all)));
}

static void write_field(Arena *a, Buf *b, const Field *f)
{
    static const char *const on_delete[] = { [ON_DELETE_UNSET] = "DO_NOTHING",
                                             [CASCADE] = "CASCADE",
                                             [PROTECT] = "PROTECT",
                                             [RESTRICT] = "RESTRICT",
                                             [SET_NULL] = "SET_NULL",
                                             [SET_DEFAULT] = "SET_DEFAULT",
                                             [SET_TO] = "SET_TO",
                                             [DO_NOTHING] = "DO_NOTHING" };
    if (f->kind == FIELD_COMPOSITE) {
        BUF_LIT(b, "CompositePrimaryKey(");
        write_names(b, f->key_names);
        BUF_LIT(b, ")");
        return;
    }
    buf_printf(b, "%s%s(%s", f->expression ? "GeneratedField(" : "", field_class(f), f->name);
    if (f->to_label) {
        const char *setting = swap_setting_of(f->to_label);
        BUF_LIT(b, ", ");
        buf_c(b, setting ? "SWAPPABLE(" : "");
        source_text(b, setting ? setting : f->to_label);
        buf_c(b, setting ? ")" : "");
    }
    if (field_is_relation(f))
        buf_printf(b, ", .on_delete = %s", on_delete[f->on_delete]);
    option_boxed(a, b, "set_to", f->set_to);
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
    option_text(b, "db_collation", f->db_collation);
    option_messages(b, f->error_messages);
    option_validators(a, b, f->validators);
    BUF_LIT(b, ")");
    if (!f->expression)
        return;
    BUF_LIT(b, ", .expression = ");
    source_expr(a, b, f->expression, 0);
    option_flag(b, "db_persist", f->db_persist);
    BUF_LIT(b, ")");
}

static void write_names(Buf *b, const char *const *names)
{
    for (size_t i = 0; names && names[i]; i++) {
        buf_c(b, i ? ", " : "");
        source_text(b, names[i]);
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

static void option_names(Buf *b, const char *name, const char *const *names)
{
    if (!names || !names[0])
        return;
    buf_printf(b, ", .%s = ", name);
    write_order(b, names);
}

static void option_pred(Arena *a, Buf *b, const char *name, const Pred *p)
{
    if (!p)
        return;
    buf_printf(b, ", .%s = (const Pred[1]){ ", name);
    source_pred(a, b, p, 0);
    BUF_LIT(b, " }");
}

static void write_index(Arena *a, Buf *b, const Index *index)
{
    bool plain = !index->expressions && !index->opclasses && !index->include && !index->using;
    if (plain) {
        buf_c(b, index->condition ? "INDEX_WHERE(" : "NAMED_INDEX(");
        source_text(b, index->name);
        BUF_LIT(b, ", ");
        if (index->condition) {
            source_pred(a, b, index->condition, 0);
            BUF_LIT(b, ", ");
        }
        write_names(b, index->fields);
        BUF_LIT(b, ")");
        return;
    }
    buf_c(b, index->expressions ? "INDEX_ON(" : "INDEX_OF(.name = ");
    source_text(b, index->name);
    if (index->expressions) {
        BUF_LIT(b, ", ");
        source_exprs(a, b, index->expressions);
    }
    option_names(b, "fields", index->fields);
    option_pred(a, b, "condition", index->condition);
    option_names(b, "opclasses", index->opclasses);
    option_names(b, "include", index->include);
    option_text(b, "using", index->using);
    BUF_LIT(b, ")");
}

static void write_constraint(Arena *a, Buf *b, const Constraint *c)
{
    bool plain = !c->deferrable && !c->deferrable_immediate && !c->nulls_not_distinct && !c->nulls_distinct &&
                 !c->include && !c->opclasses && !c->violation_error_code && !c->violation_error_message;
    if (plain && !c->expressions) {
        buf_c(b, !c->unique ? "CHECK_CONSTRAINT(" : c->check ? "UNIQUE_CONSTRAINT_WHERE(" : "UNIQUE_CONSTRAINT(");
        source_text(b, c->name);
        BUF_LIT(b, ", ");
        if (c->check)
            source_pred(a, b, c->check, 0);
        if (c->check && c->unique)
            BUF_LIT(b, ", ");
        if (c->unique)
            write_names(b, c->unique);
        BUF_LIT(b, ")");
        return;
    }
    buf_c(b, c->expressions ? "UNIQUE_ON(" : "{ .name = ");
    source_text(b, c->name);
    if (c->expressions) {
        BUF_LIT(b, ", ");
        source_exprs(a, b, c->expressions);
    }
    option_names(b, "unique", c->unique);
    option_pred(a, b, "check", c->check);
    option_flag(b, "deferrable", c->deferrable);
    option_flag(b, "deferrable_immediate", c->deferrable_immediate);
    option_flag(b, "nulls_not_distinct", c->nulls_not_distinct);
    option_flag(b, "nulls_distinct", c->nulls_distinct);
    option_names(b, "include", c->include);
    option_names(b, "opclasses", c->opclasses);
    option_text(b, "violation_error_code", c->violation_error_code);
    option_text(b, "violation_error_message", c->violation_error_message);
    buf_c(b, c->expressions ? ")" : " }");
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
    option_text(&o, "base_manager_name", m->base_manager_name);
    option_text(&o, "default_manager_name", m->default_manager_name);
    option_text(&o, "default_related_name", m->default_related_name);
    option_text(&o, "swappable", all ? m->swappable : NULL);
    option_flag(&o, "select_on_save", m->select_on_save);
    if (m->default_permissions) {
        BUF_LIT(&o, ", .default_permissions = ");
        if (m->default_permissions[0])
            write_order(&o, m->default_permissions);
        else
            BUF_LIT(&o, "ORDER(NULL)");
    }
    for (const PermissionName *p = m->permissions; p && p->codename; p++) {
        buf_c(&o, p == m->permissions ? ", .permissions = PERMISSION_NAMES({ " : ", { ");
        source_text(&o, p->codename);
        BUF_LIT(&o, ", ");
        source_text(&o, p->name);
        buf_c(&o, p[1].codename ? " }" : " })");
    }
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
    if (m->index_together && m->index_together[0]) {
        buf_printf(b, ",%s.index_together = (const char *const *const[]){ ", indent);
        write_sets(b, m->index_together);
        BUF_LIT(b, ", NULL }");
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
        source_text(b, text);
    else
        BUF_LIT(b, "NULL");
}

static void write_operation(Arena *a, Buf *b, const Operation *op);

static void write_list(Arena *a, Buf *b, const char *name, const Operation *list, bool first)
{
    if (!operations_count(list))
        return;
    buf_printf(b, "%s.%s = OPERATION_LIST(\n", first ? "" : ", ", name);
    for (const Operation *op = list; op->kind; op++) {
        write_operation(a, b, op);
        buf_c(b, op[1].kind ? ",\n" : ")");
    }
}

static void write_statements(Arena *a, Buf *b, const char *name, const SqlStatement *s)
{
    for (const SqlStatement *one = s; one && one->sql; one++) {
        if (one == s)
            buf_printf(b, ", .%s = SQL_STATEMENTS(", name);
        BUF_LIT(b, "{ .sql = ");
        source_text(b, one->sql);
        for (size_t i = 0; i < one->nparams; i++) {
            buf_c(b, i ? ", " : ", SQL_PARAMS(");
            if (!migration_value_source(a, b, one->params[i].box(a, one->params[i].at)))
                BUF_LIT(b, "0 /* a value without a constant in C */");
            buf_c(b, i + 1 == one->nparams ? ")" : "");
        }
        buf_c(b, one[1].sql ? " }, " : " })");
    }
}

static bool is_written_by_hand(OperationKind kind)
{
    return kind == OPERATION_RUN_SQL || kind == OPERATION_SEPARATE || kind == OPERATION_RUN_FUNCTION;
}

/* RunSQL, SeparateDatabaseAndState; of a RunFunction only the place can be shown: its functions have no names here. */
static void write_by_hand(Arena *a, Buf *b, const Operation *op)
{
    switch (op->kind) {
    case OPERATION_RUN_SQL:
        BUF_LIT(b, "        RunSQL(");
        if (op->sql)
            source_text(b, op->sql);
        else
            BUF_LIT(b, "NULL");
        second_text(b, op->reverse_sql);
        write_statements(a, b, "statements", op->statements);
        write_statements(a, b, "reverse_statements", op->reverse_statements);
        write_list(a, b, "state", op->state, false);
        option_flag(b, "elidable", op->elidable);
        BUF_LIT(b, ")");
        break;
    case OPERATION_SEPARATE:
        BUF_LIT(b, "        SeparateDatabaseAndState(");
        write_list(a, b, "database", op->database, true);
        write_list(a, b, "state", op->state, !operations_count(op->database));
        BUF_LIT(b, ")");
        break;
    default:
        BUF_LIT(b, "        RunFunction(COPY_THE_FUNCTION_HERE, migration_nothing)");
        break;
    }
}

static void write_operation(Arena *a, Buf *b, const Operation *op)
{
    const char *name = operation_name(op->kind);
    if (is_written_by_hand(op->kind)) {
        write_by_hand(a, b, op);
        return;
    }
    buf_printf(b, "        %s(", name);
    source_text(b, op->model);
    switch (op->kind) {
    case OPERATION_CREATE_MODEL:
        write_create(a, b, op);
        break;
    case OPERATION_DELETE_MODEL:
    case OPERATION_ALTER_MODEL_MANAGERS:
        break;
    case OPERATION_RENAME_MODEL:
        second_text(b, op->new_name);
        break;
    case OPERATION_ALTER_MODEL_OPTIONS:
        write_meta(a, b, op->table, false, " ");
        break;
    case OPERATION_ALTER_UNIQUE_TOGETHER:
    case OPERATION_ALTER_INDEX_TOGETHER:
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
        option_flag(b, "concurrently", op->concurrently);
        break;
    case OPERATION_ADD_CONSTRAINT:
    case OPERATION_ALTER_CONSTRAINT:
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
    if (m->not_atomic)
        BUF_LIT(&b, "    .not_atomic = true,\n");
    for (const MigrationKey *k = m->replaces; k && k->app; k++)
        buf_printf(&b, "%s{ \"%s\", \"%s\" }%s", k == m->replaces ? "    .replaces = DEPENDS(" : ", ", k->app, k->name,
                   k[1].app ? "" : "),\n");
    if (m->dependencies && m->dependencies->app) {
        BUF_LIT(&b, "    .dependencies = DEPENDS(");
        for (const MigrationKey *k = m->dependencies; k->app; k++) {
            buf_c(&b, k == m->dependencies ? "" : ", ");
            if (same_c(k->app, SWAPPABLE_APP))
                buf_printf(&b, "SWAPPABLE_DEPENDENCY(\"%s\")", k->name);
            else
                buf_printf(&b, "{ \"%s\", \"%s\" }", k->app, k->name);
        }
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
