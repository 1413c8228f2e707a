/* range: what is accepted lies inside the content. The first byte is the content's size. */
#include <clef/base.h>
#include <clef/codec/header.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0)
        return 0;
    uint64_t size = data[0];
    ByteRange r[4];
    size_t count;
    RangeStatus status = range_parse(str_from((const char *)data + 1, n - 1), size, r, 4, &count);
    ASSERT((status == RANGE_OK) == (count > 0) && count <= 4);
    for (size_t i = 0; i < count; i++)
        ASSERT(r[i].first <= r[i].last && r[i].last < size);
    return 0;
}
