#include <clef/codec/header.h>
#include <clef/test.h>

/* "value|name=value|..." or "(bad)" */
static Str params(Str line)
{
    HeaderValue h;
    if (!parse_header_parameters(test_arena(), line, &h))
        return STR("(bad)");
    Buf b = BUF_INIT(test_arena(), 1 << 16);
    buf_str(&b, h.value);
    for (size_t i = 0; i < h.n; i++)
        buf_printf(&b, "|%.*s=%.*s", STR_FMT(h.params[i].name), STR_FMT(h.params[i].value));
    return buf_view(&b);
}

TEST(header, parameters)
{
    static const char *const cases[][2] = {
        { "", "" },
        { " Text/HTML ", "text/html" },
        { "text/plain; Charset=UTF-8", "text/plain|charset=UTF-8" },
        { "a; b = \"x;y\" ; c=\"q\\\"r\\\\s\"", "a|b=x;y|c=q\"r\\s" },
        { "a;;; ;b=1;b=2;", "a|b=2" },
        { "a; flag; Flag=", "a|flag=" },
        { "a; x=<y>; =z", "a|x=<y>|=z" },
        { "a; f*=UTF-8''%e2%82%ac%20rates", "a|f=\xe2\x82\xac rates" },
        { "a; f*=\"UTF-8''%e2%82%ac\"; f=old", "a|f=old" },
        { "a; f*=iso-8859-1'en'%E4\xc3\xa4%E4", "a|f=\xc3\xa4\xc3\xa4\xc3\xa4" },
        { "a; f*=nope''x", "a|f=x" },
        { "a; f*=nope''%41", "(bad)" },
        { "a; f*=''%41", "(bad)" },
        { "a; f*='x", "a|f='x" },
        { "a; f*='This%20is%20%2A%2A%2Afun", "a|f='This%20is%20%2A%2A%2Afun" },
        { "a; f*=bar.html", "a|f=bar.html" },
        { "a; f*=a'b'c'd", "a|f=a'b'c'd" },
        { "a; f'*=b'c", "(bad)" },
        { "a; f*=''x", "a|f=x" },
        { "a; f*0=one; f*1=\" two\"", "a|f*0=one|f*1= two" },
        { "a; f*=utf-8''%ff", "a|f=\xef\xbf\xbd" },
        { "a; f*=us-ascii''%zz%", "a|f=%zz%" },
        { "a=b; c", "a=b" },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++)
        CHECK_STR(params(str_c(cases[i][0])), str_c(cases[i][1]));
}

TEST(header, the_number_of_parameters_and_the_length_are_limited)
{
    Buf b = BUF_INIT(test_arena(), 1 << 16);
    buf_byte(&b, 'v');
    for (int i = 0; i < HEADER_PARAMS_MAX; i++)
        buf_printf(&b, ";p%d=x", i);
    HeaderValue h;
    REQUIRE(parse_header_parameters(test_arena(), buf_view(&b), &h));
    CHECK_EQ(h.n, (size_t)HEADER_PARAMS_MAX);
    BUF_LIT(&b, ";q=x");
    CHECK(!parse_header_parameters(test_arena(), buf_view(&b), &h));
    buf_clear(&b);
    buf_fill(&b, 'x', HEADER_LENGTH_MAX);
    CHECK(parse_header_parameters(test_arena(), buf_view(&b), &h));
    buf_byte(&b, 'x');
    CHECK(!parse_header_parameters(test_arena(), buf_view(&b), &h));
}

TEST(header, content_disposition)
{
    Arena *a = test_arena();
    CHECK(str_is_null(content_disposition_header(a, false, STR(""))));
    CHECK_STR(content_disposition_header(a, true, STR("")), STR("attachment"));
    CHECK_STR(content_disposition_header(a, false, STR("a.txt")), STR("inline; filename=\"a.txt\""));
    CHECK_STR(content_disposition_header(a, true, STR("a\"b\\c")), STR("attachment; filename=\"a\\\"b\\\\c\""));
    CHECK_STR(content_disposition_header(a, true, STR("\xc3\xa9 \xe2\x82\xac.txt")),
              STR("attachment; filename*=utf-8''%C3%A9%20%E2%82%AC.txt"));
    CHECK_STR(content_disposition_header(a, true, STR("a\r\nX: y")),
              STR("attachment; filename*=utf-8''a%0D%0AX%3A%20y"));
    CHECK_STR(content_disposition_header(a, true, STR("a\n")), STR("attachment; filename*=utf-8''a%0A"));
}

