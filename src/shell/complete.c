/* complete.c: what may follow a text: names of models and functions, methods, fields and lookups. */
#include "orm/node.h"
#include "shell/eval.h"
#include <clef/base/vec.h>

typedef VEC(const char *) Found;

static void offer(Shell *s, Found *found, Str before, Str candidate, const char *behind)
{
    if (!str_starts(candidate, before))
        return;
    const char *text = str_format(s->cx->arena, "%.*s%s", STR_FMT(candidate), behind).p;
    for (size_t i = 0; i < found->n; i++)
        if (str_eq(str_c(found->p[i]), str_c(text)))
            return;
    VEC_PUSH(s->cx->arena, found, text);
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The model that the statement begins with: "Post.objects...". */
static const Model *model_of(Shell *s, Str text)
{
    const Model *found = NULL;
    for (size_t i = 0; i < text.n; i++) {
        if (!is_name_char(text.p[i]) || (i && is_name_char(text.p[i - 1])))
            continue;
        size_t end = i;
        while (end < text.n && is_name_char(text.p[end]))
            end++;
        for (size_t m = 0; model_at(m); m++)
            if (str_eq(str_c(model_at(m)->name), str_slice(text, i, end)))
                found = model_at(m);
        i = end;
    }
    (void)s;
    return found;
}

/* author__na: the fields of the related model, then lookups. */
static void offer_fields(Shell *s, Found *found, const ModelInfo *info, Str word, const char *behind)
{
    size_t cut = 0;
    for (size_t i = 0; i + 1 < word.n; i++)
        if (word.p[i] == '_' && word.p[i + 1] == '_' && i > cut) {
            Str name = str_slice(word, cut, i);
            const FieldInfo *field = info ? info_field(info, name) : NULL;
            const FieldInfo *back;
            if (field)
                info = field->to;
            else if (info && names_reverse(info, name, &back))
                info = back->model;
            else
                info = NULL;
            cut = i + 2;
            i++;
        }
    Str head = str_slice(word, 0, cut);
    for (size_t i = 0; info && i < info->nall; i++) {
        offer(s, found, word, str_concat(s->cx->arena, head, info->all[i]->name), behind);
        offer(s, found, word, str_concat(s->cx->arena, head, info->all[i]->attname), behind);
    }
    for (size_t i = 0; info && i < info->nbetween; i++)
        offer(s, found, word, str_concat(s->cx->arena, head, info->between[i].name), behind);
    for (int op = 0; cut && op < OP_COUNT; op++)
        offer(s, found, word, str_concat(s->cx->arena, head, str_c(op_name((Op)op))), behind);
}

const char *const *shell_complete(Shell *s, Str text)
{
    Found found = { 0 };
    size_t begin = text.n;
    while (begin && is_name_char(text.p[begin - 1]))
        begin--;
    Str word = str_from_byte(text, begin);
    char before = begin ? text.p[begin - 1] : 0;
    const Model *m = model_of(s, str_slice(text, 0, begin));
    if (before == '.') {
        bool of_model = m && str_ends(str_slice(text, 0, begin - 1), str_c(m->name));
        if (of_model)
            offer(s, &found, word, STR("objects"), "");
        for (size_t i = 0; !of_model && shell_method_at(i); i++)
            offer(s, &found, word, str_c(shell_method_at(i)), "(");
    } else {
        size_t quote = begin - (before == '-'); /* "-created" */
        bool quoted = quote && (text.p[quote - 1] == '"' || text.p[quote - 1] == '\'');
        if (m)
            offer_fields(s, &found, m->slot->info, word, quoted ? "" : "=");
        MapEntry *e;
        size_t cursor = 0;
        while (!quoted && (e = map_next(s->variables, &cursor)) != NULL)
            offer(s, &found, word, e->key, "");
        for (size_t i = 0; !quoted && model_at(i); i++)
            offer(s, &found, word, str_c(model_at(i)->name), "");
        for (size_t i = 0; !quoted && shell_function_at(i); i++)
            offer(s, &found, word, str_c(shell_function_at(i)->name), "(");
    }
    VEC_PUSH(s->cx->arena, &found, NULL);
    return found.p;
}
