/* validate.c: full_clean: fields by themselves, the model's own rule, what must be unique. */
#include "orm/validate.h"
#include "orm/dialect.h"
#include <clef/base/map.h>
#include <clef/base/vec.h>
#include <clef/i18n/text.h>
#include <clef/orm/row.h>
#include <stdarg.h>

enum { UNIQUE_MAX = 32, MESSAGE_MAX = 1 << 16 };

/* --- errors */

void row_errors_add(RowErrors *errors, const char *field, ValidationError e)
{
    Str name = field ? str_c(field) : STR("__all__");
    for (size_t i = 0; i < errors->n; i++)
        if (str_eq(errors->p[i].field, name)) {
            validation_errors_add(errors->arena, &errors->p[i].errors, e);
            return;
        }
    RowErrorsOf of = { .field = str_copy(errors->arena, name) };
    validation_errors_add(errors->arena, &of.errors, e);
    VEC_PUSH(errors->arena, errors, of);
}

void row_errors_format(RowErrors *errors, const char *field, const char *code, const char *format, ...)
{
    va_list args;
    Buf b = BUF_INIT(errors->arena, MESSAGE_MAX);
    va_start(args, format);
    buf_vprintf(&b, format, args);
    va_end(args);
    row_errors_add(errors, field, (ValidationError){ .message = buf_view(&b), .code = str_c(code) });
}

const ValidationErrors *row_errors_of(const RowErrors *errors, const char *field)
{
    for (size_t i = 0; errors && i < errors->n; i++)
        if (str_eq(errors->p[i].field, field ? str_c(field) : STR("__all__")))
            return &errors->p[i].errors;
    return NULL;
}

Map *row_errors_map(const RowErrors *errors)
{
    Map *out = map_new(errors->arena);
    for (size_t i = 0; i < errors->n; i++) {
        List *texts = list_new(errors->arena);
        for (size_t j = 0; j < errors->p[i].errors.n; j++)
            list_push(errors->arena, texts, value_str(validation_error_text(errors->arena, &errors->p[i].errors.p[j])));
        map_set(out, errors->p[i].field, value_list(texts));
    }
    return out;
}

/* --- names */

bool clean_excludes(const Cleaning *c, const FieldInfo *field)
{
    for (size_t i = 0; c->exclude && c->exclude[i]; i++)
        if (str_eq(field->name, str_c(c->exclude[i])) || str_eq(field->attname, str_c(c->exclude[i])))
            return true;
    for (size_t i = 0; i < c->errors->n; i++)
        if (str_eq(c->errors->p[i].field, field->name))
            return true;
    return false;
}

Str clean_label(const Cleaning *c, const FieldInfo *field)
{
    const char *own = field->f->verbose_name;
    Str name = own ? str_c(own) : str_replace(c->cx->arena, field->name, STR("_"), STR(" "));
    return text_capfirst(c->cx->arena, name);
}

Map *clean_params(const Cleaning *c, const ModelInfo *info)
{
    Map *m = map_new(c->cx->arena);
    map_set(m, STR("model_name"), value_str(text_capfirst(c->cx->arena, model_verbose_name(info->m))));
    return m;
}

static Str message_of(const Field *f, const char *code, const char *otherwise)
{
    for (const ErrorMessage *m = f->error_messages; m && m->code; m++)
        if (str_eq(str_c(m->code), str_c(code)))
            return str_c(m->message);
    return str_c(otherwise);
}

static void fail(Cleaning *c, const FieldInfo *field, const char *code, const char *message, const Map *params)
{
    row_errors_add(
        c->errors, field->f->name,
        (ValidationError){ .message = message_of(field->f, code, message), .code = str_c(code), .params = params });
}

/* --- one field */

static bool is_empty(Value v)
{
    return v.tag == VALUE_NULL || ((value_is_text(v) || v.tag == VALUE_BYTES) && v.s.n == 0) ||
           (v.tag == VALUE_LIST && v.list->n == 0) || (v.tag == VALUE_MAP && map_count(v.map) == 0);
}

static bool is_choice(Arena *a, const Choice *choices, Value v, unsigned depth)
{
    for (const Choice *choice = choices; choice && choice->display && depth < 4; choice++)
        if (choice->group ? is_choice(a, choice->group, v, depth + 1)
                          : value_eq(choice->value.box(a, choice->value.at), v))
            return true;
    return false;
}

