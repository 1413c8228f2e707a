/* describe.c: operations in words, as Django words them. */
#include "migrations/operation.h"
#include <clef/base/buf.h>

enum { TEXT_MAX = 1 << 14 };

static Str joined(Arena *a, const char *const *names)
{
    Buf b = BUF_INIT(a, TEXT_MAX);
    for (size_t i = 0; names && names[i]; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", names[i]);
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
    case OPERATION_ALTER_UNIQUE_TOGETHER:
        while (op->sets && op->sets[sets])
            sets++;
        return str_format(a, "Alter unique_together for %s (%zu constraint(s))", op->model, sets);
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
        return str_format(a, "Create index %s on field(s) %.*s of model %s", op->index->name ? op->index->name : "",
                          STR_FMT(joined(a, op->index->fields)), op->model);
    case OPERATION_REMOVE_INDEX:
        return str_format(a, "Remove index %s from %s", op->name, op->model);
    case OPERATION_RENAME_INDEX:
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
    case OPERATION_ALTER_UNIQUE_TOGETHER:
        text = str_format(a, "alter_%s_unique_together", op->model);
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
