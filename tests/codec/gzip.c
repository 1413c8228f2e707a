#include <clef/base.h>
#include <clef/codec/gzip.h>
#include <clef/test.h>

static Str sample(Arena *a, size_t n)
{
    Buf b = BUF_INIT(a, n + 100);
    for (uint32_t i = 0; b.n < n; i++)
        buf_printf(&b, "<li class=\"row\">%u: %u</li>\n", i, i * 2654435761u);
    buf_truncate(&b, n);
    return buf_view(&b);
}

TEST(gzip, every_format_level_and_size_comes_back)
{
    static const size_t sizes[] = { 0, 1, 2, 100, 1000, 65535, 65536, 200000 };
    Arena *a = test_arena();
    for (size_t i = 0; i < CLEF_COUNT(sizes); i++) {
        Str text = sample(a, sizes[i]);
        for (int format = GZIP_GZIP; format <= GZIP_RAW; format++)
            for (int level = 0; level <= 9; level += 3)
                for (int zlib = 0; zlib < 2; zlib++) {
                    Buf packed = BUF_INIT(NULL, 1 << 20), out = BUF_INIT(zlib ? a : NULL, 1 << 20);
                    buf_c(&packed, "pre");
                    REQUIRE(gzip_compress(&packed, text,
                                          (GzipOptions){ .format = (GzipFormat)format, .level = level, .zlib = zlib }));
                    CHECK(sizes[i] < 1000 || packed.n < sizes[i]);
                    Str body = str_from_byte(buf_view(&packed), 3);
                    CHECK_EQ(gzip_decompress(&out, body, (GzipFormat)format, sizes[i]), GZIP_OK);
                    CHECK(str_eq(buf_view(&out), text));
                    buf_finish(&packed);
                    buf_finish(&out);
                }
    }
}

TEST(gzip, header_as_python_writes_it)
{
    Buf b = BUF_INIT(test_arena(), 1000);
    REQUIRE(gzip_compress(&b, STR("hello"), (GzipOptions){ .zlib = true }));
    CHECK_STR(
        buf_view(&b),
        STR("\037\213\010\000\000\000\000\000\000\377\313\110\315\311\311\007\000\206\246\020\066\005\000\000\000"));
    buf_clear(&b);
    REQUIRE(
        gzip_compress(&b, STR("hello"), (GzipOptions){ .file_name = STR("aaaa"), .mtime = 0x01020304, .level = 9 }));
    CHECK_STR(str_slice(buf_view(&b), 0, 15), STR("\037\213\010\010\004\003\002\001\002\377aaaa\0"));
    Buf out = BUF_INIT(test_arena(), 1000);
    CHECK_EQ(gzip_decompress(&out, buf_view(&b), GZIP_GZIP, 5), GZIP_OK);
    CHECK_STR(buf_view(&out), STR("hello"));
    buf_clear(&b);
    REQUIRE(gzip_compress(&b, STR("hello"), (GzipOptions){ .format = GZIP_ZLIB, .zlib = true }));
    CHECK_STR(buf_view(&b), STR("\170\234\313\110\315\311\311\007\000\006\054\002\025"));
}

TEST(gzip, file_names_are_checked)
{
    Arena *a = test_arena();
    Buf name = BUF_INIT(a, 5000), b = BUF_INIT(a, 5000);
    buf_fill(&name, 'x', GZIP_FILE_NAME_MAX);
    CHECK(gzip_compress(&b, STR("hello"), (GzipOptions){ .file_name = buf_view(&name) }));
    buf_byte(&name, 'x');
    size_t n = b.n;
    CHECK(!gzip_compress(&b, STR("hello"), (GzipOptions){ .file_name = buf_view(&name) }));
    CHECK(!gzip_compress(&b, STR("hello"), (GzipOptions){ .file_name = STR("a\0b") }));
    CHECK(gzip_stream_create(a, (GzipOptions){ .file_name = STR("a\0b") }) == NULL);
    CHECK_EQ(b.n, n);
}