TEST(header, entity_tags)
{
    Arena *a = test_arena();
    CHECK_STR(quote_etag(a, STR("abc")), STR("\"abc\""));
    CHECK_STR(quote_etag(a, STR("\"abc\"")), STR("\"abc\""));
    CHECK_STR(quote_etag(a, STR("W/\"abc\"")), STR("W/\"abc\""));
    Str header = STR("\"a\", W/\"b\" ,bad, \"c\"d, \"\""), tag;
    static const char *const want[] = { "\"a\"", "W/\"b\"", "\"\"" };
    for (size_t i = 0; i < CLEF_COUNT(want); i++) {
        REQUIRE(etag_next(&header, &tag));
        CHECK_STR(tag, str_c(want[i]));
    }
    CHECK(!etag_next(&header, &tag));
    CHECK(etag_any(STR(" * ")));
    CHECK(!etag_any(STR("\"a\", *")));
    header = STR("\"a\", *");
    CHECK(etag_next(&header, &tag));
    CHECK(!etag_next(&header, &tag));
    CHECK(etag_matches(STR(" * "), STR("\"x\""), false));
    CHECK(etag_matches(STR("W/\"a\""), STR("\"a\""), true));
    CHECK(!etag_matches(STR("W/\"a\""), STR("\"a\""), false));
    CHECK(!etag_matches(STR("W/\"a\""), STR("W/\"a\""), false));
    CHECK(etag_matches(STR("\"b\",\"a\""), STR("\"a\""), false));
    CHECK(if_range_matches((Str){ 0 }, STR("\"a\""), STR("")));
    CHECK(if_range_matches(STR("\"a\""), STR("\"a\""), STR("")));
    CHECK(!if_range_matches(STR("W/\"a\""), STR("W/\"a\""), STR("")));
    CHECK(if_range_matches(STR("Thu, 01 Jan 1970 00:00:00 GMT"), STR("\"a\""), STR("Thu, 01 Jan 1970 00:00:00 GMT")));
    CHECK(!if_range_matches(STR("Thu, 01 Jan 1970 00:00:01 GMT"), STR("\"a\""), STR("Thu, 01 Jan 1970 00:00:00 GMT")));
    CHECK(!if_range_matches(STR(""), STR(""), STR("")));
}

/* "0-9,20-29" or the outcome's name; of 100 bytes, with room for three. */
static Str ranges(const char *header, uint64_t size)
{
    ByteRange r[3];
    size_t n;
    RangeStatus status = range_parse(str_c(header), size, r, 3, &n);
    Buf b = BUF_INIT(test_arena(), 256);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%llu-%llu", i ? "," : "", (unsigned long long)r[i].first, (unsigned long long)r[i].last);
    return status == RANGE_OK ? buf_view(&b) : status == RANGE_NONE ? STR("none") : STR("416");
}

TEST(header, ranges)
{
    static const char *const cases[][2] = {
        { "bytes=0-9", "0-9" },
        { "Bytes=90-", "90-99" },
        { "bytes=-10", "90-99" },
        { "bytes=-1000", "0-99" },
        { "bytes=95-1000", "95-99" },
        { "bytes=0-0, 5-6 ,-1", "0-0,5-6,99-99" },
        { "bytes=0-0,200-300", "0-0" },
        { "bytes=100-", "416" },
        { "bytes=-0", "416" },
        { "bytes=99999999999999999999999-", "416" },
        { "bytes=0-99999999999999999999999", "0-99" },
        { "bytes=5-4", "none" },
        { "bytes=5-4,0-1", "none" },
        { "bytes=", "none" },
        { "bytes=,,", "none" },
        { "bytes=-", "none" },
        { "bytes=a-b", "none" },
        { "bytes=+1-2", "none" },
        { "bytes=1-2-3", "none" },
        { "bytes=0-0,1-1,2-2,3-3", "none" },
        { "items=0-9", "none" },
        { "", "none" },
    };
    for (size_t i = 0; i < CLEF_COUNT(cases); i++)
        CHECK_STR(ranges(cases[i][0], 100), str_c(cases[i][1]));
    CHECK_STR(ranges("bytes=-5", 0), STR("416"));
    CHECK_STR(ranges("bytes=0-", 0), STR("416"));
}