/* As Python's repr() shows it. */
static Value shown(Arena *a, Value v)
{
    return value_is_text(v) ? value_str(str_format(a, "'%.*s'", STR_FMT(v.s))) : v;
}

/* Is there a row that the key leads to? */
static void check_relation(Cleaning *c, const FieldInfo *field, Value v)
{
    Arena *a = c->cx->arena;
    const FieldInfo *to = field->to_field;
    QuerySet *q = queryset_using(queryset_bare(c->cx, field->to), c->using);
    q = FILTER(q, { .lookup = str_dup_c(a, to->attname), .value = { box_value, &v } });
    if (queryset_exists(choices_limited(q, field->f)))
        return;
    Map *params = map_new(a);
    map_set(params, STR("model"), value_str(model_verbose_name(field->to->m)));
    map_set(params, STR("pk"), v);
    map_set(params, STR("field"), value_str(to->name));
    map_set(params, STR("value"), shown(a, v));
    fail(c, field, "invalid", "%(model)s instance with %(field)s %(value)r is not a valid choice.", params);
}

/* The range of an integer column, where the database has one. */
static bool range_of(const Cleaning *c, FieldKind kind, int64_t *least, int64_t *most)
{
    bool sqlite = str_eq(str_c(dialect_of(c->cx, c->using)->vendor), STR("sqlite"));
    bool positive =
        kind == FIELD_POSITIVE_INTEGER || kind == FIELD_POSITIVE_BIG_INTEGER || kind == FIELD_POSITIVE_SMALL_INTEGER;
    *least = INT64_MIN, *most = INT64_MAX;
    if (!sqlite && (kind == FIELD_INTEGER || kind == FIELD_POSITIVE_INTEGER))
        *least = INT32_MIN, *most = INT32_MAX;
    else if (!sqlite && (kind == FIELD_SMALL_INTEGER || kind == FIELD_POSITIVE_SMALL_INTEGER))
        *least = INT16_MIN, *most = INT16_MAX;
    if (positive)
        *least = 0;
    return positive || kind == FIELD_INTEGER || kind == FIELD_BIG_INTEGER || kind == FIELD_SMALL_INTEGER;
}

static bool has_own(const Field *f, ValidatorFn *check)
{
    for (const Validator *v = f->validators; v && v->check; v++)
        if (v->check == check)
            return true;
    return false;
}

/* The validators that Django gives to fields of this kind, then the field's own. */
static void run_validators(Cleaning *c, const FieldInfo *field, Value v)
{
    Arena *a = c->cx->arena;
    const Field *f = field->f;
    Validator list[4];
    size_t n = 0;
    int64_t least, most;
    Value low, high;
    if (f->kind == FIELD_EMAIL)
        list[n++] = (Validator)validate_email;
    else if (f->kind == FIELD_URL)
        list[n++] = (Validator)URLValidator();
    else if (f->kind == FIELD_SLUG)
        list[n++] = (Validator)validate_slug;
    else if (f->kind == FIELD_GENERIC_IP && f->protocol && str_ieq(str_c(f->protocol), STR("IPv4")))
        list[n++] = (Validator)validate_ipv4_address;
    else if (f->kind == FIELD_GENERIC_IP && f->protocol && str_ieq(str_c(f->protocol), STR("IPv6")))
        list[n++] = (Validator)validate_ipv6_address;
    else if (f->kind == FIELD_GENERIC_IP)
        list[n++] = (Validator)validate_ipv46_address;
    else if (f->kind == FIELD_DECIMAL)
        list[n++] =
            (Validator){ .check = check_decimal, .max_digits = f->max_digits, .decimal_places = f->decimal_places };
    else if (range_of(c, f->kind, &least, &most)) {
        low = value_int(least), high = value_int(most);
        if (!has_own(f, check_min_value))
            list[n++] = (Validator){ .check = check_min_value, .limit = &low };
        if (!has_own(f, check_max_value))
            list[n++] = (Validator){ .check = check_max_value, .limit = &high };
    }
    Value length = value_int(field_max_length(f));
    bool has_length = f->kind == FIELD_CHAR || f->kind == FIELD_SLUG || f->kind == FIELD_EMAIL ||
                      f->kind == FIELD_URL || f->kind == FIELD_BINARY;
    if (has_length && length.i > 0)
        list[n++] = (Validator){ .check = check_max_length, .limit = &length };
    list[n] = (Validator){ .check = NULL };
    const Validator *const lists[] = { list, f->validators };
    for (size_t k = 0; k < CLEF_COUNT(lists); k++) {
        ValidationErrors errors = validators_run(a, lists[k], v);
        for (size_t i = 0; i < errors.n; i++) {
            errors.p[i].message = message_of(f, str_dup_c(a, errors.p[i].code), str_dup_c(a, errors.p[i].message));
            row_errors_add(c->errors, f->name, errors.p[i]);
        }
    }
}