TEST(gzip, a_bomb_stops_at_the_limit)
{
    Arena *a = test_arena();
    Buf zeros = BUF_INIT(NULL, 10 << 20), packed = BUF_INIT(a, 1 << 20);
    buf_fill(&zeros, 0, 10 << 20);
    REQUIRE(gzip_compress(&packed, buf_view(&zeros), (GzipOptions){ .level = 9 }));
    CHECK(packed.n < 20000);
    Buf out = BUF_INIT(NULL, SIZE_MAX - 1);
    buf_c(&out, "kept");
    CHECK_EQ(gzip_decompress(&out, buf_view(&packed), GZIP_GZIP, (10 << 20) - 1), GZIP_TOO_LARGE);
    CHECK_STR(buf_view(&out), STR("kept"));
    CHECK_EQ(gzip_decompress(&out, buf_view(&packed), GZIP_GZIP, 100), GZIP_TOO_LARGE);
    CHECK_EQ(gzip_decompress(&out, buf_view(&packed), GZIP_GZIP, 0), GZIP_TOO_LARGE);
    CHECK_EQ(gzip_decompress(&out, buf_view(&packed), GZIP_GZIP, 10 << 20), GZIP_OK);
    CHECK_EQ(out.n, (10 << 20) + 4);
    Buf small = BUF_INIT(NULL, 1000);
    CHECK_EQ(gzip_decompress(&small, buf_view(&packed), GZIP_GZIP, SIZE_MAX), GZIP_TOO_LARGE);
    CHECK_EQ(small.n, 0);
    buf_finish(&small);
    buf_finish(&out);
    buf_finish(&zeros);
}

TEST(gzip, damage_is_seen)
{
    Arena *a = test_arena();
    Str text = sample(a, 3000);
    for (int format = GZIP_GZIP; format <= GZIP_RAW; format++) {
        Buf packed = BUF_INIT(a, 1 << 20), out = BUF_INIT(NULL, 1 << 20);
        REQUIRE(gzip_compress(&packed, text, (GzipOptions){ .format = (GzipFormat)format }));
        for (size_t n = 0; n < packed.n; n += n < 20 || n + 20 > packed.n ? 1 : 37)
            CHECK_EQ(gzip_decompress(&out, str_slice(buf_view(&packed), 0, n), (GzipFormat)format, 10000), GZIP_SHORT);
        buf_byte(&packed, 'x');
        CHECK_EQ(gzip_decompress(&out, buf_view(&packed), (GzipFormat)format, 10000),
                 format == GZIP_GZIP ? GZIP_SHORT : GZIP_DAMAGED);
        buf_c(&packed, "yz");
        CHECK_EQ(gzip_decompress(&out, buf_view(&packed), (GzipFormat)format, 10000), GZIP_DAMAGED);
        if (format != GZIP_RAW) {
            buf_truncate(&packed, packed.n - 3);
            packed.p[packed.n - 1] ^= 1;
            CHECK_EQ(gzip_decompress(&out, buf_view(&packed), (GzipFormat)format, 10000), GZIP_DAMAGED);
        }
        CHECK_EQ(out.n, 0);
        buf_finish(&out);
    }
    Buf out = BUF_INIT(a, 100);
    CHECK_EQ(gzip_decompress(&out, STR("plain text, not compressed"), GZIP_GZIP, 100), GZIP_DAMAGED);
    CHECK_EQ(gzip_decompress(&out, STR(""), GZIP_GZIP, 100), GZIP_SHORT);
}

TEST(gzip, members_in_a_row_are_one_text)
{
    Arena *a = test_arena();
    Buf packed = BUF_INIT(a, 1000), out = BUF_INIT(a, 1000);
    REQUIRE(gzip_compress(&packed, STR("one "), (GzipOptions){ 0 }));
    REQUIRE(gzip_compress(&packed, STR("two"), (GzipOptions){ 0 }));
    CHECK_EQ(gzip_decompress(&out, buf_view(&packed), GZIP_GZIP, 7), GZIP_OK);
    CHECK_STR(buf_view(&out), STR("one two"));
    CHECK_EQ(gzip_decompress(&out, buf_view(&packed), GZIP_GZIP, 6), GZIP_TOO_LARGE);
}

