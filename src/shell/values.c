/* values.c: methods of texts, lists, maps and sets. */
#include "shell/eval.h"

static const char *const of_texts[] = { "upper",   "lower",      "strip",      "lstrip",     "rstrip",
                                        "title",   "capitalize", "startswith", "endswith",   "split",
                                        "replace", "join",       "zfill",      "count",      "format",
                                        "encode",  "find",       "isdigit",    "splitlines", NULL };
static const char *const of_lists[] = { "append", "extend", "insert", "pop",   "remove",  "index",
                                        "count",  "sort",   "copy",   "clear", "reverse", NULL };
static const char *const of_tuples[] = { "index", "count", "_asdict", NULL };
static const char *const of_maps[] = { "get", "keys", "values", "items", "pop", "update", "setdefault", "copy", NULL };
static const char *const of_sets[] = { "add",      "union",      "intersection", "difference",
                                       "issubset", "issuperset", "isdisjoint",   NULL };

static bool is_among(Str name, const char *const *names)
{
    for (size_t i = 0; names[i]; i++)
        if (str_eq(name, str_c(names[i])))
            return true;
    return false;
}

bool shell_value_method(Value v, Str name)
{
    const char *const *names = value_is_text(v)                                             ? of_texts
                               : v.tag == VALUE_LIST                                        ? of_lists
                               : v.tag == VALUE_MAP || is_a(v, &shell_dict_class)           ? of_maps
                               : is_a(v, &shell_tuple_class) || is_a(v, &shell_named_class) ? of_tuples
                               : is_a(v, &shell_set_class)                                  ? of_sets
                                                                                            : NULL;
    return names && is_among(name, names);
}

#define IS(text) str_eq(name, STR(text))

/* --- texts */

static Value split(Shell *s, Str text, Args args)
{
    Arena *a = s->cx->arena;
    List *out = list_new(a);
    Value by = shell_argument(args, 0, "sep", value_null()), most = shell_argument(args, 1, "maxsplit", value_int(-1));
    if (by.tag == VALUE_NULL) {
        for (size_t i = 0; i < text.n;) {
            while (i < text.n && memchr(" \t\n\r\v\f", text.p[i], 6))
                i++;
            size_t begin = i;
            while (i < text.n && !memchr(" \t\n\r\v\f", text.p[i], 6))
                i++;
            if (i > begin)
                list_push(a, out, value_str(str_slice(text, begin, i)));
        }
        return value_list(out);
    }
    Str sep = str_c(shell_text(s, by, "split()"));
    if (!sep.n)
        RAISE(s->cx, 500, "value_error", "empty separator");
    for (int64_t n = most.tag == VALUE_INT ? most.i : -1;; n--) {
        size_t at = n == 0 ? STR_NPOS : str_find(text, sep);
        list_push(a, out, value_str(str_slice(text, 0, at == STR_NPOS ? text.n : at)));
        if (at == STR_NPOS)
            return value_list(out);
        text = str_from_byte(text, at + sep.n);
    }
}

static Value join(Shell *s, Str between, Args args)
{
    shell_expect(s, "join", args, 1, 1);
    const List *of = shell_elements(s, args.p[0]);
    Buf b = BUF_INIT(s->cx->arena, 1 << 22);
    for (size_t i = 0; i < of->n; i++) {
        if (!value_is_text(of->p[i]))
            RAISE(s->cx, 500, "type_error", "sequence item %zu: expected str instance, %s found", i,
                  value_type_name(of->p[i]));
        buf_str(&b, i ? between : STR(""));
        buf_str(&b, of->p[i].s);
    }
    return value_str(buf_view(&b));
}

static Value begins(Shell *s, Str text, Str name, Value what)
{
    List one = { .p = &what, .n = 1 };
    const List *any = is_list(what) ? list_of(what) : &one;
    for (size_t i = 0; i < any->n; i++) {
        Str part = str_c(shell_text(s, any->p[i], "startswith()"));
        if (IS("startswith") ? str_starts(text, part) : str_ends(text, part))
            return value_bool(true);
    }
    return value_bool(false);
}

/* "{} and {name}" */
static Value formatted(Shell *s, Str text, Args args)
{
    Buf b = BUF_INIT(s->cx->arena, 1 << 20);
    size_t next = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if ((c == '{' || c == '}') && i + 1 < text.n && text.p[i + 1] == c) {
            buf_byte(&b, c);
            i++;
            continue;
        }
        if (c != '{') {
            buf_byte(&b, c);
            continue;
        }
        size_t end = i + str_find_byte(str_from_byte(text, i), '}');
        if (end < i || end >= text.n)
            RAISE(s->cx, 500, "value_error", "expected '}' before end of string");
        Str field = str_slice(text, i + 1, end), key = field, spec = { 0 };
        size_t colon = str_find_byte(field, ':');
        if (colon != STR_NPOS) {
            key = str_slice(field, 0, colon);
            spec = str_from_byte(field, colon + 1);
        }
        int64_t at = (int64_t)next;
        Value v = value_null();
        if (key.n && !str_to_i64(key, &at))
            v = shell_keyword(args, str_dup_c(s->cx->arena, key), v);
        else if (at < 0 || (size_t)at >= args.n)
            RAISE(s->cx, 500, "index_error", "Replacement index %lld out of range", (long long)at);
        else
            v = args.p[at];
        next += key.n == 0;
        buf_str(&b, shell_format(s, v, spec));
        i = end;
    }
    return value_str(buf_view(&b));
}

