/* result.c: rows of a statement, decoded column by column into structs of the context's memory. */
#include "orm/queryset.h"
#include "orm/work.h"

void *result_add(ResultSet *set, size_t expected)
{
    size_t i = set->n, size = set->info->m->size;
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

ResultSet *result_read(Context *cx, const ModelInfo *info, Str alias, const Sql *sql, size_t expected)
{
    Arena *a = cx->arena;
    ResultSet *set = NEW(a, ResultSet);
    *set = (ResultSet){ .cx = cx, .info = info, .alias = alias };
    set->state = (RowState){ .info = info, .set = set };
    if (sql->empty)
        return set;
    Value *cells = NEW_ARRAY(a, Value, info->n);
    Reading *r = reading_begin(cx, alias, info, sql->text, sql->params, sql->nparams);
    while (reading_step(r, info)) {
        db_row(&r->cursor, cells);
        void *row = result_add(set, expected);
        for (size_t i = 0; i < info->n; i++) {
            const FieldInfo *field = &info->fields[i];
            if (CLEF_UNLIKELY(!member_store(a, field->f, field->stored, row, &cells[i], true)))
                bad_column(cx, field, &cells[i]);
        }
    }
    reading_end(r);
    return set;
}
