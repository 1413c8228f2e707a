/*
 * multipart.c: the push parser of <clef/codec/multipart.h>. The delimiter, "\r\n--boundary", holds no CR or LF but its
 * first two bytes, so that a partial match at the end of the input is known by its length alone: nothing is buffered, and
 * a match that fails is given out from the delimiter itself.
 */
#define _GNU_SOURCE /* memmem, memrchr */
#include <clef/base/assert.h>
#include <clef/base/utf8.h>
#include <clef/base/vec.h>
#include <clef/codec/base64.h>
#include <clef/codec/html.h>
#include <clef/codec/multipart.h>

#include "codec/text.h"

typedef enum State {
    IN_DATA,         /* of a part, or the preamble */
    AFTER_DELIMITER, /* between the boundary and the end of its line */
    IN_HEADERS,
    IN_EPILOGUE,
} State;

typedef enum Sink { SINK_DROP, SINK_FIELD, SINK_FILE } Sink;

/* A base64 text in the lenient reading of MIME, in pieces. */
typedef struct Base64Stream {
    uint32_t bits;
    unsigned digits, pads; /* of the group of four in hand */
    bool ended;            /* by padding */
} Base64Stream;

struct MultipartParser {
    MultipartHandler handler;
    MultipartLimits limits;
    MultipartStatus status;
    State state;
    Arena *arena;
    Arena *part; /* what lives as long as a part */
    char delimiter[4 + MULTIPART_BOUNDARY_MAX];
    size_t delimiter_n;
    size_t matched; /* bytes of the delimiter seen at the end of the data */
    size_t start;   /* of those, where they began: 1 without a CR, 2 at the start of the body */
    char padding[MULTIPART_PADDING + 1];
    size_t padding_n;
    Buf header;
    size_t line; /* where the line in hand begins in `header` */
    Sink sink;
    bool base64;
    Base64Stream decoder;
    Buf encoded; /* a base64 field's text */
    uint64_t fields, files, field_bytes;
};

/* The values of a part's headers that decide what it is. */
typedef struct PartHeaders {
    HeaderValue disposition, type;
    Str transfer, length;
    bool has_disposition;
    VEC(HeaderParam) all;
} PartHeaders;

static bool is_boundary(Str s)
{
    if (s.n == 0 || s.n > MULTIPART_BOUNDARY_MAX || s.p[s.n - 1] == ' ')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < ' ' || s.p[i] > '~')
            return false;
    return true;
}

bool multipart_boundary(Arena *a, Str content_type, Str *boundary)
{
    HeaderValue h;
    if (!str_istarts(content_type, STR("multipart/")) || !utf8_is_ascii(content_type) ||
        !parse_header_parameters(a, content_type, &h))
        return false;
    Str b = header_param(&h, STR("boundary"));
    if (!is_boundary(b))
        return false;
    *boundary = b;
    return true;
}

static uint64_t limit_or(uint64_t limit, uint64_t fallback) { return limit ? limit : fallback; }

MultipartParser *multipart_create(Arena *a, Str boundary, const MultipartHandler *handler,
                                  const MultipartLimits *limits)
{
    static const MultipartLimits defaults = { 0 };
    const MultipartLimits *l = limits ? limits : &defaults;
    MultipartParser *p = NEW(a, MultipartParser);
    ASSERT(boundary.n > 0 && boundary.n <= MULTIPART_BOUNDARY_MAX);
    p->arena = a;
    p->part = arena_create(a, 0, 0);
    p->handler = *handler;
    p->limits = (MultipartLimits){
        .header_bytes = limit_or(l->header_bytes, MULTIPART_HEADER_BYTES),
        .headers = limit_or(l->headers, MULTIPART_HEADERS),
        .fields = limit_or(l->fields, MULTIPART_FIELDS),
        .files = limit_or(l->files, MULTIPART_FILES),
        .field_bytes = limit_or(l->field_bytes, MULTIPART_FIELD_BYTES),
    };
    memcpy(p->delimiter, "\r\n--", 4);
    memcpy(p->delimiter + 4, boundary.p, boundary.n);
    p->delimiter_n = 4 + boundary.n;
    p->header = BUF_INIT(a, TEXT_SIZE_MAX);
    p->encoded = BUF_INIT(a, TEXT_SIZE_MAX);
    /* The start of the body counts as the start of a line. */
    p->matched = p->start = 2;
    return p;
}

static void act(MultipartParser *p, MultipartAction action)
{
    if (action == MULTIPART_STOP)
        p->status = MULTIPART_STOPPED;
    else if (action == MULTIPART_SKIP)
        p->sink = SINK_DROP;
}

