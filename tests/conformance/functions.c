/*
 * functions.c: the suite `functions`: Django's function by its dotted name, Clef's by a row of the table below. A function
 * that has no row fails: it is not there yet. The C functions have types where Python's have none, so a row's adapter
 * takes the arguments out of the record and says which error of Python's an outcome is.
 */
#include "conformance/functions.h"
#include "conformance/environment.h"

#include "template/template.h"
#include "urls/normalize.h"
#include <clef/base/date.h>
#include <clef/base/datetime.h>
#include <clef/base/duration.h>
#include <clef/codec/base64.h>
#include <clef/codec/crypto.h>
#include <clef/codec/host.h>
#include <clef/codec/html.h>
#include <clef/codec/url.h>

Value argument(const Call *c, size_t i, const char *name)
{
    return i < c->nargs ? c->args[i] : c->kwargs ? record_get(c->kwargs, name) : value_null();
}
Value value_argument(const Call *c, size_t i, const char *name)
{
    return i < c->nargs ? c->values[i] : c->named ? record_get(c->named, name) : value_null();
}
Str text_argument(const Call *c, size_t i)
{
    Value v = argument(c, i, "");
    return v.tag == VALUE_STR || v.tag == VALUE_BYTES || v.tag == VALUE_SAFE ? v.s : (Str){ 0 };
}
void give(Call *c, Str s) { c->result = value_str(s); }
void give_safe(Call *c, Str s) { c->result = value_safe((SafeStr){ s }); }
void fail(Call *c, const char *type, Str message)
{
    c->error = type;
    c->message = message;
}
Str value_text_of(Call *c, Value v)
{
    Buf b = BUF_INIT(c->arena, 1 << 20);
    buf_add(&b, "", 0);
    write_str(&b, c->arena, v);
    return buf_view(&b);
}
TemplateEngine *call_engine(Call *c, Context *cx)
{
    Value env = record_get(c->record, "env"),
          settings = env.tag == VALUE_MAP ? record_get(env.map, "settings") : value_null();
    TemplateEngineOptions o = { .debug = false };
    if (settings.tag == VALUE_MAP)
        o.urlize_assume_https = value_truth(record_get(settings.map, "URLIZE_ASSUME_HTTPS"));
    if (env.tag != VALUE_MAP)
        env = value_map(map_new(c->arena));
    o.i18n = case_i18n(c->arena, c->zones, env);
    cx->locale = case_locale(cx, o.i18n, env);
    return template_engine_create(c->arena, &o);
}

