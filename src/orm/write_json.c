/* write_json.c: SQL of keys of JSON, and of the lookups that JSON alone knows. */
#include "orm/write.h"

const Node *json_path_node(Writer *w, const Str *keys, size_t n, bool name)
{
    Str path = w->d->json_path(w->cx->arena, keys, n, name);
    if (!path.p)
        RAISE(w->cx, 500, "not_supported_error",
              "Using negative JSON array indices is not supported on this database backend.");
    return node_value(w->cx, value_str(path), type_field(FIELD_TEXT));
}

static CLEF_COLD CLEF_NORETURN void no_json(Writer *w, const char *what)
{
    RAISE(w->cx, 500, "not_supported_error", "%s lookup is not supported on this database backend.", what);
}

/* A template of one argument; NULL: the argument as it is. */
void template_around(Writer *w, Buf *b, const char *template, const Node *n)
{
    Node call = { .kind = NODE_CALL, .args = &n, .n = 1 };
    template_write(w, b, template ? template : "$1", &call);
}

void json_key_write(Writer *w, Buf *b, const Node *n)
{
    const Node *args[2] = { n->args[0], NULL };
    Node call = { .kind = NODE_CALL, .args = args, .n = 2 };
    int64_t index;
    if (n->nkeys == 1 && w->d->json_key) { /* a number is an element here, and no key */
        bool element = str_to_i64(n->keys[0], &index) && index >= INT32_MIN && index <= INT32_MAX;
        args[1] = element ? node_value(w->cx, value_int(index), type_field(FIELD_INTEGER))
                          : node_value(w->cx, value_str(n->keys[0]), type_field(FIELD_TEXT));
        template_write(w, b, n->as_text ? w->d->json_key_text : w->d->json_key, &call);
        return;
    }
    args[1] = json_path_node(w, n->keys, n->nkeys, false);
    template_write(w, b, n->as_text ? w->d->json_text : w->d->json_extract, &call);
}

/* Has $1 the key, behind those before it? On a database with JSON of its own: a key of what is at the path before it. */
static void write_has(Writer *w, Buf *b, const Node *of, const Str *keys, size_t n)
{
    const Node *args[2] = { of, NULL };
    Node call = { .kind = NODE_CALL, .args = args, .n = 2 },
         before = { .kind = NODE_KEY, .keys = keys, .nkeys = n - 1 };
    if (str_contains(str_c(w->d->json_has), STR("??"))) {
        before.args = (const Node *[]){ of };
        before.n = 1;
        args[0] = n > 1 ? &before : of;
        args[1] = node_value(w->cx, value_str(keys[n - 1]), type_field(FIELD_TEXT));
        template_write(w, b, w->d->json_has, &call);
        return;
    }
    args[1] = json_path_node(w, keys, n, true);
    template_write(w, b, w->d->json_has, &call);
}

/* The keys of a lookup behind those of its left side. */
static void write_keys(Writer *w, Buf *b, const Node *n)
{
    const Node *left = n->args[0], *of = left->kind == NODE_KEY ? left->args[0] : left;
    size_t before = left->kind == NODE_KEY ? left->nkeys : 0;
    Str *keys = NEW_ARRAY(w->cx->arena, Str, before + 1);
    if (before)
        memcpy(keys, left->keys, before * sizeof *keys);
    BUF_LIT(b, "(");
    for (size_t i = 0; i < n->nkeys; i++) {
        if (i)
            buf_c(b, n->op == OP_HAS_ANY_KEYS ? " OR " : " AND ");
        keys[before] = n->keys[i];
        write_has(w, b, of, keys, before + 1);
    }
    BUF_LIT(b, ")");
}

/* The JSON on the right as something that the left side can be equal to. */
void json_value_write(Writer *w, Buf *b, const Node *left, const Node *right)
{
    bool text = right->kind == NODE_VALUE && value_is_text(right->value);
    Str s = text ? right->value.s : (Str){ 0 };
    bool constant = str_eq(s, STR("null")) || str_eq(s, STR("true")) || str_eq(s, STR("false"));
    bool native = w->d->has.has_native_json_field;
    if (w->d->json_same && (text || node_is_json(right)))
        template_around(w, b, w->d->json_same, right);
    else if (!text || (!native && (constant || left->kind != NODE_KEY)))
        node_write(w, b, right, false);
    else
        template_around(w, b, w->d->json_value, right);
}

void json_compare_write(Writer *w, Buf *b, const Node *n)
{
    const char *template = n->op == OP_CONTAINED_BY ? w->d->json_contained : w->d->json_contains;
    if (n->op >= OP_HAS_KEY && n->op <= OP_HAS_ANY_KEYS) {
        write_keys(w, b, n);
        return;
    }
    if (!w->d->has.supports_json_field_contains || !template)
        no_json(w, n->op == OP_CONTAINED_BY ? "contained_by" : "contains");
    Node call = { .kind = NODE_CALL, .args = n->args, .n = 2 };
    template_write(w, b, template, &call);
}