static void give(MultipartParser *p, Str bytes)
{
    if (bytes.n && p->sink != SINK_DROP && p->status == MULTIPART_OK)
        act(p, p->handler.data(p->handler.arg, bytes));
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decodes a piece of a file; foreign bytes are passed over. */
static void give_decoded(MultipartParser *p, Str text)
{
    Base64Stream *d = &p->decoder;
    char out[768];
    size_t n = 0;
    for (size_t i = 0; i < text.n && !d->ended; i++) {
        char c = text.p[i];
        int v = base64_value(c);
        if (c == '=' && d->digits >= 2 && d->digits + ++d->pads >= 4) {
            out[n++] = (char)(d->bits >> (d->digits == 3 ? 10 : 4));
            if (d->digits == 3)
                out[n++] = (char)(d->bits >> 2);
            *d = (Base64Stream){ .ended = true };
        }
        if (v < 0)
            continue;
        d->pads = 0;
        d->bits = d->bits << 6 | (uint32_t)v;
        if (++d->digits == 4) {
            out[n++] = (char)(d->bits >> 16);
            out[n++] = (char)(d->bits >> 8);
            out[n++] = (char)d->bits;
            *d = (Base64Stream){ 0 };
        }
        if (n > sizeof out - 3) {
            give(p, str_from(out, n));
            n = 0;
        }
    }
    give(p, str_from(out, n));
}

/* Bytes of the part, as they stand in the body. */
static void take(MultipartParser *p, Str bytes)
{
    if (bytes.n == 0 || p->sink == SINK_DROP || p->status != MULTIPART_OK)
        return;
    if (p->sink == SINK_FIELD) {
        if (bytes.n > p->limits.field_bytes - p->field_bytes) {
            p->status = MULTIPART_FIELDS_TOO_BIG;
            return;
        }
        p->field_bytes += bytes.n;
        if (p->base64) {
            buf_str(&p->encoded, bytes);
            return;
        }
    }
    if (p->base64)
        give_decoded(p, bytes);
    else
        give(p, bytes);
}

static void end_part(MultipartParser *p)
{
    if (p->base64 && p->sink == SINK_FIELD) {
        Str text = buf_view(&p->encoded), decoded;
        give(p, base64_decode(p->part, text, BASE64_MIME, &decoded) ? decoded : text);
    } else if (p->base64 && p->sink == SINK_FILE && p->decoder.digits)
        p->status = MULTIPART_BAD_BASE64;
    if (p->sink != SINK_DROP && p->status == MULTIPART_OK)
        act(p, p->handler.end(p->handler.arg));
    p->sink = SINK_DROP;
    arena_reset(p->part);
}

static bool read_header(MultipartParser *p, Str line, PartHeaders *h)
{
    HeaderValue v;
    if (line.n == 0 || !utf8_valid(line) || !parse_header_parameters(p->part, line, &v))
        return true;
    size_t colon = str_find_byte(v.value, ':');
    if (colon == STR_NPOS)
        return true;
    if (h->all.n == p->limits.headers) {
        p->status = MULTIPART_TOO_MANY_HEADERS;
        return false;
    }
    Str name = str_slice(v.value, 0, colon), sent = str_from_byte(line, str_find_byte(line, ':') + 1);
    VEC_PUSH(p->part, &h->all, (HeaderParam){ name, str_trim(sent) });
    v.value = text_strip(str_from_byte(v.value, colon + 1));
    if (str_eq(name, STR("content-disposition"))) {
        h->disposition = v;
        h->has_disposition = true;
    } else if (str_eq(name, STR("content-type")))
        h->type = v;
    else if (str_eq(name, STR("content-transfer-encoding")))
        h->transfer = v.value;
    else if (str_eq(name, STR("content-length")))
        h->length = v.value;
    return true;
}

/* Counts the part and says where its data goes. */
static Sink sort_part(MultipartParser *p, const PartHeaders *h, MultipartPart *part)
{
    Str name = header_param(&h->disposition, STR("name")), filename = header_param(&h->disposition, STR("filename"));
    part->is_file = h->has_disposition && filename.n > 0;
    if (!part->is_file && ++p->fields > p->limits.fields) {
        p->status = MULTIPART_TOO_MANY_FIELDS;
        return SINK_DROP;
    }
    if (!h->has_disposition || str_is_null(name))
        return SINK_DROP;
    part->name = text_strip(name);
    if (part->is_file) {
        if (++p->files > p->limits.files) {
            p->status = MULTIPART_TOO_MANY_FILES;
            return SINK_DROP;
        }
        part->filename = multipart_filename(p->part, filename);
        return str_is_null(part->filename) ? SINK_DROP : SINK_FILE;
    }
    uint64_t left = p->limits.field_bytes - p->field_bytes;
    if (left < 2 || part->name.n > left - 2) {
        p->status = MULTIPART_FIELDS_TOO_BIG;
        return SINK_DROP;
    }
    p->field_bytes += part->name.n + 2;
    return SINK_FIELD;
}

static void begin_part(MultipartParser *p)
{
    PartHeaders h = { 0 };
    Str rest = buf_view(&p->header), line;
    while (str_cut(&rest, '\n', &line)) {
        if (str_ends(line, STR("\r")))
            line.n--;
        if (!read_header(p, line, &h))
            return;
    }
    MultipartPart part = { .type = h.type, .content_type = h.type.value.p ? h.type.value : STR(""), .length = -1 };
    if (!str_to_i64(h.length, &part.length) || part.length < 0)
        part.length = -1;
    p->sink = sort_part(p, &h, &part);
    p->base64 = str_eq(h.transfer, STR("base64"));
    p->decoder = (Base64Stream){ 0 };
    buf_clear(&p->encoded);
    if (p->sink == SINK_DROP || p->status != MULTIPART_OK)
        return;
    part.headers = h.all.p;
    part.header_count = h.all.n;
    act(p, p->handler.begin(p->handler.arg, &part));
}

static void start_headers(MultipartParser *p)
{
    buf_clear(&p->header);
    p->line = 0;
    p->state = IN_HEADERS;
}

static void delimiter_found(MultipartParser *p)
{
    p->state = AFTER_DELIMITER;
    p->padding_n = 0;
    p->matched = 0;
}

/* Goes on with a delimiter that began in earlier input; what is left to look at. */
static Str match_on(MultipartParser *p, Str in)
{
    while (in.n && p->matched) {
        if (in.p[0] == p->delimiter[p->matched]) {
            in = str_from_byte(in, 1);
            if (++p->matched == p->delimiter_n) {
                delimiter_found(p);
                return in;
            }
        } else {
            take(p, str_from(p->delimiter + p->start, p->matched - p->start));
            p->matched = 0;
        }
    }
    return in;
}

static Str feed_data(MultipartParser *p, Str in)
{
    in = match_on(p, in);
    if (in.n == 0 || p->state != IN_DATA)
        return in;
    const char *needle = p->delimiter + 1;
    size_t needle_n = p->delimiter_n - 1, end, rest = in.n;
    const char *at = memmem(in.p, in.n, needle, needle_n);
    bool whole = at != NULL;
    if (whole)
        rest = (size_t)(at - in.p) + needle_n;
    else {
        /* A delimiter may begin at the last LF, or at a CR that is the last byte. */
        size_t window = in.n < needle_n - 1 ? in.n : needle_n - 1;
        at = memrchr(in.p + in.n - window, '\n', window);
        if (at && memcmp(at, needle, (size_t)(in.p + in.n - at)) != 0)
            at = NULL;
    }
    if (at) {
        end = (size_t)(at - in.p);
        p->matched = 1 + (in.n - end);
        p->start = 1;
        if (end && in.p[end - 1] == '\r') {
            p->start = 0;
            end--;
        }
    } else {
        bool cr = in.p[in.n - 1] == '\r';
        end = in.n - cr;
        p->matched = cr;
        p->start = 0;
    }
    take(p, str_slice(in, 0, end));
    if (whole)
        delimiter_found(p);
    return str_from_byte(in, rest);
}

/* The line of a delimiter: "--" makes it the last one, blanks and a line end an inner one; else it was data. */
static Str feed_after(MultipartParser *p, Str in)
{
    char c = in.p[0];
    bool dash = p->padding_n == 1 && p->padding[0] == '-', cr = p->padding_n && p->padding[p->padding_n - 1] == '\r';
    if (c == '\n' && !dash) {
        end_part(p);
        start_headers(p);
        return str_from_byte(in, 1);
    }
    if (c == '-' && dash) {
        end_part(p);
        p->state = IN_EPILOGUE;
        return str_from_byte(in, 1);
    }
    bool first_dash = c == '-' && p->padding_n == 0;
    bool blank = c == '\r' || ((c == ' ' || c == '\t') && p->padding_n < MULTIPART_PADDING);
    if (!cr && !dash && (first_dash || blank)) {
        p->padding[p->padding_n++] = c;
        return str_from_byte(in, 1);
    }
    take(p, str_from(p->delimiter + p->start, p->delimiter_n - p->start));
    take(p, str_from(p->padding, p->padding_n));
    p->state = IN_DATA;
    return in;
}

typedef enum LineKind { LINE_HEADER, LINE_EMPTY, LINE_DELIMITER, LINE_LAST } LineKind;

static LineKind kind_of_line(const MultipartParser *p, Str line)
{
    if (str_ends(line, STR("\n")))
        line.n--;
    if (str_ends(line, STR("\r")))
        line.n--;
    if (line.n == 0)
        return LINE_EMPTY;
    if (!str_starts(line, str_from(p->delimiter + 2, p->delimiter_n - 2)))
        return LINE_HEADER;
    line = str_from_byte(line, p->delimiter_n - 2);
    if (str_starts(line, STR("--")))
        return LINE_LAST;
    if (line.n > MULTIPART_PADDING)
        return LINE_HEADER;
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] != ' ' && line.p[i] != '\t')
            return LINE_HEADER;
    return LINE_DELIMITER;
}