static void call_b62_encode(Call *c)
{
    Buf b = BUF_INIT(c->arena, 100);
    base62_add(&b, c->args[0].i);
    give(c, buf_view(&b));
}
static void call_b62_decode(Call *c)
{
    int64_t i;
    if (base62_decode(text_argument(c, 0), &i))
        c->result = value_int(i);
    else
        fail(c, "ValueError", (Str){ 0 });
}
static void call_int_to_base36(Call *c)
{
    Buf b = BUF_INIT(c->arena, 100);
    Value v = argument(c, 0, "");
    if (v.tag != VALUE_INT) {
        fail(c, "TypeError", (Str){ 0 });
    } else if (v.i < 0) {
        fail(c, "ValueError", STR("Negative base36 conversion input."));
    } else {
        base36_add(&b, (uint64_t)v.i);
        give(c, buf_view(&b));
    }
}
static void call_base36_to_int(Call *c)
{
    uint64_t i;
    Str s = text_argument(c, 0);
    if (str_is_null(s))
        fail(c, "TypeError", (Str){ 0 });
    else if (s.n > 13)
        fail(c, "ValueError", STR("Base36 input too large"));
    else if (base36_decode(s, &i))
        c->result = value_u64(c->arena, i);
    else
        fail(c, "ValueError", str_format(c->arena, "invalid literal for int() with base 36: '%.*s'", STR_FMT(s)));
}
static void call_iri_to_uri(Call *c)
{
    argument(c, 0, "").tag == VALUE_NULL ? (void)0 : give(c, iri_to_uri(c->arena, text_argument(c, 0)));
}
static void call_uri_to_iri(Call *c)
{
    argument(c, 0, "").tag == VALUE_NULL ? (void)0 : give(c, uri_to_iri(c->arena, text_argument(c, 0)));
}
static void call_escape_uri_path(Call *c) { give(c, escape_uri_path(c->arena, text_argument(c, 0))); }
static void call_filepath_to_uri(Call *c)
{
    argument(c, 0, "").tag == VALUE_NULL ? (void)0 : give(c, filepath_to_uri(c->arena, text_argument(c, 0)));
}
static void call_escape_leading_slashes(Call *c) { give(c, escape_leading_slashes(c->arena, text_argument(c, 0))); }
static void call_repercent(Call *c)
{
    c->result = value_bytes(repercent_broken_unicode(c->arena, text_argument(c, 0)));
}
static void call_is_same_domain(Call *c)
{
    Str pattern = text_argument(c, 1);
    c->result = value_bool(pattern.n && is_same_domain(text_argument(c, 0), pattern));
}
static void call_split_domain_port(Call *c)
{
    Str domain = STR(""), port = STR("");
    if (!split_domain_port(c->arena, text_argument(c, 0), &domain, &port))
        domain = port = STR("");
    List *both = list_new(c->arena);
    list_push(c->arena, both, value_str(domain));
    list_push(c->arena, both, value_str(port));
    c->result = notation_of(c->arena, "$tuple", value_list(both));
}
static void call_allowed_host(Call *c)
{
    Value hosts = argument(c, 1, "allowed_hosts"), https = argument(c, 2, "require_https");
    Str one, *list = &one;
    size_t n = 0;
    if (hosts.tag == VALUE_STR) {
        one = hosts.s;
        n = 1;
    } else if (hosts.tag == VALUE_LIST) {
        list = NEW_ARRAY(c->arena, Str, hosts.list->n + 1);
        for (; n < hosts.list->n; n++)
            list[n] = hosts.list->p[n].s;
    }
    c->result = value_bool(url_has_allowed_host_and_scheme(c->arena, text_argument(c, 0), list, n, value_truth(https)));
}
static void call_is_valid_ipv6(Call *c)
{
    uint8_t address[16];
    Str s = text_argument(c, 0);
    c->result = value_bool(ip6_parse_field(s, address));
}
static void call_compare(Call *c) { c->result = value_bool(str_eq_secret(text_argument(c, 0), text_argument(c, 1))); }
static void call_pbkdf2(Call *c)
{
    Value digest = argument(c, 4, "digest"), dklen = argument(c, 3, "dklen"), rounds = argument(c, 2, "iterations"),
          inside;
    Str name = STR("sha256");
    Digest d;
    if (notation(digest, &name, &inside))
        name = inside.s;
    else
        name = STR("sha256");
    if (!digest_by_name(name, &d)) {
        fail(c, "ValueError", (Str){ 0 });
        return;
    }
    size_t n = value_truth(dklen) ? (size_t)dklen.i : digest_size(d);
    char *out = arena_alloc(c->arena, n);
    if (pbkdf2_bytes(d, argument(c, 0, "password").s, argument(c, 1, "salt").s, (uint32_t)rounds.i, out, n))
        c->result = value_bytes((Str){ out, n });
    else
        fail(c, "ValueError", (Str){ 0 });
}
static void call_base64_hmac(Call *c)
{
    Value algorithm = argument(c, 3, "algorithm");
    uint8_t out[DIGEST_MAX];
    Digest d;
    if (!digest_by_name(algorithm.tag == VALUE_STR ? algorithm.s : STR("sha1"), &d) ||
        !salted_hmac(d, text_argument(c, 0), text_argument(c, 1), text_argument(c, 2), out)) {
        fail(c, "InvalidAlgorithm", (Str){ 0 });
        return;
    }
    give(c, base64_encode(c->arena, (Str){ (char *)out, digest_size(d) }, BASE64_URL | BASE64_UNPADDED));
}
static void call_urlsafe_base64(Call *c)
{
    give(c, base64_encode(c->arena, text_argument(c, 0), BASE64_URL | BASE64_UNPADDED));
}

