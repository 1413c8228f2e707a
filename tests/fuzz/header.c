/* header: parameters, negotiation, tags, caching, links, forwarding. What is written cannot leave its header. */
#include <clef/base.h>
#include <clef/codec/accept.h>
#include <clef/codec/header.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool has_line_end(Str s) { return str_find_byte(s, '\n') != STR_NPOS || str_find_byte(s, '\r') != STR_NPOS; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_create(NULL, 0, 0);
    Str s = str_from((const char *)data, n), rest, tag;
    HeaderValue h, again;
    if (parse_header_parameters(a, s, &h))
        ASSERT(h.n <= HEADER_PARAMS_MAX);
    Str disposition = content_disposition_header(a, true, s);
    ASSERT(!has_line_end(disposition));
    if (parse_header_parameters(a, disposition, &again) && str_contains(disposition, STR("filename=\"")) &&
        str_find_byte(s, '\\') == STR_NPOS)
        ASSERT(str_eq(header_param(&again, STR("filename")), s));
    for (rest = s; etag_next(&rest, &tag);)
        ASSERT(etag_matches(s, tag, true));
    Accept accept = accept_parse(a, s);
    for (size_t i = 0; i < accept.n; i++) {
        ASSERT(accept.types[i].quality > 0 && accept.types[i].quality <= 1000);
        ASSERT(i == 0 || accept.types[i - 1].quality >= accept.types[i].quality);
    }
    const Str offers[] = { STR("text/html"), STR("application/json; v=1"), s };
    size_t best = accept_preferred(a, &accept, offers, 3);
    ASSERT(best == STR_NPOS || best < 3);
    ASSERT(accept_coding(s, STR("gzip")) <= 1000);
    size_t languages;
    const AcceptLanguage *list = parse_accept_lang_header(a, s, &languages);
    for (size_t i = 0; i < languages; i++)
        ASSERT(list[i].quality <= 1000 && list[i].tag.n > 0);
    const Str names[] = { STR("Cookie"), STR("Accept") };
    Str vary = vary_patch(a, s, names, 2);
    ASSERT(vary_has(vary, STR("*")) || vary_has(vary, STR("Cookie")));
    const CacheDirective set[] = { { STR("max-age"), STR("5") }, { STR("no-cache"), { 0 } } };
    ASSERT(!str_is_null(cache_control_get(cache_control_patch(a, s, set, 2), STR("no-cache"))));
    Link link;
    for (rest = s; link_next(a, &rest, &link);)
        ASSERT(str_find_byte(link.target, '>') == STR_NPOS);
    Buf b = BUF_INIT(a, 1 << 20);
    if (link_add(&b, &(Link){ .target = s, .rel = s }))
        ASSERT(!has_line_end(buf_view(&b)));
    Forwarded hop;
    for (rest = s; forwarded_next(a, &rest, &hop);)
        ;
    forwarded_for(s, 2);
    arena_destroy(a);
    return 0;
}
