/* address: what is understood is written as a text that means the same address again. */
#include <clef/base.h>
#include <clef/rt/address.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_create(NULL, 0, 0);
    Address first, again;
    memset(&first, 0xa5, sizeof first);
    Address untouched = first;
    Str text = str_from((const char *)data, n);
    if (!address_parse(text, &first)) {
        ASSERT(memcmp(&first, &untouched, sizeof first) == 0);
        arena_destroy(a);
        return 0;
    }
    ASSERT(first.n > 0 && first.n <= sizeof first - offsetof(Address, any));
    Buf b = BUF_INIT(a, ADDRESS_TEXT_MAX), host = BUF_INIT(a, ADDRESS_TEXT_MAX);
    ASSERT(address_format(&b, &first));
    ASSERT(address_parse(buf_view(&b), &again) && address_eq(&first, &again));
    ASSERT(address_port(&first) == address_port(&again));
    (void)address_host(&host, &first);
    ASSERT(!host.failed && str_find_byte(buf_view(&host), '[') == STR_NPOS);
    bool local = first.any.sa_family == AF_UNIX;
    ASSERT(local == (host.n == 0) && (!local || address_port(&first) == 0));
    arena_destroy(a);
    return 0;
}
