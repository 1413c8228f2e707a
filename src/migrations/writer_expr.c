/* writer_expr.c: values, expressions and conditions as C constants. */
#include "migrations/writer_expr.h"
#include "orm/ddl.h"
#include <clef/base/double.h>
#include <clef/codec/json.h>

void source_text(Buf *b, const char *text)
{
    buf_byte(b, '"');
    for (const char *begin = text; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            buf_printf(b, "\\%c", c);
        else if (c == '\n')
            BUF_LIT(b, "\\n");
        else if (c < 0x20 || c == 0x7f)
            buf_printf(b, "\\%03o", c);
        else if (c == '?' && text > begin && text[-1] == '?') /* no trigraph */
            BUF_LIT(b, "\\?");
        else
            buf_byte(b, (char)c);
    }
    buf_byte(b, '"');
}

/* "DEFAULT(1)", "DEFAULT_DATE(\"2024-01-31\")"; false when C has no constant for it. */
bool source_boxed(Arena *a, Buf *b, Value v)
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
        source_text(b, str_is_null(s) ? text : str_dup_c(a, s));
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
        source_text(b, str_dup_c(a, v.s));
        return true;
    default:
        return false;
    }
}

/* --- expressions */

static const char *operator_macro(const char *name)
{
    static const char *const macros[][2] = { { "+", "ADD" },           { "-", "SUB" },           { "*", "MUL" },
                                             { "/", "DIV" },           { "%", "MOD" },           { "**", "POW" },
                                             { "&", "BITAND" },        { "|", "BITOR" },         { "^", "BITXOR" },
                                             { "<<", "BITLEFTSHIFT" }, { ">>", "BITRIGHTSHIFT" } };
    for (size_t i = 0; i < CLEF_COUNT(macros); i++)
        if (str_eq(str_c(name), str_c(macros[i][0])))
            return macros[i][1];
    return name;
}

static void write_argument(Arena *a, Buf *b, Boxed boxed, unsigned depth)
{
    Value v = boxed.box ? boxed.box(a, boxed.at) : value_null();
    Buf one = BUF_INIT(a, SOURCE_MAX);
    if (v.tag == VALUE_OBJECT && v.cls == &expr_class) {
        source_expr(a, b, v.object, depth + 1);
    } else if (migration_value_source(a, &one, v)) {
        buf_str(b, buf_view(&one));
    } else {
        BUF_LIT(b, "CLEF_EXPR(.kind = EXPR_VALUE, .args = (const Boxed[]){ ");
        if (!source_boxed(a, b, v))
            BUF_LIT(b, "{ 0 }");
        BUF_LIT(b, " }, .n = 1)");
    }
}

static void write_arguments(Arena *a, Buf *b, const Expr *e, unsigned depth)
{
    for (size_t i = 0; i < e->n; i++) {
        buf_c(b, i ? ", " : "");
        write_argument(a, b, e->args[i], depth);
    }
}

static void write_case(Arena *a, Buf *b, const Expr *e, unsigned depth)
{
    BUF_LIT(b, "Case(CASES(");
    write_arguments(a, b, e, depth);
    BUF_LIT(b, ")");
    Buf otherwise = BUF_INIT(a, SOURCE_MAX);
    if (e->otherwise.box) {
        Value v = e->otherwise.box(a, e->otherwise.at);
        BUF_LIT(b, ", .otherwise = ");
        if (v.tag == VALUE_OBJECT && v.cls == &expr_class) {
            source_expr(a, &otherwise, v.object, depth + 1);
            buf_printf(b, "DEFAULT(%.*s)", STR_FMT(buf_view(&otherwise)));
        } else if (!source_boxed(a, b, v)) {
            BUF_LIT(b, "{ 0 }");
        }
    }
    BUF_LIT(b, ")");
}