static Value of_text(Shell *s, Str text, Str name, Args args)
{
    Arena *a = s->cx->arena;
    Value first = args.n ? args.p[0] : value_null();
    if (IS("upper") || IS("lower"))
        return value_str(IS("upper") ? str_upper(a, text) : str_lower(a, text));
    if (IS("strip") || IS("lstrip") || IS("rstrip")) {
        Str set = first.tag == VALUE_NULL ? STR(" \t\n\r\v\f") : str_c(shell_text(s, first, "strip()"));
        Str both = str_trim_set(text, set);
        size_t begin = (size_t)(both.p - text.p);
        return value_str(name.p[0] == 's'   ? both
                         : name.p[0] == 'l' ? str_from_byte(text, both.n ? begin : text.n)
                                            : str_slice(text, 0, both.n ? begin + both.n : 0));
    }
    if (IS("title") || IS("capitalize")) {
        char *copy = str_dup_c(a, str_lower(a, text));
        for (size_t i = 0; i < text.n && (i == 0 || IS("title")); i++)
            if (copy[i] >= 'a' && copy[i] <= 'z' && (!i || !((copy[i - 1] | 32) >= 'a' && (copy[i - 1] | 32) <= 'z')))
                copy[i] -= 32;
        return value_str(str_from(copy, text.n));
    }
    if (IS("startswith") || IS("endswith"))
        return begins(s, text, name, first);
    if (IS("split"))
        return split(s, text, args);
    if (IS("splitlines"))
        return split(s, text, (Args){ .p = (Value[]){ value_c("\n") }, .n = 1 });
    if (IS("replace") && args.n >= 2)
        return value_str(str_replace(a, text, str_c(shell_text(s, first, "replace()")),
                                     str_c(shell_text(s, args.p[1], "replace()"))));
    if (IS("join"))
        return join(s, text, args);
    if (IS("zfill") && first.tag == VALUE_INT)
        return value_str(first.i > (int64_t)text.n && first.i < 1000
                             ? shell_format(s, value_str(text), str_format(a, "0>%lld", (long long)first.i))
                             : text);
    if (IS("count") || IS("find")) {
        Str part = str_c(shell_text(s, first, "count()"));
        size_t at, n = 0;
        if (IS("find"))
            return value_int((at = str_find(text, part)) == STR_NPOS ? -1 : (int64_t)at);
        while (part.n && (at = str_find(text, part)) != STR_NPOS) {
            n++;
            text = str_from_byte(text, at + part.n);
        }
        return value_int((int64_t)n);
    }
    if (IS("isdigit")) {
        bool digits = text.n > 0;
        for (size_t i = 0; i < text.n; i++)
            digits &= text.p[i] >= '0' && text.p[i] <= '9';
        return value_bool(digits);
    }
    if (IS("encode"))
        return value_bytes(text);
    if (IS("format"))
        return formatted(s, text, args);
    RAISE(s->cx, 500, "type_error", "%.*s() does not take this", STR_FMT(name));
}

/* --- lists, tuples */

static size_t index_of(Shell *s, const List *list, Value v)
{
    for (size_t i = 0; i < list->n; i++)
        if (shell_compare(s, STR("=="), list->p[i], v))
            return i;
    return list->n;
}

static void remove_at(List *list, size_t at)
{
    memmove(&list->p[at], &list->p[at + 1], (list->n - at - 1) * sizeof *list->p);
    list->n--;
}

