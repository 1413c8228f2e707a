#include "requests.h"

#include <clef/test.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const char *const files[] = { "valid", "request_line", "headers", "host", "framing", "chunks" };

static const char *const reasons[HTTP1_REASON_COUNT] = {
    "ok",
    "bad_start",
    "bad_method",
    "long_method",
    "bad_target",
    "bad_version",
    "version_unsupported",
    "http2_preface",
    "bad_status",
    "bare_cr",
    "bare_lf",
    "bad_name",
    "space_before_colon",
    "folded",
    "bad_value",
    "line_too_long",
    "too_many_headers",
    "headers_too_large",
    "no_host",
    "repeated_host",
    "bad_host",
    "repeated_length",
    "bad_length",
    "length_with_coding",
    "coding_in_http10",
    "bad_coding",
    "coding_unsupported",
    "expectation_failed",
    "bad_chunk_size",
    "chunk_size_overflow",
    "bad_chunk_extension",
    "chunk_extensions_too_large",
    "bad_chunk_end",
    "trailers_too_large",
    "trailer_forbidden",
};

const char *reason_name(Http1Reason reason) { return reasons[reason]; }

static Str load(Arena *a, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s.http", CLEF_TESTS "/net/requests", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    REQUIRE(fd >= 0);
    Buf b = BUF_INIT(a, 1 << 20);
    ssize_t got;
    REQUIRE(buf_reserve(&b, 1 << 19));
    while ((got = read(fd, b.p + b.n, (1 << 19) - b.n)) > 0)
        b.n += (size_t)got;
    close(fd);
    return buf_view(&b);
}

static int hex(char c)
{
    const char *digits = "0123456789abcdef", *at = strchr(digits, c);
    REQUIRE(c && at);
    return (int)(at - digits);
}

static void unescape(Buf *b, Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '\\') {
            buf_byte(b, s.p[i]);
            continue;
        }
        REQUIRE(++i < s.n);
        switch (s.p[i]) {
        case 'r':
            buf_byte(b, '\r');
            break;
        case 'n':
            buf_byte(b, '\n');
            break;
        case 't':
            buf_byte(b, '\t');
            break;
        case '0':
            buf_byte(b, 0);
            break;
        case '\\':
            buf_byte(b, '\\');
            break;
        case 'x':
            REQUIRE(i + 2 < s.n);
            buf_byte(b, (char)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2])));
            i += 2;
            break;
        case '*': {
            Str rest = str_from_byte(s, i + 2), count;
            size_t close = str_find_byte(rest, '}');
            int64_t times = 0;
            REQUIRE(close != STR_NPOS);
            Str text = str_slice(rest, 0, close);
            REQUIRE(str_cut(&text, ':', &count) && str_to_i64(count, &times));
            while (times-- > 0)
                unescape(b, text);
            i += 2 + close;
            break;
        }
        default:
            REQUIRE(!"a known escape");
        }
    }
}

static Answer answer(Arena *a, Str line)
{
    Answer out = { 0 };
    Str word;
    int64_t status = 0;
    if (str_eq(line, STR("more")))
        return out;
    REQUIRE(str_cut(&line, ' ', &word) && str_to_i64(word, &status));
    out.status = (int)status;
    if (status != 200) {
        out.close = true;
        for (size_t i = 1; i < HTTP1_REASON_COUNT; i++)
            if (str_eq(line, str_c(reasons[i])))
                out.reason = (Http1Reason)i;
        REQUIRE(out.reason != HTTP1_OK && http1_reason_status(out.reason) == out.status);
        return out;
    }
    if (str_eq(line, STR("close")) || str_starts(line, STR("close "))) {
        out.close = true;
        str_cut(&line, ' ', &word);
    }
    Buf b = BUF_INIT(a, 1 << 20);
    unescape(&b, line);
    out.body = buf_view(&b);
    return out;
}

size_t request_cases(Arena *a, void (*fn)(Arena *a, const RequestCase *c, void *arg), void *arg)
{
    size_t cases = 0;
    for (size_t f = 0; f < CLEF_COUNT(files); f++) {
        Str text = load(a, files[f]), line;
        RequestCase c = { 0 };
        Buf send = BUF_INIT(a, 1 << 20);
        while (str_cut(&text, '\n', &line)) {
            bool begins = str_starts(line, STR("case: "));
            if ((begins || str_is_null(text)) && c.n) {
                c.send = buf_view(&send);
                fn(a, &c, arg);
                cases++;
            }
            if (begins) {
                c = (RequestCase){ .file = str_c(files[f]), .name = str_from_byte(line, 6) };
                send = BUF_INIT(a, 1 << 20);
            } else if (str_starts(line, STR("send: "))) {
                unescape(&send, str_from_byte(line, 6));
            } else if (str_starts(line, STR("want: "))) {
                REQUIRE(c.n < CLEF_COUNT(c.answers));
                c.answers[c.n++] = answer(a, str_from_byte(line, 6));
            } else {
                REQUIRE(line.n == 0 || line.p[0] == '#');
            }
        }
    }
    return cases;
}
