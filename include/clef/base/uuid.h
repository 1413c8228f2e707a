/*
 * uuid.h: universally unique identifiers (RFC 9562), by value. {0} is the nil UUID. The bytes stand in the order of the
 * text, so that comparing bytes compares texts, and version 7 sorts by time.
 */
#ifndef CLEF_BASE_UUID_H
#define CLEF_BASE_UUID_H

#include <clef/base/buf.h>

typedef struct Uuid {
    uint8_t b[16];
} Uuid;

#define UUID_TEXT_LEN 36
/* A text longer than this is no UUID to uuid_parse. */
#define UUID_PARSE_MAX 128

/* The name spaces of RFC 9562 for version 5. */
#define UUID_NAMESPACE_DNS  CLEF_UUID_NAMESPACE(0x10)
#define UUID_NAMESPACE_URL  CLEF_UUID_NAMESPACE(0x11)
#define UUID_NAMESPACE_OID  CLEF_UUID_NAMESPACE(0x12)
#define UUID_NAMESPACE_X500 CLEF_UUID_NAMESPACE(0x14)
#define CLEF_UUID_NAMESPACE(n) \
    ((Uuid){ { 0x6b, 0xa7, 0xb8, n, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8 } })

/*
 * What Python's uuid.UUID() reads: 32 hexadecimal digits of either case, with hyphens anywhere, in braces, behind "urn:"
 * and "uuid:". Python's int() lets a few oddities through (blanks, underscores, "0x"); they are refused here. False, and
 * *out unchanged, for anything else.
 */
CLEF_API(bool, uuid_parse, Str s, Uuid *out) CLEF_MUST_USE;
/* Exactly 8-4-4-4-12 digits, of either case: for paths and headers. */
CLEF_API(bool, uuid_parse_strict, Str s, Uuid *out) CLEF_MUST_USE;
/* Writes 36 bytes in lower case, without a terminator. */
CLEF_API(void, uuid_format, Uuid u, char p[static UUID_TEXT_LEN]);
CLEF_API(bool, buf_uuid, Buf *b, Uuid u);

static inline int uuid_cmp(Uuid a, Uuid b) { return memcmp(a.b, b.b, sizeof a.b); }
static inline bool uuid_eq(Uuid a, Uuid b) { return memcmp(a.b, b.b, sizeof a.b) == 0; }
static inline bool uuid_is_nil(Uuid u) { return uuid_eq(u, (Uuid){ { 0 } }); }
/* The version's digit, 0 to 15; meaningful for the variant of RFC 9562 only. */
static inline int uuid_version(Uuid u) { return u.b[6] >> 4; }

/* Random. False when the kernel has no randomness (see rand.h). */
CLEF_API(bool, uuid_v4, Uuid *out) CLEF_MUST_USE;
/* SHA-1 of a name in a name space, by OpenSSL. False when OpenSSL refuses (a policy without SHA-1) or has no memory. */
CLEF_API(bool, uuid_v5, Uuid namespace_, Str name, Uuid *out) CLEF_MUST_USE;

/* Makes the version 7 UUIDs of one thread rise; {0} at first. */
typedef struct UuidSequence {
    Uuid last;
} UuidSequence;
/*
 * Milliseconds since 1970 and 74 random bits. With a sequence each is greater than the one before, within a millisecond
 * and when the clock goes back too: then the one before is raised by a random step. `sequence` may be NULL.
 */
CLEF_API(bool, uuid_v7, UuidSequence *sequence, Uuid *out) CLEF_MUST_USE;
/* The same at a given time, below 2^48 ms. */
CLEF_API(bool, uuid_v7_at, UuidSequence *sequence, uint64_t ms, Uuid *out) CLEF_MUST_USE;
/* The time in a version 7 UUID. */
CLEF_API(uint64_t, uuid_v7_ms, Uuid u) __attribute__((const));

#endif