static void clean_field(Cleaning *c, const FieldInfo *field)
{
    Arena *a = c->cx->arena;
    const Field *f = field->f;
    Value v = member_load(a, f, c->row);
    bool text = f->member == MEMBER_STR && !f->null && !field->to;
    if (v.tag == VALUE_NULL && text)
        v = value_str(STR(""));
    bool empty = is_empty(v);
    if ((f->blank && empty) || field_is_generated(f) || field_is_auto(f) || f->parent_link || f->auto_now ||
        f->auto_now_add)
        return;
    if (f->db_default.box && v.tag == VALUE_NULL)
        return;
    if (!f->not_editable) {
        if (f->choices && !empty) {
            if (!is_choice(a, f->choices, v, 0)) {
                Map *params = map_new(a);
                map_set(params, STR("value"), shown(a, v));
                fail(c, field, "invalid_choice", "Value %(value)r is not a valid choice.", params);
                return;
            }
        } else if (v.tag == VALUE_NULL && !f->null) {
            fail(c, field, "null", "This field cannot be null.", NULL);
            return;
        } else if (!f->blank && empty) {
            fail(c, field, "blank", "This field cannot be blank.", NULL);
            return;
        }
        if (field->to && v.tag != VALUE_NULL)
            check_relation(c, field, v);
    }
    if (!empty && !field->to)
        run_validators(c, field, v);
}

/* --- unique */

QuerySet *clean_others(const Cleaning *c, const ModelInfo *info)
{
    QuerySet *q = queryset_using(queryset_bare(c->cx, info), c->using);
    if (c->adding)
        return q;
    Value *pk = NEW(c->cx->arena, Value);
    *pk = member_load(c->cx->arena, info->pk->f, c->row);
    return pk->tag == VALUE_NULL ? q : EXCLUDE(q, { .lookup = "pk", .value = { box_value, pk } });
}

ValidationError clean_unique_error(const Cleaning *c, const ModelInfo *info, const FieldInfo *const *fields, size_t n)
{
    Arena *a = c->cx->arena;
    Map *params = clean_params(c, info);
    if (n == 1) {
        map_set(params, STR("field_label"), value_str(clean_label(c, fields[0])));
        return (ValidationError){ .message = message_of(fields[0]->f, "unique",
                                                        "%(model_name)s with this %(field_label)s already exists."),
                                  .code = STR("unique"),
                                  .params = params };
    }
    Buf b = BUF_INIT(a, MESSAGE_MAX);
    for (size_t i = 0; i < n; i++) {
        buf_c(&b, !i ? "" : i + 1 == n ? " and " : ", ");
        buf_str(&b, clean_label(c, fields[i]));
    }
    map_set(params, STR("field_labels"), value_str(buf_view(&b)));
    return (ValidationError){ .message = STR("%(model_name)s with this %(field_labels)s already exists."),
                              .code = STR("unique_together"),
                              .params = params };
}

/* Is there another row with the same values? NULL is no value. */
static void check_together(Cleaning *c, const ModelInfo *info, const FieldInfo *const *fields, size_t n)
{
    Arena *a = c->cx->arena;
    Pred same[UNIQUE_MAX + 1];
    Value values[UNIQUE_MAX];
    for (size_t i = 0; i < n; i++) {
        if (clean_excludes(c, fields[i]) || (fields[i]->f->primary_key && !c->adding))
            return;
        values[i] = member_load(a, fields[i]->f, c->row);
        if (values[i].tag == VALUE_NULL || (field_is_auto(fields[i]->f) && values[i].i == 0))
            return;
        same[i] = (Pred){ .lookup = str_dup_c(a, fields[i]->attname), .value = { box_value, &values[i] } };
    }
    same[n] = (Pred){ .path = NULL };
    if (!queryset_exists(queryset_filter(clean_others(c, info), same)))
        return;
    row_errors_add(c->errors, n == 1 ? fields[0]->f->name : NULL, clean_unique_error(c, info, fields, n));
}

