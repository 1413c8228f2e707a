/* moments.c: dates, times, durations, time zones, decimals and UUIDs, as Python's modules have them. */
#include "shell/eval.h"
#include <clef/base/decimal.h>
#include <clef/base/uuid.h>
#include <clef/i18n/locale.h>
#include <math.h>

static int64_t whole(Shell *s, const char *what, Value v)
{
    if (v.tag != VALUE_INT || v.i > INT32_MAX || v.i < INT32_MIN)
        RAISE(s->cx, 500, "type_error", "%s() takes integers.", what);
    return v.i;
}

const TimeZone *shell_zone(Shell *s, Value v)
{
    const TimeZone *zone = NULL;
    if (v.tag == VALUE_NULL)
        return NULL;
    if (value_is_text(v)) {
        TimeZoneOutcome outcome = locale_find_zone(s->cx, v.s, &zone);
        if (outcome != TIMEZONE_OK)
            RAISE(s->cx, 500, outcome == TIMEZONE_BAD_NAME ? "value_error" : "zone_not_found",
                  "'No time zone found with key %.*s'", STR_FMT(v.s));
        return zone;
    }
    if (!value_timezone_of(v, &zone))
        RAISE(s->cx, 500, "type_error", "this is a %s, not a time zone", value_type_name(v));
    return zone;
}

/* A clock's reading in the zone; NULL: a naive moment. */
static Value in_zone(Shell *s, NaiveDateTime n, const TimeZone *zone)
{
    DateTime t;
    if (!zone)
        return value_naive(n);
    if (!timezone_instant(zone, n, 0, &t))
        RAISE(s->cx, 500, "overflow_error", "date value out of range");
    return value_datetime(t, zone);
}

static NaiveDateTime reading(Value v)
{
    NaiveDateTime n = { v.tag == VALUE_DATE ? v.us * US_PER_DAY : v.us };
    if (v.tag == VALUE_DATETIME && v.zone && !timezone_local(v.zone, (DateTime){ v.us }, &n, NULL))
        n.us = v.us;
    return n;
}

/* --- making */

static Value call_moment(Shell *s, const ShellFunction *f, Args args)
{
    static const char *const of_date[] = {
        "year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"
    };
    int64_t p[7] = { 0 };
    bool date = *f->name == 'd', only_date = str_eq(str_c(f->name), STR("date"));
    size_t skip = date ? 0 : 3, most = only_date ? 3 : date ? 8 : 5;
    Value zone = value_null();
    shell_expect(s, f->name, args, 0, most);
    for (size_t i = 0; i < most; i++) {
        Value v = shell_argument(args, i, of_date[skip + i], value_null());
        if (skip + i == 7)
            zone = v;
        else if (v.tag != VALUE_NULL)
            p[i] = whole(s, f->name, v);
    }
    Date d;
    Time t;
    NaiveDateTime n;
    bool right;
    if (only_date)
        right = date_make((int)p[0], (int)p[1], (int)p[2], &d);
    else if (date)
        right = naive_make(
            (DateTimeParts){ (int)p[0], (int)p[1], (int)p[2], (int)p[3], (int)p[4], (int)p[5], (int)p[6] }, &n);
    else
        right = time_make((int)p[0], (int)p[1], (int)p[2], (int)p[3], &t);
    if (!right)
        RAISE(s->cx, 500, "value_error", "there is no such %s", f->name);
    return only_date ? value_date(d) : date ? in_zone(s, n, shell_zone(s, zone)) : value_time(t);
}

static Value call_timedelta(Shell *s, const ShellFunction *f, Args args)
{
    static const struct {
        const char *name;
        double us;
    } units[] = { { "days", 86400e6 }, { "seconds", 1e6 },  { "microseconds", 1 }, { "milliseconds", 1e3 },
                  { "minutes", 60e6 }, { "hours", 3600e6 }, { "weeks", 604800e6 } };
    double fraction = 0;
    int64_t us = 0;
    shell_expect(s, f->name, args, 0, 7);
    for (size_t i = 0; i < CLEF_COUNT(units); i++) {
        Value v = shell_argument(args, i, units[i].name, value_int(0));
        int64_t product;
        if (v.tag == VALUE_DOUBLE && fabs(v.d) * units[i].us < 9e18)
            fraction += units[i].us * v.d;
        else if (v.tag != VALUE_INT)
            RAISE(s->cx, 500, "type_error", "timedelta() takes numbers.");
        else if (__builtin_mul_overflow(v.i, (int64_t)units[i].us, &product) ||
                 __builtin_add_overflow(us, product, &us))
            RAISE(s->cx, 500, "overflow_error", "the duration is too long");
    }
    if (fabs(fraction + (double)us) > 9e18)
        RAISE(s->cx, 500, "overflow_error", "the duration is too long");
    return value_duration((Duration){ us + llrint(fraction) });
}

