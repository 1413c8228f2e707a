/* describe.c: operations in words, as Django words them. */
#include "migrations/operation.h"
#include <clef/base/buf.h>

enum { TEXT_MAX = 1 << 14 };

const char *operation_name(OperationKind kind)
{
    static const char *const names[OPERATION_KINDS] = {
        [OPERATION_CREATE_MODEL] = "CreateModel",
        [OPERATION_DELETE_MODEL] = "DeleteModel",
        [OPERATION_RENAME_MODEL] = "RenameModel",
        [OPERATION_ALTER_MODEL_TABLE] = "AlterModelTable",
        [OPERATION_ALTER_MODEL_TABLE_COMMENT] = "AlterModelTableComment",
        [OPERATION_ALTER_MODEL_OPTIONS] = "AlterModelOptions",
        [OPERATION_ALTER_UNIQUE_TOGETHER] = "AlterUniqueTogether",
        [OPERATION_ALTER_INDEX_TOGETHER] = "AlterIndexTogether",
        [OPERATION_ALTER_MODEL_MANAGERS] = "AlterModelManagers",
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
        [OPERATION_ALTER_CONSTRAINT] = "AlterConstraint",
        [OPERATION_RUN_SQL] = "RunSQL",
        [OPERATION_RUN_FUNCTION] = "RunPython",
        [OPERATION_SEPARATE] = "SeparateDatabaseAndState",
    };
    return names[kind];
}

