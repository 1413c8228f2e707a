/* uuid: what is read comes back; the strict reader takes a part of what the lenient one takes. */
#include <clef/base.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Str s = { (const char *)data, n };
    Uuid u, v;
    bool read = uuid_parse(s, &u), strict = uuid_parse_strict(s, &v);
    ASSERT(!strict || (read && uuid_eq(u, v)));
    if (read) {
        char text[UUID_TEXT_LEN];
        uuid_format(u, text);
        ASSERT(uuid_parse_strict((Str){ text, sizeof text }, &v) && uuid_eq(u, v));
        ASSERT(!strict || str_ieq(s, (Str){ text, sizeof text }));
    }
    return 0;
}