static Value call_decimal(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 0, 1);
    Decimal *d = NEW(s->cx->arena, Decimal);
    Value v = args.n ? args.p[0] : value_int(0);
    if (v.tag == VALUE_DECIMAL)
        return v;
    if (v.tag == VALUE_INT || v.tag == VALUE_BOOL)
        *d = decimal_of(v.tag == VALUE_INT ? v.i : v.b, 0);
    else if (v.tag == VALUE_DOUBLE)
        *d = decimal_from_double(s->cx->arena, v.d);
    else if (v.tag == VALUE_BIGINT)
        *d = *v.decimal;
    else if (!value_is_text(v) || decimal_parse(s->cx->arena, str_trim(v.s), d) != DECIMAL_OK)
        RAISE(s->cx, 500, "value_error", "Decimal() takes a text that is a number, or a number.");
    return value_decimal(d);
}

static Value call_uuid(Shell *s, const ShellFunction *f, Args args)
{
    Uuid *u = NEW(s->cx->arena, Uuid);
    if (f->name[4] == '4')
        return uuid_v4(u) ? value_uuid(u) : value_null();
    Value v = shell_argument(args, 0, "hex", value_null()), number = shell_keyword(args, "int", value_null());
    if (v.tag == VALUE_NULL && number.tag == VALUE_INT && number.i >= 0) {
        *u = (Uuid){ { 0 } };
        for (size_t i = 0; i < sizeof number.i; i++)
            u->b[sizeof u->b - 1 - i] = (uint8_t)((uint64_t)number.i >> (8 * i));
        return value_uuid(u);
    }
    if (!value_is_text(v) || !uuid_parse(v.s, u))
        RAISE(s->cx, 500, "value_error", "badly formed hexadecimal UUID string");
    return value_uuid(u);
}

static Value call_zone(Shell *s, const ShellFunction *f, Args args)
{
    shell_expect(s, f->name, args, 1, 1);
    return value_timezone(shell_zone(s, args.p[0]));
}

static const ShellFunction functions[] = {
    { "date", call_moment },     { "datetime", call_moment },
    { "time", call_moment },     { "timedelta", call_timedelta },
    { "Decimal", call_decimal }, { "D", call_decimal },
    { "UUID", call_uuid },       { "uuid4", call_uuid },
    { "ZoneInfo", call_zone },   { NULL, NULL },
};
const ShellFunction *const shell_moments = functions;

/* --- attributes */

/* datetime.now, date.today */
bool shell_class_attribute(Shell *s, const ShellFunction *f, Str name, Value *out)
{
    static const char *const of_classes[] = { "now", "today", "fromisoformat", "combine", "utcnow", NULL };
    Str of = str_c(f->name);
    Value self = value_object(f, &shell_function_class);
    if (str_eq(name, STR("__name__")))
        return *out = value_c(f->name), true;
    if (str_eq(of, STR("Q")) && (str_eq(name, STR("AND")) || str_eq(name, STR("OR")) || str_eq(name, STR("XOR"))))
        return *out = value_str(name), true;
    if (str_eq(of, STR("WindowFrameExclusion")))
        return *out = value_str(name), true;
    /* datetime.datetime: the class stands for its module. */
    if (str_eq(of, STR("datetime")) && shell_function(name))
        return *out = value_object(shell_function(name), &shell_function_class), true;
    if (str_eq(of, STR("datetime")) && str_eq(name, STR("timezone")))
        return *out = shell_module(s, name), true;
    if (!str_eq(of, STR("datetime")) && !str_eq(of, STR("date")) && !str_eq(of, STR("time")))
        return false;
    if (str_eq(name, STR("min")) || str_eq(name, STR("max"))) {
        bool min = name.p[1] == 'i';
        *out = *f->name == 't' ? value_time((Time){ .us = min ? 0 : US_PER_DAY - 1 })
               : of.n == 4     ? value_date(naive_date((NaiveDateTime){ (min ? DATETIME_MIN : DATETIME_MAX).us }))
                               : value_naive((NaiveDateTime){ (min ? DATETIME_MIN : DATETIME_MAX).us });
        return true;
    }
    for (size_t i = 0; of_classes[i]; i++)
        if (str_eq(name, str_c(of_classes[i])))
            return *out = shell_method(s, self, name), true;
    return false;
}

