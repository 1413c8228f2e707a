/* datetime: every reader of dates, times, instants and durations; what was read must be in range and read back the same. */
#include <clef/base.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Str s = str_from((const char *)data, n);
    Date d, d2;
    Time t, t2;
    DateTime at, at2;
    ParsedDateTime p, p2;
    Duration length, length2;
    Buf b = BUF_INIT(NULL, 128);
    if (date_parse(s, &d) == PARSE_OK) {
        ASSERT(date_valid(d) && buf_date(&b, d) && date_parse_iso(buf_view(&b), &d2) && date_eq(d, d2));
        ASSERT(date_from_iso_week(date_iso_week(d), &d2) && date_eq(d, d2));
    }
    if (date_parse_iso(s, &d))
        ASSERT(date_parse(s, &d2) == PARSE_OK && date_eq(d, d2));
    buf_clear(&b);
    if (time_parse(s, &t) == PARSE_OK)
        ASSERT(time_valid(t) && buf_time(&b, t) && time_parse_iso(buf_view(&b), &t2) && time_eq(t, t2));
    if (time_parse_iso(s, &t))
        ASSERT(time_parse(s, &t2) == PARSE_OK && time_eq(t, t2));
    buf_clear(&b);
    if (datetime_parse(s, &p) == PARSE_OK) {
        ASSERT(naive_valid(p.local) && p.offset >= -OFFSET_MAX && p.offset <= OFFSET_MAX);
        ASSERT(buf_naive(&b, p.local) && (!p.aware || buf_offset(&b, p.offset)));
        ASSERT(datetime_parse(buf_view(&b), &p2) == PARSE_OK && naive_eq(p.local, p2.local) && p.offset == p2.offset &&
               p.aware == p2.aware);
    }
    buf_clear(&b);
    if (datetime_parse_rfc3339(s, &at))
        ASSERT(datetime_valid(at) && buf_datetime(&b, at, 0) && datetime_parse_rfc3339(buf_view(&b), &at2) &&
               datetime_eq(at, at2));
    buf_clear(&b);
    if (duration_parse(s, &length) == PARSE_OK) {
        ASSERT(duration_string(&b, length) && duration_parse(buf_view(&b), &length2) == PARSE_OK);
        ASSERT(duration_eq(length, length2));
        buf_clear(&b);
        ASSERT(duration_python_string(&b, length) && duration_parse(buf_view(&b), &length2) == PARSE_OK);
        ASSERT(duration_eq(length, length2));
        buf_clear(&b);
        ASSERT(duration_iso_string(&b, length));
        /* Up to 2^53 microseconds of a member the way through a double loses nothing. */
        if (length.us > -(INT64_C(1) << 52) && length.us < (INT64_C(1) << 52))
            ASSERT(duration_parse(buf_view(&b), &length2) == PARSE_OK && length2.us - length.us <= 1 &&
                   length.us - length2.us <= 1);
    }
    buf_finish(&b);
    return 0;
}