static void check_for_date(Cleaning *c, const FieldInfo *field, const char *date_name, const char *type)
{
    Arena *a = c->cx->arena;
    const FieldInfo *date = date_name ? info_field(c->info, str_c(date_name)) : NULL;
    if (!date || clean_excludes(c, field) || clean_excludes(c, date))
        return;
    Value day = member_load(a, date->f, c->row), own = member_load(a, field->f, c->row);
    if (day.tag == VALUE_NULL)
        return;
    Date at = day.tag == VALUE_DATETIME ? naive_date(datetime_utc((DateTime){ day.us })) : (Date){ (int32_t)day.us };
    DateParts civil = date_parts(at);
    bool whole = str_eq(str_c(type), STR("date"));
    const struct {
        const char *name;
        int64_t is;
    } parts[] = { { "day", civil.day }, { "month", civil.month }, { "year", civil.year } };
    Pred same[5] = { { .lookup = str_dup_c(a, field->attname), .value = { box_value, &own } } };
    size_t n = 1;
    for (size_t i = 0; i < CLEF_COUNT(parts); i++)
        if (whole || str_eq(str_c(type), str_c(parts[i].name)))
            same[n++] = (Pred){ .lookup = str_format(a, "%s__%s", date->f->name, parts[i].name).p,
                                .value = { box_int64, &parts[i].is } };
    same[n] = (Pred){ .path = NULL };
    if (!queryset_exists(queryset_filter(clean_others(c, field->model), same)))
        return;
    Map *params = clean_params(c, field->model);
    map_set(params, STR("field_label"), value_str(clean_label(c, field)));
    map_set(params, STR("date_field_label"), value_str(clean_label(c, date)));
    map_set(params, STR("lookup_type"), value_c(type));
    fail(c, field, "unique_for_date", "%(field_label)s must be unique for %(date_field_label)s %(lookup_type)s.",
         params);
}

static void clean_unique(Cleaning *c)
{
    for (const ModelInfo *info = c->info; info; info = info->base) {
        for (const char *const *const *set = info->meta->unique_together; set && *set; set++) {
            const FieldInfo *fields[UNIQUE_MAX];
            size_t n = 0;
            while ((*set)[n] && n < UNIQUE_MAX && (fields[n] = info_field(info, str_c((*set)[n]))) != NULL)
                n++;
            if (n && !(*set)[n])
                check_together(c, info->concrete, fields, n);
        }
        if (info->nkeys > 1 && c->adding)
            check_together(c, info->concrete, info->keys, info->nkeys);
        for (size_t i = 0; i < info->n; i++) {
            const FieldInfo *field = &info->fields[i];
            const Field *f = field->f;
            bool unique = f->unique || f->primary_key || f->kind == FIELD_ONE_TO_ONE;
            if (unique && !f->parent_link)
                check_together(c, info->concrete, &field, 1);
            check_for_date(c, field, f->unique_for_date, "date");
            check_for_date(c, field, f->unique_for_year, "year");
            check_for_date(c, field, f->unique_for_month, "month");
        }
    }
}

/* --- all of it */

RowErrors *row_full_clean(Context *cx, const Model *m, void *row, const CleanOptions *options)
{
    static const CleanOptions all = { .exclude = NULL };
    const CleanOptions *o = options ? options : &all;
    const RowState *state = *row_state_of(row);
    RowErrors *errors = NEW(cx->arena, RowErrors);
    *errors = (RowErrors){ .arena = cx->arena };
    Cleaning c = { .cx = cx,
                   .info = row_info(cx, m, row),
                   .row = row,
                   .using = o->using,
                   .adding = !state || state->adding,
                   .exclude = o->exclude,
                   .errors = errors };
    if (!c.using.n && state && state->set)
        c.using = state->set->alias;
    row_take_keys(cx, c.info, row, true);
    for (size_t i = 0; i < c.info->nall && !o->no_fields; i++)
        if (!clean_excludes(&c, c.info->all[i])) {
            row_read_field(cx, row, c.info->all[i]);
            clean_field(&c, c.info->all[i]);
        }
    if (!o->no_clean && c.info->meta->clean)
        c.info->meta->clean(cx, row, errors);
    if (!o->no_unique)
        clean_unique(&c);
    if (!o->no_constraints)
        clean_constraints(&c);
    return errors->n ? errors : NULL;
}