static bool part_of(Value v, Str name, int64_t *out)
{
    static const char *const names[] = { "year", "month", "day", "hour", "minute", "second", "microsecond" };
    DateTimeParts p = naive_parts(reading(v));
    const int32_t parts[] = { p.year, p.month, p.day, p.hour, p.minute, p.second, p.microsecond };
    size_t from = v.tag == VALUE_TIME ? 3 : 0, to = v.tag == VALUE_DATE ? 3 : 7;
    for (size_t i = from; i < to; i++)
        if (str_eq(name, str_c(names[i])))
            return *out = parts[i], true;
    return false;
}

static bool part_of_duration(Value v, Str name, int64_t *out)
{
    DurationParts p = duration_parts((Duration){ v.us });
    if (str_eq(name, STR("days")))
        *out = p.days;
    else if (str_eq(name, STR("seconds")))
        *out = p.seconds;
    else if (str_eq(name, STR("microseconds")))
        *out = p.microseconds;
    else
        return false;
    return true;
}

static bool is_among(Str name, const char *const *names)
{
    for (size_t i = 0; names[i]; i++)
        if (str_eq(name, str_c(names[i])))
            return true;
    return false;
}

bool shell_moment_attribute(Shell *s, Value v, Str name, Value *out)
{
    static const char *const of_dates[] = { "isoformat", "weekday",   "isoweekday", "isocalendar", "replace",
                                            "strftime",  "toordinal", "timetuple",  NULL };
    static const char *const of_datetimes[] = {
        "date", "time", "astimezone", "timestamp", "utcoffset", "tzname", NULL
    };
    int64_t i;
    bool date = v.tag == VALUE_DATE, datetime = v.tag == VALUE_DATETIME, time = v.tag == VALUE_TIME;
    if ((date || datetime || time) && part_of(v, name, &i))
        return *out = value_int(i), true;
    if (v.tag == VALUE_DURATION && part_of_duration(v, name, &i))
        return *out = value_int(i), true;
    if (datetime && str_eq(name, STR("tzinfo")))
        return *out = v.zone ? value_timezone(v.zone) : value_null(), true;
    if (v.tag == VALUE_UUID && str_eq(name, STR("hex"))) {
        Str text = shell_str(s, v);
        return *out = value_str(str_replace(s->cx->arena, text, STR("-"), STR(""))), true;
    }
    const TimeZone *zone;
    if (value_timezone_of(v, &zone) && str_eq(name, STR("key")))
        return *out = value_str(timezone_name(zone)), true;
    bool method = ((date || datetime) && is_among(name, of_dates)) || (datetime && is_among(name, of_datetimes)) ||
                  (time && (str_eq(name, STR("isoformat")) || str_eq(name, STR("replace")))) ||
                  (v.tag == VALUE_DURATION && str_eq(name, STR("total_seconds"))) ||
                  (v.tag == VALUE_DECIMAL && (str_eq(name, STR("quantize")) || str_eq(name, STR("normalize"))));
    return method && (*out = shell_method(s, v, name), true);
}

/* --- methods */

static Value iso_text(Shell *s, Value v)
{
    Buf b = BUF_INIT(s->cx->arena, 128);
    if (v.tag == VALUE_DATE)
        buf_date(&b, (Date){ (int32_t)v.us });
    else if (v.tag == VALUE_TIME)
        buf_time(&b, (Time){ .us = v.us });
    else if (v.zone)
        buf_datetime(&b, (DateTime){ v.us }, timezone_offset(v.zone, (DateTime){ v.us }).seconds);
    else
        buf_naive(&b, (NaiveDateTime){ v.us });
    return value_str(buf_view(&b));
}

static Value replaced(Shell *s, Value v, Args args)
{
    static const char *const names[] = { "year", "month", "day", "hour", "minute", "second", "microsecond" };
    DateTimeParts p = naive_parts(reading(v));
    int32_t *parts[] = { &p.year, &p.month, &p.day, &p.hour, &p.minute, &p.second, &p.microsecond };
    size_t skip = v.tag == VALUE_TIME ? 3 : 0;
    for (size_t i = skip; i < CLEF_COUNT(names); i++) {
        Value given = shell_argument(args, i - skip, names[i], value_null());
        if (given.tag != VALUE_NULL)
            *parts[i] = (int32_t)whole(s, "replace", given);
    }
    NaiveDateTime n;
    if (!naive_make(p, &n))
        RAISE(s->cx, 500, "value_error", "there is no such moment");
    if (v.tag == VALUE_DATE)
        return value_date(naive_date(n));
    if (v.tag == VALUE_TIME)
        return value_time(naive_time(n));
    bool given = false;
    for (size_t i = 0; i < args.nkeywords; i++)
        given |= str_eq(args.keywords[i].name, STR("tzinfo"));
    return in_zone(s, n, given ? shell_zone(s, shell_keyword(args, "tzinfo", value_null())) : v.zone);
}