TEST(gzip, a_full_buf_is_an_outcome)
{
    Arena *a = test_arena();
    Str text = sample(a, 3000);
    Buf whole = BUF_INIT(a, 10000);
    for (int zlib = 0; zlib < 2; zlib++) {
        buf_clear(&whole);
        REQUIRE(gzip_compress(&whole, text, (GzipOptions){ .zlib = zlib }));
        for (size_t max = 0; max < whole.n; max += 13) {
            Buf b = BUF_INIT(NULL, max);
            CHECK(!gzip_compress(&b, text, (GzipOptions){ .zlib = zlib }));
            CHECK_EQ(b.n, 0);
            buf_finish(&b);
        }
        Buf b = BUF_INIT(NULL, whole.n);
        CHECK(!zlib || gzip_compress(&b, text, (GzipOptions){ .zlib = zlib }));
        buf_finish(&b);
    }
}

TEST(gzip, an_engine_serves_many_calls)
{
    Arena *a = test_arena();
    GzipEngine *e = gzip_engine_create();
    REQUIRE(e != NULL);
    for (int i = 0; i < 20; i++) {
        Buf b = BUF_INIT(a, 100000), out = BUF_INIT(a, 100000);
        Str text = sample(a, (size_t)i * 997);
        REQUIRE(gzip_compress(&b, text, (GzipOptions){ .engine = e, .level = 1 + i % 9, .zlib = i % 2 }));
        CHECK_EQ(gzip_decompress(&out, buf_view(&b), GZIP_GZIP, text.n), GZIP_OK);
        CHECK(str_eq(buf_view(&out), text));
    }
    gzip_engine_destroy(e);
    gzip_engine_destroy(NULL);
}

TEST(gzip, streams_flush_and_end)
{
    Arena *a = test_arena();
    GzipStream *s = gzip_stream_create(a, (GzipOptions){ .file_name = STR("name") });
    GzipReader *r = gzip_reader_create(a, GZIP_GZIP, 1 << 20);
    REQUIRE(s && r);
    Str text = sample(a, 50000), rest = text;
    Buf out = BUF_INIT(a, 1 << 20), wire = BUF_INIT(a, 1 << 20);
    for (size_t n = 1; rest.n; n = n * 2 + 1) {
        Str piece = str_slice(rest, 0, n);
        rest = str_from_byte(rest, n);
        REQUIRE(gzip_stream_add(s, &wire, piece, GZIP_FLUSH));
        REQUIRE(gzip_reader_add(r, &out, buf_view(&wire)) == GZIP_OK);
        buf_clear(&wire);
        CHECK_EQ(out.n, text.n - rest.n);
        CHECK_EQ(gzip_reader_end(r), GZIP_SHORT);
    }
    REQUIRE(gzip_stream_add(s, &wire, STR("tail"), GZIP_END));
    for (size_t i = 0; i < wire.n; i++)
        REQUIRE(gzip_reader_add(r, &out, str_from(wire.p + i, 1)) == GZIP_OK);
    CHECK_EQ(gzip_reader_end(r), GZIP_OK);
    CHECK(str_eq(buf_view(&out), str_concat(a, text, STR("tail"))));
    CHECK(!gzip_stream_add(s, &wire, STR("more"), GZIP_MORE));
    gzip_stream_destroy(s);
    CHECK(!gzip_stream_add(s, &wire, STR("more"), GZIP_MORE));
    gzip_reader_destroy(r);
    CHECK(gzip_reader_add(r, &out, STR("x")) != GZIP_OK);
}

TEST(gzip, a_stream_without_flush_equals_one_shot)
{
    Arena *a = test_arena();
    Str text = sample(a, 50000);
    Buf whole = BUF_INIT(a, 1 << 20), pieces = BUF_INIT(a, 1 << 20);
    REQUIRE(gzip_compress(&whole, text, (GzipOptions){ .zlib = true, .format = GZIP_ZLIB }));
    GzipStream *s = gzip_stream_create(a, (GzipOptions){ .format = GZIP_ZLIB });
    for (size_t i = 0; i < text.n; i += 777)
        REQUIRE(gzip_stream_add(s, &pieces, str_slice(text, i, i + 777), GZIP_MORE));
    REQUIRE(gzip_stream_add(s, &pieces, STR(""), GZIP_END));
    CHECK(str_eq(buf_view(&whole), buf_view(&pieces)));
}