static void give_dollar(Call *c, const char *name, const Buf *b)
{
    c->result = notation_of(c->arena, name, value_str(buf_view(b)));
}
static bool parsed(Call *c, ParseOutcome outcome)
{
    if (outcome == PARSE_OUT_OF_RANGE)
        fail(c, "ValueError", (Str){ 0 });
    return outcome == PARSE_OK;
}
static void call_parse_date(Call *c)
{
    Date d;
    Buf b = BUF_INIT(c->arena, 100);
    if (parsed(c, date_parse(text_argument(c, 0), &d)) && buf_date(&b, d))
        give_dollar(c, "$date", &b);
}
static void call_parse_time(Call *c)
{
    Time t;
    Buf b = BUF_INIT(c->arena, 100);
    if (parsed(c, time_parse(text_argument(c, 0), &t)) && buf_time(&b, t))
        give_dollar(c, "$time", &b);
}
static void call_parse_datetime(Call *c)
{
    ParsedDateTime p;
    Buf b = BUF_INIT(c->arena, 100);
    if (!parsed(c, datetime_parse(text_argument(c, 0), &p)))
        return;
    buf_naive(&b, p.local);
    if (p.aware)
        buf_offset(&b, p.offset);
    give_dollar(c, "$datetime", &b);
    if (p.aware) {
        Str sign = p.offset < 0 ? STR("-") : STR("+"), name = STR("UTC");
        int minutes = (p.offset < 0 ? -p.offset : p.offset) / 60;
        if (p.short_name)
            name = minutes % 60 || !p.offset
                       ? str_format(c->arena, "%.*s%02d%02d", STR_FMT(sign), minutes / 60, minutes % 60)
                       : str_format(c->arena, "%.*s%02d", STR_FMT(sign), minutes / 60);
        else if (p.offset)
            name = str_format(c->arena, "UTC%.*s%02d:%02d", STR_FMT(sign), minutes / 60, minutes % 60);
        map_set(c->result.map, p.offset || p.short_name ? STR("tzname") : STR("tz"), value_str(name));
    }
}
/* $timedelta: whole seconds, rounded down, and the microseconds above them: -0.000005 s is "-1.999995". */
static void give_duration(Call *c, Duration d)
{
    int64_t us = d.us % 1000000, seconds = d.us / 1000000;
    if (us < 0) {
        us += 1000000;
        seconds--;
    }
    Buf b = BUF_INIT(c->arena, 100);
    buf_printf(&b, "%lld.%06lld", (long long)seconds, (long long)us);
    give_dollar(c, "$timedelta", &b);
}
static void call_parse_duration(Call *c)
{
    Duration d;
    if (parsed(c, duration_parse(text_argument(c, 0), &d)))
        give_duration(c, d);
}
static bool duration_argument(Call *c, Duration *d)
{
    Str name;
    Value inside;
    if (!notation(argument(c, 0, ""), &name, &inside) || inside.tag != VALUE_STR) {
        fail(c, "TypeError", (Str){ 0 });
        return false;
    }
    Str rest = inside.s, seconds;
    int64_t s = 0, us = 0;
    (void)str_cut(&rest, '.', &seconds);
    if (!str_to_i64(seconds, &s) || (rest.n && !str_to_i64(rest, &us)))
        return false;
    return !__builtin_mul_overflow(s, (int64_t)1000000, &s) && !__builtin_add_overflow(s, us, &d->us);
}
static void call_duration_microseconds(Call *c)
{
    Duration d;
    if (duration_argument(c, &d))
        c->result = value_int(d.us);
}
static void call_duration_string(Call *c)
{
    Duration d;
    Buf b = BUF_INIT(c->arena, 100);
    if (duration_argument(c, &d) && duration_string(&b, d))
        give(c, buf_view(&b));
}
static void call_duration_iso_string(Call *c)
{
    Duration d;
    Buf b = BUF_INIT(c->arena, 100);
    if (duration_argument(c, &d) && duration_iso_string(&b, d))
        give(c, buf_view(&b));
}

static void call_normalize(Call *c)
{
    Forms forms;
    Str error;
    if (!normalize(c->arena, text_argument(c, 0), &forms, &error)) {
        fail(c, "ValueError", error);
        return;
    }
    List *out = list_new(c->arena);
    for (size_t i = 0; i < forms.n; i++) {
        List *pair = list_new(c->arena), *params = list_new(c->arena);
        for (size_t k = 0; k < forms.p[i].params.n; k++)
            list_push(c->arena, params, value_str(forms.p[i].params.p[k]));
        list_push(c->arena, pair, value_str(form_text(c->arena, &forms.p[i])));
        list_push(c->arena, pair, value_list(params));
        list_push(c->arena, out, notation_of(c->arena, "$tuple", value_list(pair)));
    }
    c->result = value_list(out);
}