/* A part whose headers have no end: it counts, and nobody hears of it. */
static void pass_over(MultipartParser *p, bool last)
{
    if (++p->fields > p->limits.fields)
        p->status = MULTIPART_TOO_MANY_FIELDS;
    start_headers(p);
    if (last)
        p->state = IN_EPILOGUE;
}

static Str feed_headers(MultipartParser *p, Str in)
{
    size_t end = str_find_byte(in, '\n');
    size_t n = end == STR_NPOS ? in.n : end + 1;
    if (n > p->limits.header_bytes - p->header.n) {
        p->status = MULTIPART_HEADER_TOO_BIG;
        return in;
    }
    buf_add(&p->header, in.p, n);
    in = str_from_byte(in, n);
    if (end == STR_NPOS)
        return in;
    switch (kind_of_line(p, str_from_byte(buf_view(&p->header), p->line))) {
    case LINE_HEADER:
        p->line = p->header.n;
        break;
    case LINE_EMPTY:
        begin_part(p);
        p->state = IN_DATA;
        p->matched = p->start = 2;
        break;
    case LINE_DELIMITER:
        pass_over(p, false);
        break;
    case LINE_LAST:
        pass_over(p, true);
        break;
    }
    return in;
}

MultipartStatus multipart_feed(MultipartParser *p, Str bytes)
{
    while (bytes.n && p->status == MULTIPART_OK && p->state != IN_EPILOGUE) {
        if (p->state == IN_DATA)
            bytes = feed_data(p, bytes);
        else if (p->state == AFTER_DELIMITER)
            bytes = feed_after(p, bytes);
        else
            bytes = feed_headers(p, bytes);
    }
    return p->status;
}

