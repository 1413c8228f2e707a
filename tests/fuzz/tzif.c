/* tzif: time zone files; whatever was accepted must answer for every instant and reading. */
#include <clef/base.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const int64_t instants[] = { INT64_C(-62135596800000000),
                                        INT64_C(-4000000000000000),
                                        -1,
                                        0,
                                        INT64_C(1768472430000000),
                                        INT64_C(1792897200000000),
                                        INT64_C(4102444800000000),
                                        INT64_C(253402300799999999) };
    Arena *a = arena_create(NULL, 0, 0);
    const TimeZone *zone = NULL;
    if (timezone_read(a, STR("fuzz"), str_from((const char *)data, n), &zone) == TIMEZONE_OK)
        for (size_t i = 0; i < CLEF_COUNT(instants); i++) {
            NaiveDateTime local;
            DateTime t;
            int fold;
            TimeOffset o = timezone_offset(zone, (DateTime){ instants[i] });
            ASSERT(o.seconds > -100 * 3600 && o.seconds < 100 * 3600 && o.abbreviation.p[o.abbreviation.n] != 1);
            if (timezone_local(zone, (DateTime){ instants[i] }, &local, &fold))
                ASSERT(naive_valid(local) && (fold == 0 || fold == 1));
            for (fold = 0; fold <= 1; fold++)
                if (timezone_instant(zone, (NaiveDateTime){ instants[i] }, fold, &t))
                    ASSERT(datetime_valid(t));
            ASSERT(timezone_local_kind(zone, (NaiveDateTime){ instants[i] }) <= LOCAL_NEVER);
        }
    arena_destroy(a);
    return 0;
}