static Str joined(Arena *a, const char *const *names)
{
    Buf b = BUF_INIT(a, TEXT_MAX);
    for (size_t i = 0; names && names[i]; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", names[i]);
    return buf_view(&b);
}

/* As Python shows an expression: "OrderBy(Lower(F(b)), descending=True)". */
static void write_expr(Arena *a, Buf *b, const Expr *e, unsigned depth);

static void write_argument(Arena *a, Buf *b, const Expr *around, Boxed boxed, unsigned depth)
{
    Value v = boxed.box(a, boxed.at);
    Str text;
    if (v.tag == VALUE_OBJECT && v.cls == &expr_class)
        write_expr(a, b, v.object, depth + 1);
    else if (value_is_text(v) && around->kind != EXPR_VALUE)
        buf_printf(b, "F(%.*s)", STR_FMT(v.s));
    else if (value_is_text(v))
        buf_printf(b, "'%.*s'", STR_FMT(v.s));
    else if (v.tag == VALUE_INT)
        buf_printf(b, around->kind == EXPR_VALUE ? "%lld" : "Value(%lld)", (long long)v.i);
    else if (value_to_str(v, &text))
        buf_str(b, text);
    else
        buf_c(b, value_type_name(v));
}

static void write_expr(Arena *a, Buf *b, const Expr *e, unsigned depth)
{
    if (depth > QUERY_MAX_DEPTH)
        return;
    if (e->kind == EXPR_FIELD) {
        buf_printf(b, "F(%s)", e->name);
        return;
    }
    Str name = e->kind == EXPR_ORDER ? STR("OrderBy") : e->kind == EXPR_VALUE ? STR("Value") : str_c(e->name);
    if (e->n == 2 && name.n && (name.p[0] < 'A' || name.p[0] > 'Z')) {
        write_argument(a, b, e, e->args[0], depth);
        buf_printf(b, " %.*s ", STR_FMT(name));
        write_argument(a, b, e, e->args[1], depth);
        return;
    }
    buf_printf(b, "%.*s(", STR_FMT(name.n ? name : STR("Case")));
    for (size_t i = 0; i < e->n; i++) {
        buf_c(b, i ? ", " : "");
        write_argument(a, b, e, e->args[i], depth);
    }
    if (e->kind == EXPR_ORDER)
        buf_c(b, e->descending ? ", descending=True" : ", descending=False");
    BUF_LIT(b, ")");
}

static Str expressions(Arena *a, const Expr *const *all)
{
    Buf b = BUF_INIT(a, TEXT_MAX);
    for (size_t i = 0; all[i]; i++) {
        buf_c(&b, i ? ", " : "");
        write_expr(a, &b, all[i], 0);
    }
    return buf_view(&b);
}

Str operation_describe(Arena *a, const Operation *op)
{
    size_t sets = 0;
    switch (op->kind) {
    case OPERATION_CREATE_MODEL:
        return str_format(a, "Create %smodel %s", op->table->proxy ? "proxy " : "", op->model);
    case OPERATION_DELETE_MODEL:
        return str_format(a, "Delete model %s", op->model);
    case OPERATION_RENAME_MODEL:
        return str_format(a, "Rename model %s to %s", op->model, op->new_name);
    case OPERATION_ALTER_MODEL_TABLE:
        return str_format(a, "Rename table for %s to %s", op->model, op->name ? op->name : "(default)");
    case OPERATION_ALTER_MODEL_TABLE_COMMENT:
        return str_format(a, "Alter %s table comment", op->model);
    case OPERATION_ALTER_MODEL_OPTIONS:
        return str_format(a, "Change Meta options on %s", op->model);
    case OPERATION_ALTER_MODEL_MANAGERS:
        return str_format(a, "Change managers on %s", op->model);
    case OPERATION_ALTER_UNIQUE_TOGETHER:
    case OPERATION_ALTER_INDEX_TOGETHER:
        while (op->sets && op->sets[sets])
            sets++;
        return str_format(a, "Alter %s_together for %s (%zu constraint(s))",
                          op->kind == OPERATION_ALTER_UNIQUE_TOGETHER ? "unique" : "index", op->model, sets);
    case OPERATION_ALTER_ORDER_WITH_RESPECT_TO:
        return str_format(a, "Set order_with_respect_to on %s to %s", op->model, op->name ? op->name : "None");
    case OPERATION_ADD_FIELD:
        return str_format(a, "Add field %s to %s", op->field->name, op->model);
    case OPERATION_REMOVE_FIELD:
        return str_format(a, "Remove field %s from %s", op->name, op->model);
    case OPERATION_ALTER_FIELD:
        return str_format(a, "Alter field %s on %s", op->field->name, op->model);
    case OPERATION_RENAME_FIELD:
        return str_format(a, "Rename field %s on %s to %s", op->name, op->model, op->new_name);
    case OPERATION_ADD_INDEX:
        if (op->index->expressions)
            return str_format(a, "Create index %s on %.*s on model %s", op->index->name,
                              STR_FMT(expressions(a, op->index->expressions)), op->model);
        return str_format(a, "Create index %s on field(s) %.*s of model %s", op->index->name ? op->index->name : "",
                          STR_FMT(joined(a, op->index->fields)), op->model);
    case OPERATION_REMOVE_INDEX:
        return str_format(a, "Remove index %s from %s", op->name, op->model);
    case OPERATION_ALTER_CONSTRAINT:
        return str_format(a, "Alter constraint %s on %s", op->constraint->name, op->model);
    case OPERATION_RENAME_INDEX:
        if (op->old_fields)
            return str_format(a, "Rename unnamed index for (%.*s) on %s to %s", STR_FMT(joined(a, op->old_fields)),
                              op->model, op->new_name);
        return str_format(a, "Rename index %s on %s to %s", op->name, op->model, op->new_name);
    case OPERATION_ADD_CONSTRAINT:
        return str_format(a, "Create constraint %s on model %s", op->constraint->name, op->model);
    case OPERATION_REMOVE_CONSTRAINT:
        return str_format(a, "Remove constraint %s from model %s", op->name, op->model);
    case OPERATION_RUN_SQL:
        return STR("Raw SQL operation");
    case OPERATION_RUN_FUNCTION:
        return STR("Function in C");
    default:
        return STR("Custom state/database change combination");
    }
}

char operation_symbol(const Operation *op)
{
    switch (op->kind) {
    case OPERATION_CREATE_MODEL:
    case OPERATION_ADD_FIELD:
    case OPERATION_ADD_INDEX:
    case OPERATION_ADD_CONSTRAINT:
        return '+';
    case OPERATION_DELETE_MODEL:
    case OPERATION_REMOVE_FIELD:
    case OPERATION_REMOVE_INDEX:
    case OPERATION_REMOVE_CONSTRAINT:
        return '-';
    case OPERATION_RUN_SQL:
    case OPERATION_RUN_FUNCTION:
        return 's';
    case OPERATION_SEPARATE:
        return '?';
    default:
        return '~';
    }
}

Str operation_fragment(Arena *a, const Operation *op)
{
    Str text;
    switch (op->kind) {
    case OPERATION_CREATE_MODEL:
        text = str_c(op->model);
        break;
    case OPERATION_DELETE_MODEL:
        text = str_format(a, "delete_%s", op->model);
        break;
    case OPERATION_RENAME_MODEL:
        text = str_format(a, "rename_%s_%s", op->model, op->new_name);
        break;
    case OPERATION_ALTER_MODEL_TABLE:
        text = str_format(a, "alter_%s_table", op->model);
        break;
    case OPERATION_ALTER_MODEL_TABLE_COMMENT:
        text = str_format(a, "alter_%s_table_comment", op->model);
        break;
    case OPERATION_ALTER_MODEL_OPTIONS:
        text = str_format(a, "alter_%s_options", op->model);
        break;
    case OPERATION_ALTER_MODEL_MANAGERS:
        text = str_format(a, "alter_%s_managers", op->model);
        break;
    case OPERATION_ALTER_UNIQUE_TOGETHER:
        text = str_format(a, "alter_%s_unique_together", op->model);
        break;
    case OPERATION_ALTER_INDEX_TOGETHER:
        text = str_format(a, "alter_%s_index_together", op->model);
        break;
    case OPERATION_ALTER_CONSTRAINT:
        text = str_format(a, "alter_%s_%s", op->model, op->constraint->name);
        break;
    case OPERATION_ALTER_ORDER_WITH_RESPECT_TO:
        text = str_format(a, "alter_%s_order_with_respect_to", op->model);
        break;
    case OPERATION_ADD_FIELD:
        text = str_format(a, "%s_%s", op->model, op->field->name);
        break;
    case OPERATION_REMOVE_FIELD:
    case OPERATION_REMOVE_INDEX:
    case OPERATION_REMOVE_CONSTRAINT:
        text = str_format(a, "remove_%s_%s", op->model, op->name);
        break;
    case OPERATION_ALTER_FIELD:
        text = str_format(a, "alter_%s_%s", op->model, op->field->name);
        break;
    case OPERATION_RENAME_FIELD:
        text = str_format(a, "rename_%s_%s_%s", op->name, op->model, op->new_name);
        break;
    case OPERATION_ADD_INDEX:
        text = str_format(a, "%s_%s", op->model, op->index->name ? op->index->name : "idx");
        break;
    case OPERATION_RENAME_INDEX:
        if (op->old_fields)
            text = str_format(a, "rename_%s_%.*s_%s", op->model,
                              STR_FMT(str_replace(a, joined(a, op->old_fields), STR(", "), STR("_"))), op->new_name);
        else
            text = str_format(a, "rename_%s_%s", op->name, op->new_name);
        break;
    case OPERATION_ADD_CONSTRAINT:
        text = str_format(a, "%s_%s", op->model, op->constraint->name);
        break;
    default:
        return (Str){ 0 };
    }
    Buf b = BUF_INIT(a, TEXT_MAX);
    text = str_lower(a, text);
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (unsigned char)c >= 0x80;
        if (word || !b.n || b.p[b.n - 1] != '_')
            buf_byte(&b, word ? c : '_');
    }
    return buf_view(&b);
}