static Str joined(ByteRange *r, size_t n, uint64_t gap)
{
    Buf b = BUF_INIT(test_arena(), 256);
    n = ranges_join(r, n, gap);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%llu-%llu", i ? "," : "", (unsigned long long)r[i].first, (unsigned long long)r[i].last);
    return buf_view(&b);
}
#define JOINED(gap, ...) \
    joined((ByteRange[]){ __VA_ARGS__ }, sizeof((ByteRange[]){ __VA_ARGS__ }) / sizeof(ByteRange), (gap))

TEST(header, ranges_that_overlap_or_nearly_touch_are_joined)
{
    CHECK_STR(JOINED(0, { 0, 4 }, { 6, 9 }), STR("0-4,6-9"));
    CHECK_STR(JOINED(0, { 0, 4 }, { 5, 9 }), STR("0-9"));
    CHECK_STR(JOINED(1, { 0, 4 }, { 6, 9 }), STR("0-9"));
    CHECK_STR(JOINED(1, { 0, 4 }, { 7, 9 }), STR("0-4,7-9"));
    CHECK_STR(JOINED(0, { 5, 9 }, { 0, 4 }), STR("0-9"));
    CHECK_STR(JOINED(0, { 90, 99 }, { 0, 1 }, { 95, 99 }, { 50, 51 }), STR("90-99,0-1,50-51"));
    CHECK_STR(JOINED(0, { 0, 9 }, { 2, 3 }, { 0, 9 }), STR("0-9"));
    /* the last bridges the first two, and reaches back to one that was passed */
    CHECK_STR(JOINED(0, { 0, 1 }, { 8, 9 }, { 2, 7 }), STR("0-9"));
    CHECK_STR(JOINED(0, { 20, 29 }, { 0, 1 }, { 8, 9 }, { 2, 7 }), STR("20-29,0-9"));
    CHECK_STR(JOINED(0, { 0, UINT64_MAX }, { UINT64_MAX, UINT64_MAX }), STR("0-18446744073709551615"));
}

static Str vary(const char *existing, const char *one, const char *two)
{
    const Str names[] = { str_c(one), str_c(two) };
    return vary_patch(test_arena(), str_c(existing), names, two ? 2 : 1);
}

TEST(header, vary)
{
    CHECK_STR(vary(NULL, "Cookie", NULL), STR("Cookie"));
    CHECK_STR(vary("Accept-Encoding", "accept-encoding", "Cookie"), STR("Accept-Encoding, Cookie"));
    CHECK_STR(vary("Cookie ,Accept", "Cookie", "X"), STR("Cookie, Accept, X"));
    CHECK_STR(vary("", "Cookie", NULL), STR("Cookie")); /* an empty header is none */
    CHECK_STR(vary("*", "Cookie", NULL), STR("*"));
    CHECK_STR(vary("Cookie, *", "X", NULL), STR("*"));
    CHECK_STR(vary("Cookie", "X", "*"), STR("*"));
    CHECK(vary_has(STR("Accept , COOKIE"), STR("Cookie ")));
    CHECK(!vary_has(STR("Accept"), STR("Cookie")));
    CHECK(!vary_has((Str){ 0 }, STR("Cookie")));
}

static Str cached(const char *existing, CacheDirective one, CacheDirective two)
{
    const CacheDirective set[] = { one, two };
    return cache_control_patch(test_arena(), str_c(existing), set, two.name.n ? 2 : 1);
}
#define FLAG(name_)         ((CacheDirective){ .name = STR(name_) })
#define WITH(name_, value_) ((CacheDirective){ STR(name_), STR(value_) })
#define NOTHING             ((CacheDirective){ 0 })