static const char *kind_name(FieldKind kind)
{
    static const char *const names[FIELD_KINDS] = {
        [FIELD_AUTO] = "FIELD_AUTO",
        [FIELD_BIG_AUTO] = "FIELD_BIG_AUTO",
        [FIELD_SMALL_AUTO] = "FIELD_SMALL_AUTO",
        [FIELD_CHAR] = "FIELD_CHAR",
        [FIELD_SLUG] = "FIELD_SLUG",
        [FIELD_TEXT] = "FIELD_TEXT",
        [FIELD_EMAIL] = "FIELD_EMAIL",
        [FIELD_URL] = "FIELD_URL",
        [FIELD_GENERIC_IP] = "FIELD_GENERIC_IP",
        [FIELD_BINARY] = "FIELD_BINARY",
        [FIELD_INTEGER] = "FIELD_INTEGER",
        [FIELD_BIG_INTEGER] = "FIELD_BIG_INTEGER",
        [FIELD_SMALL_INTEGER] = "FIELD_SMALL_INTEGER",
        [FIELD_POSITIVE_INTEGER] = "FIELD_POSITIVE_INTEGER",
        [FIELD_POSITIVE_BIG_INTEGER] = "FIELD_POSITIVE_BIG_INTEGER",
        [FIELD_POSITIVE_SMALL_INTEGER] = "FIELD_POSITIVE_SMALL_INTEGER",
        [FIELD_BOOLEAN] = "FIELD_BOOLEAN",
        [FIELD_FLOAT] = "FIELD_FLOAT",
        [FIELD_DECIMAL] = "FIELD_DECIMAL",
        [FIELD_DATE] = "FIELD_DATE",
        [FIELD_TIME] = "FIELD_TIME",
        [FIELD_DATETIME] = "FIELD_DATETIME",
        [FIELD_DURATION] = "FIELD_DURATION",
        [FIELD_UUID] = "FIELD_UUID",
        [FIELD_JSON] = "FIELD_JSON",
        [FIELD_FILE] = "FIELD_FILE",
        [FIELD_IMAGE] = "FIELD_IMAGE",
        [FIELD_FILE_PATH] = "FIELD_FILE_PATH",
    };
    return names[kind] ? names[kind] : "FIELD_NONE";
}

/* What is said of the type, behind a first argument. */
static void write_type(Buf *b, const Expr *e, bool kind)
{
    if (kind && e->output)
        buf_printf(b, ", .output = %s", kind_name(e->output));
    if (e->max_length)
        buf_printf(b, ", .max_length = %d", e->max_length);
    if (e->max_digits)
        buf_printf(b, ", .max_digits = %d", e->max_digits);
    if (e->decimal_places)
        buf_printf(b, ", .decimal_places = %d", e->decimal_places);
}

static void write_preds(Arena *a, Buf *b, const Pred *preds, unsigned depth)
{
    for (size_t i = 0; preds && (preds[i].path || preds[i].lookup || preds[i].connector); i++) {
        buf_c(b, i ? ", " : "");
        source_pred(a, b, &preds[i], depth + 1);
    }
}

/* MACRO("text", arguments...) */
static void write_with_text(Arena *a, Buf *b, const char *macro, const char *text, const Expr *e, unsigned depth)
{
    buf_printf(b, "%s(", macro);
    source_text(b, text);
    buf_c(b, e->n ? ", " : "");
    write_arguments(a, b, e, depth);
    BUF_LIT(b, ")");
}

static void write_pairs(Arena *a, Buf *b, const NamedExpr *pairs, unsigned depth)
{
    BUF_LIT(b, "JSONObject(");
    for (size_t i = 0; pairs && pairs[i].name; i++) {
        buf_c(b, i ? ", AS(" : "AS(");
        source_text(b, pairs[i].name);
        BUF_LIT(b, ", ");
        write_argument(a, b, pairs[i].value, depth);
        BUF_LIT(b, ")");
    }
    BUF_LIT(b, ")");
}

static void write_call(Arena *a, Buf *b, const Expr *e, unsigned depth)
{
    Str name = str_c(e->name);
    bool moment = str_eq(name, STR("Extract")) || str_eq(name, STR("Trunc")) || str_eq(name, STR("Convert"));
    if (str_eq(name, STR("Func"))) {
        write_with_text(a, b, "Func", e->detail, e, depth);
        return;
    }
    if (str_eq(name, STR("JSONObject"))) {
        write_pairs(a, b, e->pairs, depth);
        return;
    }
    buf_printf(b, "%s(", str_eq(name, STR("Convert")) ? "Trunc" : operator_macro(e->name));
    write_arguments(a, b, e, depth);
    if (str_eq(name, STR("Cast"))) {
        buf_printf(b, ", %s", kind_name(e->output));
        write_type(b, e, false);
    } else if (e->detail && (moment || str_eq(name, STR("Collate")) || str_eq(name, STR("KT")))) {
        buf_c(b, e->n ? ", " : "");
        source_text(b, e->detail);
    }
    BUF_LIT(b, ")");
}

