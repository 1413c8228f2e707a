/* timezone.c: what a zone's clock shows at an instant, and which instant a clock's reading is. */
#include "base/timetext.h"
#include "base/zone.h"

static const TimeOffset utc_type = { 0, false, { "UTC", 3 } };
static const TimeZone utc = { .name = { "UTC", 3 }, .types = &utc_type };

const TimeZone *timezone_utc(void) { return &utc; }
Str timezone_name(const TimeZone *zone) { return zone->name; }

const TimeZone *timezone_fixed(Arena *a, int32_t seconds, Str name)
{
    if (seconds > OFFSET_MAX || seconds < -OFFSET_MAX)
        return NULL;
    if (str_is_null(name)) {
        if (seconds == 0)
            return &utc;
        Buf b = BUF_INIT(a, 16);
        BUF_LIT(&b, "UTC");
        buf_offset(&b, seconds);
        name = buf_view(&b);
    } else
        name = str_copy(a, name);
    TimeZone *z = NEW(a, TimeZone);
    TimeOffset *type = NEW(a, TimeOffset);
    *type = (TimeOffset){ seconds, false, name };
    *z = (TimeZone){ .name = name, .types = type };
    return z;
}

const TimeZone *timezone_of_parsed(Arena *a, const ParsedDateTime *p)
{
    if (!p->short_name)
        return timezone_fixed(a, p->offset, (Str){ 0 });
    char name[5] = { p->offset < 0 ? '-' : '+' };
    int32_t minutes = (p->offset < 0 ? -p->offset : p->offset) / 60;
    put2(name + 1, minutes / 60 % 100);
    put2(name + 3, minutes % 60);
    return timezone_fixed(a, p->offset, (Str){ name, sizeof name });
}

static TimeOffset rule_offset(const PosixTz *rule, int64_t seconds)
{
    return posixtz_is_dst(rule, seconds) ? (TimeOffset){ rule->dst, true, rule->dst_name }
                                         : (TimeOffset){ rule->std, false, rule->std_name };
}

TimeOffset timezone_offset(const TimeZone *zone, DateTime t)
{
    int64_t seconds = datetime_to_unix(t);
    if (zone->n == 0 || seconds > zone->at[zone->n - 1])
        return zone->has_rule ? rule_offset(&zone->rule, seconds) : zone->types[zone->after];
    if (seconds < zone->at[0])
        return zone->types[zone->before];
    size_t low = 0, high = zone->n; /* at[low] <= seconds, and at[high] is beyond it */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (zone->at[middle] <= seconds)
            low = middle;
        else
            high = middle;
    }
    return zone->types[zone->type[low]];
}

/*
 * The reading from which transition i counts: with fold 0 the end of the gap or of the fold that it makes, with fold 1
 * their beginning.
 */
static int64_t local_from(const TimeZone *zone, size_t i, int fold)
{
    int32_t old = zone->types[i ? zone->type[i - 1] : zone->before].seconds;
    int32_t new = zone->types[zone->type[i]].seconds;
    return zone->at[i] + ((old > new) == (fold == 0) ? old : new);
}

TimeOffset timezone_offset_local(const TimeZone *zone, NaiveDateTime t, int fold)
{
    int64_t seconds = datetime_to_unix((DateTime){ t.us });
    if (zone->n == 0 || seconds > local_from(zone, zone->n - 1, fold)) {
        if (!zone->has_rule)
            return zone->types[zone->after];
        int32_t std = zone->rule.std, dst = zone->rule.has_dst ? zone->rule.dst : std;
        return rule_offset(&zone->rule, seconds - ((std > dst) == (fold == 0) ? std : dst));
    }
    if (seconds < local_from(zone, 0, fold))
        return zone->types[zone->before];
    size_t low = 0, high = zone->n;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (local_from(zone, middle, fold) <= seconds)
            low = middle;
        else
            high = middle;
    }
    return zone->types[zone->type[low]];
}

bool timezone_local(const TimeZone *zone, DateTime t, NaiveDateTime *out, int *fold)
{
    int32_t offset = timezone_offset(zone, t).seconds;
    NaiveDateTime local;
    if (!datetime_to_naive(t, offset, &local))
        return false;
    if (fold)
        *fold = timezone_offset_local(zone, local, 0).seconds != offset;
    *out = local;
    return true;
}

bool timezone_instant(const TimeZone *zone, NaiveDateTime t, int fold, DateTime *out)
{
    return datetime_from_naive(t, timezone_offset_local(zone, t, fold).seconds, out);
}

LocalKind timezone_local_kind(const TimeZone *zone, NaiveDateTime t)
{
    int32_t first = timezone_offset_local(zone, t, 0).seconds, second = timezone_offset_local(zone, t, 1).seconds;
    return first == second ? LOCAL_ONCE : first > second ? LOCAL_TWICE : LOCAL_NEVER;
}
