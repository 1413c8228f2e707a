/* httpdate: the readers of HTTP's and of cookies' dates; what was read must be written and read back the same. */
#include <clef/base.h>
#include <clef/codec/httpdate.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Str s = str_from((const char *)data, n);
    DateTime now = { INT64_C(1768472430000000) }, t, back;
    char text[HTTPDATE_LEN];
    if (httpdate_parse(s, now, &t) == PARSE_OK) {
        ASSERT(datetime_valid(t));
        httpdate_format(t, text);
        ASSERT(httpdate_parse(str_from(text, sizeof text), now, &back) == PARSE_OK && datetime_eq(t, back));
    }
    if (cookiedate_parse(s, &t)) {
        ASSERT(datetime_valid(t));
        httpdate_format(t, text);
        ASSERT(cookiedate_parse(str_from(text, sizeof text), &back) && datetime_eq(t, back));
    }
    return 0;
}
