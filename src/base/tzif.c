/*
 * tzif.c: reading a TZif file (RFC 9636). The bytes are not trusted: every count is checked against the bytes that are
 * there before anything is read by it, and nothing is allocated before the whole file was found valid.
 */
#include "base/zone.h"

enum { HEADER = 44, TYPE_BYTES = 6, TYPES_MAX = 256, OFFSET_LEAST = -89999, OFFSET_MOST = 93599 };

/* One data block: version 1's has 32-bit times, the second one of later versions 64-bit ones. */
typedef struct Block {
    uint32_t isut, isstd, leap, time, type, chars;
    size_t time_bytes;
    const unsigned char *data;
    size_t n; /* bytes of data */
} Block;

static uint32_t be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be64(const unsigned char *p) { return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4)); }

/* The block at p, of which n bytes are there. */
static bool read_block(const unsigned char *p, size_t n, size_t time_bytes, Block *out)
{
    if (n < HEADER || memcmp(p, "TZif", 4) != 0)
        return false;
    Block b = { be32(p + 20), be32(p + 24), be32(p + 28),
                be32(p + 32), be32(p + 36), be32(p + 40),
                time_bytes,   p + HEADER,   0 };
    uint64_t size = (uint64_t)b.time * (time_bytes + 1) + (uint64_t)b.type * TYPE_BYTES + b.chars +
                    (uint64_t)b.leap * (time_bytes + 4) + b.isstd + b.isut;
    if (size > n - HEADER)
        return false;
    b.n = (size_t)size;
    *out = b;
    return true;
}

static int64_t time_at(const Block *b, size_t i)
{
    return b->time_bytes == 8 ? be64(b->data + 8 * i) : (int32_t)be32(b->data + 4 * i);
}

static const unsigned char *type_index(const Block *b) { return b->data + b->time * b->time_bytes; }
static const unsigned char *type_record(const Block *b, size_t i) { return type_index(b) + b->time + i * TYPE_BYTES; }
static const unsigned char *characters(const Block *b) { return type_record(b, b->type); }

static bool block_valid(const Block *b)
{
    const int64_t far = INT64_C(1) << 59;
    if (b->type == 0 || b->type > TYPES_MAX || b->chars == 0 || (b->isut && b->isut != b->type) ||
        (b->isstd && b->isstd != b->type))
        return false;
    for (size_t i = 0; i < b->time; i++) {
        int64_t at = time_at(b, i);
        if (at < -far || at > far || (i && at <= time_at(b, i - 1)) || type_index(b)[i] >= b->type)
            return false;
    }
    for (size_t i = 0; i < b->type; i++) {
        const unsigned char *r = type_record(b, i);
        int32_t offset = (int32_t)be32(r);
        if (offset < OFFSET_LEAST || offset > OFFSET_MOST || r[4] > 1 || r[5] >= b->chars ||
            !memchr(characters(b) + r[5], 0, b->chars - r[5]))
            return false;
    }
    return true;
}

/* The TZ string between two newlines after the second block; "" is allowed. */
static bool read_footer(const unsigned char *p, size_t n, Str *out)
{
    const unsigned char *end = n && p[0] == '\n' ? memchr(p + 1, '\n', n - 1) : NULL;
    if (!end)
        return false;
    *out = (Str){ (const char *)p + 1, (size_t)(end - p) - 1 };
    return true;
}

static const TimeZone *build(Arena *a, Str name, const Block *b, Str footer)
{
    TimeZone *z = NEW(a, TimeZone);
    char *chars = arena_alloc(a, b->chars);
    memcpy(chars, characters(b), b->chars);
    int64_t *at = NEW_ARRAY(a, int64_t, b->time);
    uint8_t *type = NEW_ARRAY(a, uint8_t, b->time);
    TimeOffset *types = NEW_ARRAY(a, TimeOffset, b->type);
    for (size_t i = 0; i < b->time; i++) {
        at[i] = time_at(b, i);
        type[i] = type_index(b)[i];
    }
    for (size_t i = 0; i < b->type; i++) {
        const unsigned char *r = type_record(b, i);
        types[i] = (TimeOffset){ (int32_t)be32(r), r[4] != 0, str_c(chars + r[5]) };
    }
    *z = (TimeZone){ .name = str_copy(a, name), .n = b->time, .at = at, .type = type, .types = types };
    while (z->before < b->type && types[z->before].dst)
        z->before++;
    if (z->before == b->type)
        z->before = b->time ? type[0] : 0;
    z->after = b->time ? type[b->time - 1] : 0;
    z->has_rule = footer.n && posixtz_parse(str_copy(a, footer), &z->rule);
    return z;
}

TimeZoneOutcome timezone_read(Arena *a, Str name, Str file, const TimeZone **out)
{
    const unsigned char *p = (const unsigned char *)file.p;
    Block b;
    Str footer = { 0 };
    PosixTz rule;
    if (file.n > TIMEZONE_FILE_MAX || !read_block(p, file.n, 4, &b))
        return TIMEZONE_BAD_FILE;
    unsigned char version = p[4];
    if (version >= '2') {
        size_t skip = HEADER + b.n;
        if (!read_block(p + skip, file.n - skip, 8, &b))
            return TIMEZONE_BAD_FILE;
        skip += HEADER + b.n;
        if (!read_footer(p + skip, file.n - skip, &footer) || (footer.n && !posixtz_parse(footer, &rule)))
            return TIMEZONE_BAD_FILE;
    } else if (version != 0)
        return TIMEZONE_BAD_FILE;
    if (!block_valid(&b))
        return TIMEZONE_BAD_FILE;
    *out = build(a, name, &b, footer);
    return TIMEZONE_OK;
}
