/* box.c: the functions that box what a table or a condition holds. */
#include <clef/codec/json.h>
#include <clef/orm/expr.h>

#define BOX(name, T, ...)                      \
    Value box_##name(Arena *a, const void *at) \
    {                                          \
        T const *v = at;                       \
        (void)a;                               \
        return __VA_ARGS__;                    \
    }

static Value copied(Arena *a, Value v) { return value_copy(a, v); }

BOX(bool, bool, value_bool(*v))
BOX(int16, short, value_int(*v))
BOX(int32, int, value_int(*v))
BOX(uint32, unsigned, value_int(*v))
BOX(int64, int64_t, value_int(*v))
BOX(uint64, uint64_t, value_u64(a, *v))
BOX(double, double, value_double(*v))
BOX(c, char *, *v ? value_str(str_copy(a, str_c(*v))) : value_null())
BOX(str, Str, str_is_null(*v) ? value_null() : value_str(str_copy(a, *v)))
BOX(decimal, Decimal, copied(a, value_decimal(v)))
BOX(date, Date, value_date(*v))
BOX(time, Time, value_time(*v))
BOX(naive, NaiveDateTime, value_naive(*v))
BOX(datetime, DateTime, value_datetime(*v, NULL))
BOX(duration, Duration, value_duration(*v))
BOX(uuid, Uuid, copied(a, value_uuid(v)))
BOX(opt_int, OptInt, v->set ? value_int(v->value) : value_null())
BOX(opt_bool, OptBool, v->set ? value_bool(v->value) : value_null())
BOX(opt_double, OptDouble, v->set ? value_double(v->value) : value_null())
BOX(opt_decimal, OptDecimal, v->set ? copied(a, value_decimal(&v->value)) : value_null())
BOX(opt_date, OptDate, v->set ? value_date(v->value) : value_null())
BOX(opt_time, OptTime, v->set ? value_time(v->value) : value_null())
BOX(opt_datetime, OptDateTime, v->set ? value_datetime(v->value, NULL) : value_null())
BOX(opt_duration, OptDuration, v->set ? value_duration(v->value) : value_null())
BOX(opt_uuid, OptUuid, v->set ? copied(a, value_uuid(&v->value)) : value_null())
BOX(list, List *, copied(a, value_list(*v)))
BOX(value, Value, copied(a, *v))
BOX(row, void *, value_object(*v, &row_class))
BOX(expr, Expr *, value_object(*v, &expr_class))
BOX(queryset, QuerySet *, value_object(*v, &queryset_class))

Value box_values(Arena *a, const void *at)
{
    const Values *v = at;
    List *list = list_new(a);
    for (size_t i = 0; i < v->n; i++)
        list_push(a, list, v->p[i].box(a, v->p[i].at));
    return value_list(list);
}

Value box_json(Arena *a, const void *at)
{
    Value v;
    return json_read(a, str_c(*(const char *const *)at), (JsonOptions){ .nan = true }, &v, NULL) ? v : value_null();
}

static Str text_at(const void *at) { return str_c(*(const char *const *)at); }

Value box_decimal_text(Arena *a, const void *at)
{
    Decimal *d = NEW(a, Decimal);
    return decimal_parse(a, text_at(at), d) == DECIMAL_OK ? value_decimal(d) : value_null();
}

Value box_date_text(Arena *a, const void *at)
{
    Date d;
    (void)a;
    return date_parse_iso(text_at(at), &d) ? value_date(d) : value_null();
}

Value box_time_text(Arena *a, const void *at)
{
    Time t;
    (void)a;
    return time_parse_iso(text_at(at), &t) ? value_time(t) : value_null();
}

Value box_datetime_text(Arena *a, const void *at)
{
    ParsedDateTime p;
    DateTime t;
    (void)a;
    return datetime_parse(text_at(at), &p) == PARSE_OK && datetime_from_naive(p.local, p.aware ? p.offset : 0, &t)
               ? value_datetime(t, NULL)
               : value_null();
}

Value box_duration_text(Arena *a, const void *at)
{
    Duration d;
    (void)a;
    return duration_parse(text_at(at), &d) == PARSE_OK ? value_duration(d) : value_null();
}

Value box_uuid_text(Arena *a, const void *at)
{
    Uuid *u = NEW(a, Uuid);
    return uuid_parse(text_at(at), u) ? value_uuid(u) : value_null();
}
