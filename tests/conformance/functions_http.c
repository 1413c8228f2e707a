/* functions_http.c: rows of django.utils.http, django.utils.ipv6, django.utils.encoding and the address validators. */
#include "conformance/functions.h"

#include <clef/codec/accept.h>
#include <clef/codec/header.h>
#include <clef/codec/host.h>
#include <clef/codec/httpdate.h>
#include <clef/codec/query.h>

static Str text_of(Call *c, Value v) { return value_is_text(v) || v.tag == VALUE_BYTES ? v.s : value_text_of(c, v); }

/* --- http */

static void add_query(Call *c, QueryDict *q, Str name, Value v, bool doseq)
{
    Value item;
    if (value_is_null(v)) {
        fail(c, "TypeError",
             str_format(c->arena,
                        "Cannot encode None for key '%.*s' in a query string. Did you mean to pass an empty string or "
                        "omit the value?",
                        STR_FMT(name)));
        return;
    }
    if (!doseq || value_is_text(v) || v.tag == VALUE_BYTES || !value_is_iterable(v)) {
        query_append(q, name, text_of(c, v));
        return;
    }
    for (size_t at = 0; value_next(c->arena, v, &at, &item);)
        value_is_null(item) ? add_query(c, q, name, item, false) : query_append(q, name, text_of(c, item));
}
static void call_urlencode(Call *c)
{
    QueryDict *q = query_create(c->arena);
    Value v = value_argument(c, 0, "query"), item, k, x;
    bool doseq = value_truth(argument(c, 1, "doseq"));
    MapEntry *e;
    if (v.tag == VALUE_MAP)
        for (size_t at = 0; (e = map_next(v.map, &at)) != NULL;)
            add_query(c, q, e->key, e->value, doseq);
    else
        for (size_t at = 0; value_next(c->arena, v, &at, &item);)
            if (value_item(c->arena, item, value_int(0), &k) && value_item(c->arena, item, value_int(1), &x))
                add_query(c, q, text_of(c, k), x, doseq);
    give(c, query_urlencode(c->arena, q, (Str){ 0 }));
}
static void call_header_parameters(Call *c)
{
    Str line = text_argument(c, 0);
    HeaderValue h = { .value = STR("") };
    Map *params = map_new(c->arena);
    List *both = list_new(c->arena);
    if (!str_is_null(line) && !parse_header_parameters(c->arena, line, &h)) {
        fail(c, "ValueError",
             line.n > HEADER_LENGTH_MAX ? STR("Unable to parse header parameters (value too long).") : (Str){ 0 });
        return;
    }
    for (size_t i = 0; i < h.n; i++)
        map_set(params, h.params[i].name, value_str(h.params[i].value));
    list_push(c->arena, both, value_str(h.value));
    list_push(c->arena, both, value_map(params));
    c->result = notation_of(c->arena, "$tuple", value_list(both));
}
static void call_http_date(Call *c)
{
    DateTime t, now = { INT64_C(1573430400) /* the day that Django's tests put on the clock */ * US_PER_SECOND };
    Str s = text_argument(c, 0);
    switch (httpdate_parse(s, now, &t)) {
    case PARSE_OK:
        c->result = value_int(t.us / US_PER_SECOND);
        break;
    case PARSE_OUT_OF_RANGE:
        fail(c, "ValueError", str_format(c->arena, "'%.*s' is not a valid date", STR_FMT(s)));
        break;
    default:
        fail(c, "ValueError", str_format(c->arena, "'%.*s' is not in a valid HTTP date format", STR_FMT(s)));
    }
}
static void call_etags(Call *c)
{
    Str header = text_argument(c, 0), tag;
    List *l = list_new(c->arena);
    if (etag_any(header))
        list_push(c->arena, l, value_str(STR("*")));
    else
        while (etag_next(&header, &tag))
            list_push(c->arena, l, value_str(tag));
    c->result = value_list(l);
}
static void call_quote_etag(Call *c) { give(c, quote_etag(c->arena, text_argument(c, 0))); }
static void call_disposition(Call *c)
{
    Str s = content_disposition_header(c->arena, value_truth(argument(c, 0, "as_attachment")), text_argument(c, 1));
    if (!str_is_null(s))
        give(c, s);
}
static void call_accept_language(Call *c)
{
    size_t n;
    const AcceptLanguage *l = parse_accept_lang_header(c->arena, text_argument(c, 0), &n);
    List *all = list_new(c->arena);
    for (size_t i = 0; i < n; i++) {
        List *one = list_new(c->arena);
        list_push(c->arena, one, value_str(l[i].tag));
        list_push(c->arena, one, value_double((double)l[i].quality / 1000));
        list_push(c->arena, all, notation_of(c->arena, "$tuple", value_list(one)));
    }
    c->result = notation_of(c->arena, "$tuple", value_list(all));
}

/* --- addresses */

static void invalid(Call *c, Str message)
{
    Map *m = map_new(c->arena);
    List *messages = list_new(c->arena);
    list_push(c->arena, messages, value_str(message));
    map_set(m, STR("type"), value_str(STR("ValidationError")));
    map_set(m, STR("messages"), value_list(messages));
    map_set(m, STR("code"), value_str(STR("invalid")));
    c->error = "ValidationError";
    c->error_map = m;
}
static void call_clean_ipv6(Call *c)
{
    uint8_t address[16];
    Value message = argument(c, 2, "error_message");
    if (ip6_parse_field(text_argument(c, 0), address))
        give(c, ip6_format(c->arena, address, value_truth(argument(c, 1, "unpack_ipv4"))));
    else
        invalid(c, message.tag == VALUE_STR ? message.s : STR("This is not a valid IPv6 address."));
}
static void call_validate_ip(Call *c)
{
    uint8_t four[4], six[16];
    Str s = text_argument(c, 0);
    bool both = str_ends(c->fn, STR("ipv46_address")), is4 = ip4_parse(s, four), is6 = ip6_parse_field(s, six);
    if (str_ends(c->fn, STR("ipv4_address")) ? is4 : both ? is4 || is6 : is6)
        return;
    invalid(c, both                                   ? STR("Enter a valid IPv4 or IPv6 address.")
               : str_ends(c->fn, STR("ipv4_address")) ? STR("Enter a valid IPv4 address.")
                                                      : STR("Enter a valid IPv6 address."));
}

const Row http_rows[] = {
    { .name = "django.core.validators.validate_ipv46_address", .call = call_validate_ip },
    { .name = "django.core.validators.validate_ipv4_address", .call = call_validate_ip },
    { .name = "django.core.validators.validate_ipv6_address", .call = call_validate_ip },
    { .name = "django.utils.http.content_disposition_header", .call = call_disposition },
    { .name = "django.utils.http.parse_etags", .call = call_etags },
    { .name = "django.utils.http.parse_header_parameters", .call = call_header_parameters },
    { .name = "django.utils.http.parse_http_date", .call = call_http_date },
    { .name = "django.utils.http.quote_etag", .call = call_quote_etag },
    { .name = "django.utils.http.urlencode", .call = call_urlencode },
    { .name = "django.utils.ipv6.clean_ipv6_address", .call = call_clean_ipv6 },
    { .name = "django.utils.translation.trans_real.parse_accept_lang_header", .call = call_accept_language },
    { .name = NULL },
};