static Value decimal_method(Shell *s, Value v, Str name, Args args)
{
    Decimal *out = NEW(s->cx->arena, Decimal);
    *out = *v.decimal;
    if (name.p[0] == 'n') {
        *out = decimal_normalize(s->cx->arena, *v.decimal);
    } else {
        Value like = args.n ? args.p[0] : value_null();
        if (like.tag != VALUE_DECIMAL ||
            decimal_quantize(s->cx->arena, *v.decimal, like.decimal->exponent, ROUND_HALF_EVEN, out) != DECIMAL_OK)
            RAISE(s->cx, 500, "type_error", "quantize() takes a Decimal.");
    }
    return value_decimal(out);
}

static Value class_call(Shell *s, const ShellFunction *f, Str name, Args args)
{
    const TimeZone *zone = shell_zone(s, shell_argument(args, 0, "tz", value_null()));
    NaiveDateTime now = reading(value_datetime(datetime_now(), zone ? zone : locale_of(s->cx)->zone));
    if (str_eq(name, STR("today")) && str_eq(str_c(f->name), STR("date")))
        return value_date(naive_date(now));
    if (str_eq(name, STR("now")) || str_eq(name, STR("today")))
        return zone ? value_datetime(datetime_now(), zone) : value_naive(now);
    if (str_eq(name, STR("combine")) && args.n >= 2 && args.p[0].tag == VALUE_DATE && args.p[1].tag == VALUE_TIME)
        return in_zone(s, (NaiveDateTime){ args.p[0].us * US_PER_DAY + args.p[1].us },
                       shell_zone(s, shell_keyword(args, "tzinfo", value_null())));
    RAISE(s->cx, 500, "type_error", "%s.%.*s() does not take this", f->name, STR_FMT(name));
}

static Value parsed(Shell *s, const ShellFunction *f, Args args)
{
    Str text = str_c(shell_text(s, args.n ? args.p[0] : value_null(), "fromisoformat()"));
    Date d;
    Time t;
    ParsedDateTime p;
    if (*f->name == 't' && time_parse_iso(text, &t))
        return value_time(t);
    if (str_eq(str_c(f->name), STR("date")) && date_parse_iso(text, &d))
        return value_date(d);
    if (f->name[0] == 'd' && f->name[4] && datetime_parse(text, &p) == PARSE_OK)
        return in_zone(s, p.local, p.aware ? timezone_of_parsed(s->cx->arena, &p) : NULL);
    RAISE(s->cx, 500, "value_error", "Invalid isoformat string: %.*s", STR_FMT(shell_repr(s, value_str(text))));
}

Value shell_moment_call(Shell *s, const Method *m, Args args)
{
    Value v = m->self;
    Str name = m->name;
#define IS(text) str_eq(name, STR(text))
    if (is_a(v, &shell_function_class))
        return IS("fromisoformat") ? parsed(s, v.object, args) : class_call(s, v.object, name, args);
    if (v.tag == VALUE_DECIMAL)
        return decimal_method(s, v, name, args);
    if (v.tag == VALUE_DURATION)
        return value_double((double)v.us / 1e6);
    if (IS("isoformat"))
        return iso_text(s, v);
    if (IS("replace"))
        return replaced(s, v, args);
    NaiveDateTime n = reading(v);
    int64_t days = naive_date(n).days, weekday = ((days + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
    if (IS("weekday") || IS("isoweekday"))
        return value_int(weekday + (name.n > 7));
    if (IS("toordinal"))
        return value_int(days + 719163);
    if (IS("isocalendar")) {
        IsoWeek w = date_iso_week(naive_date(n));
        return shell_tuple(s, 3, (Value[]){ value_int(w.year), value_int(w.week), value_int(weekday + 1) });
    }
    if (IS("date"))
        return value_date(naive_date(n));
    if (IS("time"))
        return value_time(naive_time(n));
    if (IS("timestamp"))
        return value_double((double)v.us / 1e6);
    if (IS("astimezone") && v.zone)
        return value_datetime((DateTime){ v.us }, shell_zone(s, shell_argument(args, 0, "tz", value_null())));
    if (IS("utcoffset"))
        return v.zone ? value_duration(DURATION_SECONDS(timezone_offset(v.zone, (DateTime){ v.us }).seconds))
                      : value_null();
    if (IS("tzname"))
        return v.zone ? value_str(timezone_offset(v.zone, (DateTime){ v.us }).abbreviation) : value_null();
#undef IS
    RAISE(s->cx, 500, "type_error", "%.*s() does not take this", STR_FMT(name));
}