TEST(header, cache_control)
{
    CHECK_STR(cached(NULL, FLAG("private"), NOTHING), STR("private"));
    CHECK_STR(cached("", WITH("max-age", "60"), FLAG("public")), STR("max-age=60, public"));
    CHECK_STR(cached("max-age=10", WITH("max-age", "60"), NOTHING), STR("max-age=10"));
    CHECK_STR(cached("Max-Age=100, x", WITH("max-age", "60"), NOTHING), STR("max-age=60, x"));
    CHECK_STR(cached("public, x", FLAG("private"), NOTHING), STR("x, private"));
    CHECK_STR(cached("private,x", FLAG("public"), NOTHING), STR("x, public"));
    CHECK_STR(cached(", x,,", FLAG("y"), NOTHING), STR("x, y"));
    CHECK_STR(cached("no-cache=A", WITH("no-cache", "B"), WITH("no-cache", "A")), STR("no-cache=A, no-cache=B"));
    CHECK_STR(cached("no-cache=A", FLAG("no-cache"), NOTHING), STR("no-cache"));
    CHECK_STR(cached("no-cache", WITH("no-cache", "A"), NOTHING), STR("no-cache"));
    int64_t age;
    CHECK(cache_control_max_age(STR("public, Max-Age=60"), &age));
    CHECK_EQ(age, 60);
    CHECK(!cache_control_max_age(STR("max-age=x"), &age));
    CHECK(!cache_control_max_age(STR("public"), &age));
    CHECK_STR(cache_control_get(STR("a, b=2"), STR("a")), STR(""));
    CHECK(str_is_null(cache_control_get(STR("a, b=2"), STR("c"))));
}

TEST(header, links)
{
    Str header = STR("</a,b>; rel=\"next\"; title=\"x, \\\"y\\\"\", <c>;rel=prev;type=text/css , junk");
    Link link;
    REQUIRE(link_next(test_arena(), &header, &link));
    CHECK_STR(link.target, STR("/a,b"));
    CHECK_STR(link.rel, STR("next"));
    CHECK_STR(link.title, STR("x, \"y\""));
    REQUIRE(link_next(test_arena(), &header, &link));
    CHECK_STR(link.target, STR("c"));
    CHECK_STR(link.rel, STR("prev"));
    CHECK_STR(link.type, STR("text/css"));
    CHECK(str_is_null(link.title));
    CHECK(!link_next(test_arena(), &header, &link));
    Buf b = BUF_INIT(test_arena(), 200);
    CHECK(link_add(&b, &(Link){ .target = STR("/x?page=2"), .rel = STR("next") }));
    CHECK(link_add(&b, &(Link){ .target = STR("/y"), .title = STR("t") }));
    CHECK(!link_add(&b, &(Link){ .target = STR("/y>; rel=x") }));
    CHECK(!link_add(&b, &(Link){ .target = STR("/y"), .rel = STR("a\r\nb") }));
    CHECK_STR(buf_view(&b), STR("</x?page=2>; rel=\"next\", </y>; title=\"t\""));
}

TEST(header, forwarding)
{
    Str header = STR("for=192.0.2.60;proto=http; by=203.0.113.43, For=\"[2001:db8::1]:47\";host=\"ex\\ample.com\"");
    Forwarded hop;
    REQUIRE(forwarded_next(test_arena(), &header, &hop));
    CHECK_STR(hop.for_, STR("192.0.2.60"));
    CHECK_STR(hop.proto, STR("http"));
    CHECK_STR(hop.by, STR("203.0.113.43"));
    REQUIRE(forwarded_next(test_arena(), &header, &hop));
    CHECK_STR(hop.for_, STR("[2001:db8::1]:47"));
    CHECK_STR(hop.host, STR("example.com"));
    CHECK(!forwarded_next(test_arena(), &header, &hop));
    Str xff = STR("6.6.6.6, 1.2.3.4 ,10.0.0.1");
    CHECK_STR(forwarded_for(xff, 1), STR("10.0.0.1"));
    CHECK_STR(forwarded_for(xff, 2), STR("1.2.3.4"));
    CHECK(str_is_null(forwarded_for(xff, 4)));
    CHECK(str_is_null(forwarded_for(xff, 0)));
    CHECK(str_is_null(forwarded_for((Str){ 0 }, 1)));
}