void source_expr(Arena *a, Buf *b, const Expr *e, unsigned depth)
{
    if (depth > QUERY_MAX_DEPTH)
        return;
    switch (e->kind) {
    case EXPR_FIELD:
        BUF_LIT(b, "F(");
        source_text(b, e->name);
        break;
    case EXPR_VALUE:
    case EXPR_WRAPPED:
        buf_c(b, e->kind == EXPR_VALUE ? "VAL(" : "ExpressionWrapper(");
        write_arguments(a, b, e, depth);
        write_type(b, e, true);
        break;
    case EXPR_ORDER:
        buf_c(b, e->descending ? "DESC(" : "ASC(");
        write_arguments(a, b, e, depth);
        buf_c(b, e->nulls_first ? ", .nulls_first = true" : e->nulls_last ? ", .nulls_last = true" : "");
        break;
    case EXPR_WHEN:
        BUF_LIT(b, "When(");
        source_pred(a, b, e->where, depth + 1);
        BUF_LIT(b, ", ");
        write_arguments(a, b, e, depth);
        break;
    case EXPR_CONDITION:
        BUF_LIT(b, "CONDITION(");
        write_preds(a, b, e->where, depth);
        break;
    case EXPR_CASE:
        write_case(a, b, e, depth);
        return;
    case EXPR_LOOKUP:
        write_with_text(a, b, "LOOKUP_OF", e->name, e, depth);
        return;
    case EXPR_RAW:
        write_with_text(a, b, "RawSQL", e->detail, e, depth);
        return;
    default:
        write_call(a, b, e, depth);
        return;
    }
    BUF_LIT(b, ")");
}

void source_exprs(Arena *a, Buf *b, const Expr *const *all)
{
    BUF_LIT(b, "EXPRESSIONS(");
    for (size_t i = 0; all[i]; i++) {
        buf_c(b, i ? ", " : "");
        source_expr(a, b, all[i], 0);
    }
    BUF_LIT(b, ")");
}

/* --- conditions */

static void write_leaf(Arena *a, Buf *b, const Pred *p, unsigned depth)
{
    Value v = p->value.box ? p->value.box(a, p->value.at) : value_null();
    Buf one = BUF_INIT(a, SOURCE_MAX);
    if (!p->path && p->lookup && !p->lookup[0]) { /* an expression that is true or false */
        BUF_LIT(b, "COND(");
        write_argument(a, b, p->value, depth);
        BUF_LIT(b, ")");
        return;
    }
    bool plain = migration_value_source(a, &one, v);
    if (v.tag == VALUE_OBJECT && v.cls == &expr_class) {
        plain = true;
        source_expr(a, &one, v.object, depth + 1);
    }
    buf_c(b, plain ? "LOOKUP(" : "LOOKUP_BOXED(");
    source_text(b, str_dup_c(a, pred_lookup(a, p)));
    BUF_LIT(b, ", ");
    if (plain)
        buf_str(b, buf_view(&one));
    else if (!source_boxed(a, b, v))
        BUF_LIT(b, "{ 0 }");
    BUF_LIT(b, ")");
}

void source_pred(Arena *a, Buf *b, const Pred *p, unsigned depth)
{
    if (!p->connector) {
        write_leaf(a, b, p, depth);
        return;
    }
    buf_c(b, p->connector == CONNECT_NOT   ? "Q_NOT("
             : p->connector == CONNECT_OR  ? "Q_OR("
             : p->connector == CONNECT_XOR ? "Q_XOR("
                                           : "Q_AND(");
    for (size_t i = 0; i < p->nchildren && depth < QUERY_MAX_DEPTH; i++) {
        buf_c(b, i ? ", " : "");
        source_pred(a, b, &p->children[i], depth + 1);
    }
    BUF_LIT(b, ")");
}
