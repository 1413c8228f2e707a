/* uuid.c: <clef/base/uuid.h>. */
#include <clef/base/rand.h>
#include <clef/base/uuid.h>

#include <openssl/evp.h>
#include <time.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 32 digits, and nothing else, are a UUID. */
static bool read_digits(const char *p, size_t n, Uuid *out)
{
    Uuid u;
    if (n != 32)
        return false;
    for (size_t i = 0; i < 16; i++) {
        int high = hex_digit(p[i * 2]), low = hex_digit(p[i * 2 + 1]);
        if (high < 0 || low < 0)
            return false;
        u.b[i] = (uint8_t)(high << 4 | low);
    }
    *out = u;
    return true;
}

static size_t without(char *to, const char *from, size_t n, Str what)
{
    size_t length = 0;
    for (size_t i = 0; i < n;) {
        if (str_starts((Str){ from + i, n - i }, what))
            i += what.n;
        else
            to[length++] = from[i++];
    }
    return length;
}

bool uuid_parse(Str s, Uuid *out)
{
    char text[UUID_PARSE_MAX];
    if (uuid_parse_strict(s, out))
        return true;
    if (s.n > sizeof text)
        return false;
    size_t n = without(text, s.p, s.n, STR("urn:"));
    n = without(text, text, n, STR("uuid:"));
    Str inner = str_trim_set((Str){ text, n }, STR("{}"));
    n = without(text, inner.p, inner.n, STR("-"));
    return read_digits(text, n, out);
}

bool uuid_parse_strict(Str s, Uuid *out)
{
    if (s.n != UUID_TEXT_LEN || s.p[8] != '-' || s.p[13] != '-' || s.p[18] != '-' || s.p[23] != '-')
        return false;
    char digits[32];
    memcpy(digits, s.p, 8);
    memcpy(digits + 8, s.p + 9, 4);
    memcpy(digits + 12, s.p + 14, 4);
    memcpy(digits + 16, s.p + 19, 4);
    memcpy(digits + 20, s.p + 24, 12);
    return read_digits(digits, sizeof digits, out);
}

void uuid_format(Uuid u, char p[static UUID_TEXT_LEN])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        *p++ = digits[u.b[i] >> 4];
        *p++ = digits[u.b[i] & 15];
    }
}

bool buf_uuid(Buf *b, Uuid u)
{
    char text[UUID_TEXT_LEN];
    uuid_format(u, text);
    return buf_add(b, text, sizeof text);
}

static Uuid marked(Uuid u, unsigned version)
{
    u.b[6] = (uint8_t)((u.b[6] & 0x0f) | version << 4);
    u.b[8] = (uint8_t)((u.b[8] & 0x3f) | 0x80);
    return u;
}

bool uuid_v4(Uuid *out)
{
    Uuid u;
    if (!rand_bytes(&u, sizeof u))
        return false;
    *out = marked(u, 4);
    return true;
}

bool uuid_v5(Uuid namespace_, Str name, Uuid *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context && EVP_DigestInit_ex(context, EVP_sha1(), NULL) == 1 &&
              EVP_DigestUpdate(context, namespace_.b, sizeof namespace_.b) == 1 &&
              EVP_DigestUpdate(context, name.p ? name.p : "", name.n) == 1 &&
              EVP_DigestFinal_ex(context, digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    if (!ok)
        return false;
    Uuid u;
    memcpy(&u, digest, sizeof u);
    *out = marked(u, 5);
    return true;
}

uint64_t uuid_v7_ms(Uuid u)
{
    uint64_t ms = 0;
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | u.b[i];
    return ms;
}

/* The 128 bits without those of version and variant, in two parts: time and rand_a (60 bits), rand_b (62 bits). */
static Uuid pack(uint64_t head, uint64_t tail)
{
    Uuid u;
    head = (head & ~(uint64_t)0xfff) << 4 | (head & 0xfff);
    for (int i = 7; i >= 0; i--, head >>= 8, tail >>= 8) {
        u.b[i] = (uint8_t)head;
        u.b[8 + i] = (uint8_t)tail;
    }
    return marked(u, 7);
}

static void unpack(Uuid u, uint64_t *head, uint64_t *tail)
{
    *head = uuid_v7_ms(u) << 12 | (uint64_t)(u.b[6] & 0x0f) << 8 | u.b[7];
    *tail = u.b[8] & 0x3f;
    for (int i = 9; i < 16; i++)
        *tail = *tail << 8 | u.b[i];
}

#define TAIL_MASK (((uint64_t)1 << 62) - 1)

bool uuid_v7_at(UuidSequence *sequence, uint64_t ms, Uuid *out)
{
    uint64_t random[2];
    if (ms >> 48 || !rand_bytes(random, sizeof random))
        return false;
    uint64_t head = ms << 12 | (random[0] & 0xfff), tail = random[1] & TAIL_MASK;
    Uuid u = pack(head, tail);
    if (sequence && !uuid_is_nil(sequence->last) && ms <= uuid_v7_ms(sequence->last)) {
        /* A random step of up to 2^40: the next one stays hard to guess, and there is room for 2^34 of them at least. */
        unpack(sequence->last, &head, &tail);
        tail += (random[1] & (((uint64_t)1 << 40) - 1)) + 1;
        head += tail >> 62; /* carries into rand_a, and from there into the time */
        if (head >> 60)
            return false;
        u = pack(head, tail & TAIL_MASK);
    }
    if (sequence)
        sequence->last = u;
    *out = u;
    return true;
}

bool uuid_v7(UuidSequence *sequence, Uuid *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return uuid_v7_at(sequence, (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000, out);
}
