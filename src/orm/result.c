/* result.c: rows of a statement, decoded column by column into structs of the context's memory. */
#include "orm/queryset.h"
#include "orm/work.h"
#include <clef/base/map.h>

void *result_add(ResultSet *set, size_t expected)
{
    size_t i = set->n, size = set->row_size;
    unsigned k = 63 - (unsigned)__builtin_clzll(i / CHUNK_ROWS + 1);
    size_t first = CHUNK_ROWS * (((size_t)1 << k) - 1);
    if (i == first && !set->chunks[k]) {
        size_t rows = (size_t)CHUNK_ROWS << k;
        if (expected && expected - i < rows && expected > i)
            rows = expected - i;
        set->chunks[k] = arena_array(set->cx->arena, rows, size);
    }
    void *row = set->chunks[k] + (i - first) * size;
    *row_state_of(row) = &set->state;
    set->n++;
    return row;
}

static CLEF_COLD CLEF_NORETURN void bad_column(Context *cx, const FieldInfo *field, const Value *v)
{
    Str text;
    if (!value_to_str(*v, &text))
        text = str_c(value_type_name(*v));
    RAISE(cx, 500, "data_error", "The column %.*s of the table %.*s holds '%.*s', which is no value of a %s.",
          STR_FMT(field->column), STR_FMT(field->model->table), STR_FMT(str_slice(text, 0, 80)), field_class(field->f));
}

ResultSet *result_read(QuerySet *q, const Sql *sql, size_t expected)
{
    Context *cx = q->cx;
    const ModelInfo *info = q->info;
    Arena *a = cx->arena;
    ResultSet *set = NEW(a, ResultSet);
    size_t size = (info->m->size + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *);
    *set = (ResultSet){ .cx = cx, .info = info, .alias = q->alias, .extra = q->annotations, .nextra = q->nannotations };
    set->row_size = set->nextra ? size + set->nextra * sizeof(Value) : info->m->size;
    set->state = (RowState){ .info = info, .set = set };
    if (sql->empty)
        return set;
    Value *cells = NEW_ARRAY(a, Value, info->nall + set->nextra);
    Reading *r = reading_begin(cx, q->alias, info, sql->text, sql->params, sql->nparams);
    while (reading_step(r, info)) {
        db_row(&r->cursor, cells);
        char *row = result_add(set, expected);
        for (size_t i = 0; i < info->nall; i++) {
            const FieldInfo *field = info->all[i];
            if (CLEF_UNLIKELY(!member_store(a, field->f, field->stored, row, &cells[i], true)))
                bad_column(cx, field, &cells[i]);
        }
        for (size_t i = 0; i < set->nextra; i++)
            ((Value *)(row + size))[i] = value_from_column(cx, set->extra[i].node->out, &cells[info->nall + i]);
    }
    reading_end(r);
    return set;
}

bool row_annotation(const void *row, const char *name, Value *out)
{
    const RowState *state = *row_state_of((void *)row);
    const ResultSet *set = state ? state->set : NULL;
    for (size_t i = 0; set && i < set->nextra; i++)
        if (str_eq(set->extra[i].name, str_c(name))) {
            *out = ((const Value *)((const char *)row + set->row_size) - set->nextra)[i];
            return true;
        }
    return false;
}

List *values_read(QuerySet *q, const Sql *sql, const Named *nodes, size_t n, QueryMode mode)
{
    Context *cx = q->cx;
    Arena *a = cx->arena;
    List *rows = list_new(a);
    if (sql->empty)
        return rows;
    Value *cells = NEW_ARRAY(a, Value, n ? n : 1);
    Reading *r = reading_begin(cx, q->alias, q->info, sql->text, sql->params, sql->nparams);
    while (reading_step(r, q->info)) {
        db_row(&r->cursor, cells);
        Map *map = mode == MODE_MAPS ? map_new(a) : NULL;
        List *list = mode == MODE_LISTS ? list_new(a) : NULL;
        for (size_t i = 0; i < n; i++) {
            Value v = value_from_column(cx, nodes[i].node->out, &cells[i]);
            if (map)
                map_set(map, nodes[i].name, v);
            else if (list)
                list_push(a, list, v);
            else
                list_push(a, rows, v);
        }
        if (map || list)
            list_push(a, rows, map ? value_map(map) : value_list(list));
    }
    reading_end(r);
    return rows;
}