static Value of_list(Shell *s, List *list, Str name, Args args)
{
    Arena *a = s->cx->arena;
    Value first = args.n ? args.p[0] : value_null();
    size_t at;
    if (IS("append")) {
        list_push(a, list, first);
    } else if (IS("extend")) {
        const List *more = shell_elements(s, first);
        for (size_t i = 0, n = more->n; i < n; i++)
            list_push(a, list, more->p[i]);
    } else if (IS("insert") && args.n == 2 && first.tag == VALUE_INT) {
        at = first.i < 0 ? 0 : (size_t)first.i > list->n ? list->n : (size_t)first.i;
        list_push(a, list, value_null());
        memmove(&list->p[at + 1], &list->p[at], (list->n - at - 1) * sizeof *list->p);
        list->p[at] = args.p[1];
    } else if (IS("pop")) {
        int64_t i = first.tag == VALUE_INT ? first.i : -1;
        i = i < 0 ? i + (int64_t)list->n : i;
        if (i < 0 || i >= (int64_t)list->n)
            RAISE(s->cx, 500, "index_error", "pop index out of range");
        Value v = list->p[i];
        remove_at(list, (size_t)i);
        return v;
    } else if (IS("remove") || IS("index")) {
        if ((at = index_of(s, list, first)) == list->n)
            RAISE(s->cx, 500, "value_error", "%.*s is not in list", STR_FMT(shell_repr(s, first)));
        if (IS("index"))
            return value_int((int64_t)at);
        remove_at(list, at);
    } else if (IS("count")) {
        int64_t n = 0;
        for (size_t i = 0; i < list->n; i++)
            n += shell_compare(s, STR("=="), list->p[i], first);
        return value_int(n);
    } else if (IS("sort")) {
        shell_sort(s, list, shell_keyword(args, "key", value_null()),
                   shell_truth(s, shell_keyword(args, "reverse", value_bool(false))));
    } else if (IS("clear")) {
        list->n = 0;
    } else if (IS("reverse") || IS("copy")) {
        List *copy = list_new(a);
        for (size_t i = 0; i < list->n; i++)
            list_push(a, copy, list->p[IS("copy") ? i : list->n - 1 - i]);
        if (IS("copy"))
            return value_list(copy);
        memcpy(list->p, copy->p, copy->n * sizeof *copy->p);
    } else {
        RAISE(s->cx, 500, "type_error", "%.*s() does not take this", STR_FMT(name));
    }
    return value_null();
}

/* --- maps */

static Value of_map(Shell *s, Value self, Str name, Args args)
{
    Arena *a = s->cx->arena;
    Value first = args.n ? args.p[0] : value_null(), otherwise = args.n > 1 ? args.p[1] : value_null(), out;
    List *keys, *values, *list = list_new(a);
    shell_pairs(s, self, &keys, &values);
    if (IS("get")) {
        shell_expect(s, "get", args, 1, 2);
        return value_item(a, self, first, &out) ? out : otherwise;
    }
    if (IS("keys") || IS("values")) {
        const List *of = IS("keys") ? keys : values;
        for (size_t i = 0; i < of->n; i++)
            list_push(a, list, of->p[i]);
        return value_list(list);
    }
    if (IS("items")) {
        for (size_t i = 0; i < keys->n; i++)
            list_push(a, list, shell_tuple(s, 2, (Value[]){ keys->p[i], values->p[i] }));
        return value_list(list);
    }
    if (IS("copy"))
        return shell_dict(s, keys, values);
    if (self.tag != VALUE_MAP)
        RAISE(s->cx, 500, "type_error", "a dict whose keys are no texts cannot be changed by %.*s() here",
              STR_FMT(name));
    if (IS("update")) {
        Args all = shell_with(s, (Args){ .keywords = args.keywords, .nkeywords = args.nkeywords }, first);
        for (size_t i = 0; i < all.nkeywords; i++)
            map_set(self.map, str_copy(a, all.keywords[i].name), all.keywords[i].value);
        return value_null();
    }
    Str key = str_c(shell_text(s, first, "a dict"));
    Value *found = map_get(self.map, key);
    if (IS("setdefault")) {
        if (!found)
            map_set(self.map, str_copy(a, key), otherwise);
        return found ? *found : otherwise;
    }
    if (!found && args.n < 2)
        RAISE(s->cx, 500, "key_error", "%.*s", STR_FMT(shell_repr(s, first)));
    out = found ? *found : otherwise;
    map_delete(self.map, key);
    return out;
}

/* --- sets */

static Value of_set(Shell *s, Value self, Str name, Args args)
{
    Value first = args.n ? args.p[0] : value_null();
    if (IS("add")) {
        if (!shell_contains(s, self, first).b)
            list_push(s->cx->arena, list_of(self), first);
        return value_null();
    }
    Value other = shell_set(s, shell_elements(s, first));
    Str sign = IS("union") ? STR("|") : IS("intersection") ? STR("&") : STR("-");
    if (IS("union") || IS("intersection") || IS("difference"))
        return shell_binary(s, sign, self, other);
    Value common = shell_binary(s, STR("&"), self, other);
    size_t n = list_of(common)->n;
    return value_bool(IS("isdisjoint") ? n == 0 : n == list_of(IS("issubset") ? self : other)->n);
}

static Value as_dict(Shell *s, const NamedTuple *t)
{
    Map *map = map_new(s->cx->arena);
    for (size_t i = 0; i < t->values->n; i++)
        map_set(map, str_c(t->names[i]), t->values->p[i]);
    return value_map(map);
}

Value shell_value_call(Shell *s, const Method *m, Args args)
{
    Value v = m->self;
    if (value_is_text(v))
        return of_text(s, v.s, m->name, args);
    if (v.tag == VALUE_MAP || is_a(v, &shell_dict_class))
        return of_map(s, v, m->name, args);
    if (is_a(v, &shell_set_class))
        return of_set(s, v, m->name, args);
    if (is_a(v, &shell_named_class) && str_eq(m->name, STR("_asdict")))
        return as_dict(s, v.object);
    return of_list(s, list_of(v), m->name, args);
}