static const Row rows[] = {
    { .name = "django.core.signing.b62_decode", .call = call_b62_decode },
    { .name = "django.core.signing.b62_encode", .call = call_b62_encode },
    { .name = "django.core.signing.base64_hmac", .call = call_base64_hmac },
    { .name = "django.http.request.split_domain_port", .call = call_split_domain_port },
    { .name = "django.utils.crypto.constant_time_compare", .call = call_compare },
    { .name = "django.utils.crypto.pbkdf2", .call = call_pbkdf2 },
    { .name = "django.utils.dateparse.parse_date", .call = call_parse_date },
    { .name = "django.utils.dateparse.parse_datetime", .call = call_parse_datetime },
    { .name = "django.utils.dateparse.parse_duration", .call = call_parse_duration },
    { .name = "django.utils.dateparse.parse_time", .call = call_parse_time },
    { .name = "django.utils.duration.duration_iso_string", .call = call_duration_iso_string },
    { .name = "django.utils.duration.duration_microseconds", .call = call_duration_microseconds },
    { .name = "django.utils.duration.duration_string", .call = call_duration_string },
    { .name = "django.utils.encoding.escape_uri_path", .call = call_escape_uri_path },
    { .name = "django.utils.encoding.filepath_to_uri", .call = call_filepath_to_uri },
    { .name = "django.utils.encoding.iri_to_uri", .call = call_iri_to_uri },
    { .name = "django.utils.encoding.repercent_broken_unicode", .call = call_repercent },
    { .name = "django.utils.encoding.uri_to_iri", .call = call_uri_to_iri },
    { .name = "django.utils.http.base36_to_int", .call = call_base36_to_int },
    { .name = "django.utils.http.escape_leading_slashes", .call = call_escape_leading_slashes },
    { .name = "django.utils.http.int_to_base36", .call = call_int_to_base36 },
    { .name = "django.utils.http.is_same_domain", .call = call_is_same_domain },
    { .name = "django.utils.http.url_has_allowed_host_and_scheme", .call = call_allowed_host },
    { .name = "django.utils.http.urlsafe_base64_encode", .call = call_urlsafe_base64 },
    { .name = "django.utils.ipv6.is_valid_ipv6_address", .call = call_is_valid_ipv6 },
    { .name = "django.utils.regex_helper.normalize", .call = call_normalize },
    { .name = NULL },
};

static const Row *find_row(Str name)
{
    static const Row *const tables[] = { rows, text_rows, http_rows, filter_rows, i18n_rows, signing_rows };
    for (size_t t = 0; t < CLEF_COUNT(tables); t++)
        for (const Row *r = tables[t]; r->name; r++) {
            Str one = str_c(r->name);
            if (str_eq(name, one) || (str_ends(one, STR(".")) && str_starts(name, one)))
                return r;
        }
    return NULL;
}

static bool answer(Run *run, const Map *record, Value *got, Value *expected)
{
    Arena *a = run->scratch;
    Str name = record_text(record, "fn");
    Value raw = record_get(record, "args"), raw_named = record_get(record, "kwargs"),
          error = record_get(record, "error");
    Value args = from_notation(a, raw), kwargs = from_notation(a, raw_named);
    Call c = { .run = run, .arena = a, .record = record, .fn = name };
    c.zones = timezones_create(a, (Str){ 0 });
    if (args.tag == VALUE_LIST) {
        c.args = args.list->p;
        c.nargs = args.list->n;
        c.values = template_case_value(a, c.zones, raw).list->p;
    }
    if (kwargs.tag == VALUE_MAP) {
        c.kwargs = kwargs.map;
        c.named = template_case_value(a, c.zones, raw_named).map;
    }
    const Row *row = find_row(name);
    bool failed = error.tag == VALUE_MAP;
    *expected = notation_of(a, failed ? "error" : "result", failed ? error : record_get(record, "result"));
    if (!row) {
        *got = value_str(str_format(a, "<no C function for %.*s>", STR_FMT(name)));
        return true;
    }
    row->call(&c);
    Str kind; /* Clef has no lazy texts: where Django gives one for one, the text counts */
    Value inside;
    if (row->lazy && c.nargs && notation(raw.list->p[0], &kind, &inside) && str_eq(kind, STR("lazy")) &&
        value_is_text(c.result))
        c.result = notation_of(a, "$lazy", value_str(c.result.s));
    *got = c.error ? error_value(a, c.error, c.message) : notation_of(a, "result", to_notation(a, c.result));
    if (c.error_map)
        *got = notation_of(a, "error", value_map((Map *)(uintptr_t)c.error_map));
    /* What Python itself words is compared by its type. */
    else if (c.error && str_is_null(c.message) && failed)
        *expected = error_value(a, str_dup_c(a, record_text(error.map, "type")), (Str){ 0 });
    return true;
}

const Suite functions_suite = { .name = "functions", .answer = answer };