MultipartStatus multipart_finish(MultipartParser *p)
{
    bool last = p->state == IN_EPILOGUE;
    if (p->state == IN_HEADERS)
        last = kind_of_line(p, str_from_byte(buf_view(&p->header), p->line)) == LINE_LAST;
    if (p->status == MULTIPART_OK && !last)
        p->status = MULTIPART_TRUNCATED;
    return p->status;
}

/* "long name.tar.gz" becomes "long.gz": what is behind the last dot stays, unless the dot is one of those in front. */
static Str shortened(Arena *a, Str name)
{
    size_t n = utf8_count(name), front = 0;
    if (n <= MULTIPART_NAME_MAX)
        return name;
    while (front < name.n && name.p[front] == '.')
        front++;
    size_t dot = str_rfind_byte(name, '.');
    Str extension = dot == STR_NPOS || dot < front ? STR("") : str_from_byte(name, dot);
    extension = utf8_slice(extension, 0, MULTIPART_NAME_MAX);
    return str_concat(a, utf8_slice(name, 0, MULTIPART_NAME_MAX - utf8_count(extension)), extension);
}

Str multipart_filename(Arena *a, Str filename)
{
    filename = html_unescape(a, filename);
    size_t slash = str_rfind_byte(filename, '/');
    if (slash != STR_NPOS)
        filename = str_from_byte(filename, slash + 1);
    slash = str_rfind_byte(filename, '\\');
    if (slash != STR_NPOS)
        filename = str_from_byte(filename, slash + 1);
    Buf b = BUF_INIT(a, TEXT_SIZE_MAX);
    for (size_t i = 0; i < filename.n;) {
        uint32_t code;
        size_t n = text_char(filename.p + i, filename.n - i, &code);
        if (code != TEXT_BAD && text_is_printable(code))
            buf_add(&b, filename.p + i, n);
        i += n;
    }
    filename = buf_view(&b);
    if (filename.n == 0 || str_eq(filename, STR(".")) || str_eq(filename, STR("..")))
        return (Str){ 0 };
    return shortened(a, filename);
}
