/* humanize.c: numbers and dates as people say them. */
#include "codec/text.h"
#include <clef/base/buf.h>
#include <clef/base/decimal.h>
#include <clef/i18n/humanize.h>
#include <clef/i18n/numberformat.h>
#include <clef/i18n/text.h>
#include <clef/i18n/timesince.h>

#define NBSP "\xc2\xa0"

/* The digits of a whole number, its sign in front. */
static Str whole_text(Arena *a, Value v)
{
    Buf b = BUF_INIT(a, (size_t)1 << 20);
    if (v.tag == VALUE_BIGINT)
        buf_decimal_plain(&b, *v.decimal);
    else
        buf_i64(&b, v.i);
    return buf_view(&b);
}

Value humanize_ordinal(Arena *a, const Locale *l, Value whole)
{
    static const char *const endings[] = { "{}th", "{}st", "{}nd", "{}rd", "{}th",
                                           "{}th", "{}th", "{}th", "{}th", "{}th" };
    Str text = whole_text(a, whole), template;
    if (text.n == 0 || text.p[0] == '-')
        return value_str(text);
    unsigned last = (unsigned)(text.p[text.n - 1] - '0'), tens = text.n > 1 ? (unsigned)(text.p[text.n - 2] - '0') : 0;
    if (tens == 1 && last >= 1 && last <= 3)
        template = locale_gettext(l, STR("ordinal 11, 12, 13"), STR("{}th"));
    else
        template = locale_gettext(l, str_format(a, "ordinal %u", last), str_c(endings[last]));
    return value_safe((SafeStr){ str_replace(a, template, STR("{}"), text) });
}

/* The text of a value that is no number: commas in the whole number that it begins with. */
static Value comma_text(Arena *a, Str s)
{
    size_t from = s.n && s.p[0] == '-', to = from;
    while (to < s.n && s.p[to] >= '0' && s.p[to] <= '9')
        to++;
    if (to == from)
        return value_str(s);
    Buf b = BUF_INIT(a, 2 * s.n + 1);
    buf_add(&b, s.p, from);
    for (size_t i = from; i < to; i++) {
        if (i > from && (to - i) % 3 == 0)
            buf_byte(&b, ',');
        buf_byte(&b, s.p[i]);
    }
    buf_str(&b, str_from_byte(s, to));
    return value_str(buf_view(&b));
}

Value humanize_intcomma(Arena *a, const Locale *l, Value v, bool localised)
{
    NumberFormat f = number_format(l, true, true);
    Buf b = BUF_INIT(a, (size_t)1 << 20);
    Decimal d;
    if (value_is_text(v)) {
        Str digits = text_ascii_digits(a, str_replace(a, text_strip(v.s), STR("_"), STR("")));
        if (!localised || decimal_parse(a, digits, &d) != DECIMAL_OK)
            return comma_text(a, v.s);
        v = value_decimal(&d);
    } else if (v.tag != VALUE_BOOL && v.tag != VALUE_INT && v.tag != VALUE_BIGINT && v.tag != VALUE_DOUBLE &&
               v.tag != VALUE_DECIMAL) {
        return v;
    }
    number_format_add(&b, a, v, &f);
    return value_str(buf_view(&b));
}

Value humanize_intword(Arena *a, const Locale *l, Value whole)
{
    static const struct {
        int16_t exponent;
        const char *message;
    } words[] = {
        { 6, "%(value)s million" },      { 9, "%(value)s billion" },      { 12, "%(value)s trillion" },
        { 15, "%(value)s quadrillion" }, { 18, "%(value)s quintillion" }, { 21, "%(value)s sextillion" },
        { 24, "%(value)s septillion" },  { 27, "%(value)s octillion" },   { 30, "%(value)s nonillion" },
        { 33, "%(value)s decillion" },   { 100, "%(value)s googol" },
    };
    Decimal d = whole.tag == VALUE_BIGINT ? *whole.decimal : decimal_from_i64(whole.i), rounded;
    if (decimal_is_zero(d) || decimal_adjusted(d) < 6)
        return whole;
    size_t i = 0;
    while (i < CLEF_COUNT(words) && decimal_adjusted(d) >= words[i].exponent + 3)
        i++;
    if (i == CLEF_COUNT(words))
        return whole;
    d.exponent -= words[i].exponent;
    double x = decimal_to_double(d);
    NumberFormat f = number_format(l, true, false);
    f.fixed = true;
    f.places = 1;
    Buf number = BUF_INIT(a, 4096);
    if (decimal_quantize(a, decimal_from_double_short(x), -1, ROUND_HALF_UP, &rounded) != DECIMAL_OK)
        return whole;
    number_format_add(&number, a, value_decimal(&rounded), &f);
    /* the plural of what is away from one: 1.2 million is no single million */
    double away = x - 1;
    int64_t n = (int64_t)away + (away != (double)(int64_t)away ? (away < 0 ? -1 : 1) : 0) + 1;
    Str message = str_c(words[i].message);
    TextArgument value = { STR("value"), buf_view(&number) };
    return value_str(text_interpolate(a, locale_ngettext(l, (Str){ 0 }, message, message, n < 0 ? -n : n), &value, 1));
}

Value humanize_apnumber(const Locale *l, int64_t n)
{
    static const char *const words[] = { "one", "two", "three", "four", "five", "six", "seven", "eight", "nine" };
    return n > 0 && n < 10 ? value_str(locale_gettext(l, (Str){ 0 }, str_c(words[n - 1]))) : value_int(n);
}

Str humanize_naturalday(const Locale *l, Date d, Date today)
{
    static const char *const words[] = { "yesterday", "today", "tomorrow" };
    int64_t days = (int64_t)d.days - today.days;
    return days >= -1 && days <= 1 ? locale_gettext(l, (Str){ 0 }, str_c(words[days + 1])) : (Str){ 0 };
}

Value humanize_naturaltime(Arena *a, const Locale *l, Value v, DateTime t)
{
    static const struct {
        const char *one, *many;
    } messages[2][3] = {
        { { "a second ago", "%(count)s" NBSP "seconds ago" },
          { "a minute ago", "%(count)s" NBSP "minutes ago" },
          { "an hour ago", "%(count)s" NBSP "hours ago" } },
        { { "a second from now", "%(count)s" NBSP "seconds from now" },
          { "a minute from now", "%(count)s" NBSP "minutes from now" },
          { "an hour from now", "%(count)s" NBSP "hours from now" } },
    };
    if (v.tag != VALUE_DATE && v.tag != VALUE_DATETIME)
        return v;
    Value now = v.tag == VALUE_DATETIME && v.zone ? value_datetime(t, timezone_utc()) : now_like(l, v, t);
    int64_t at = v.tag == VALUE_DATE ? v.us * US_PER_DAY : v.us;
    bool past = at < now.us;
    int64_t seconds = (past ? now.us - at : at - now.us) / US_PER_SECOND;
    if (seconds >= 86400) {
        Buf b = BUF_INIT(a, 4096);
        TimeSinceOptions o = { .until = !past, .context = past ? STR("naturaltime-past") : STR("naturaltime-future") };
        (void)!timesince_add(&b, l, v, now, o);
        TextArgument delta = { STR("delta"), buf_view(&b) };
        Str message = past ? STR("%(delta)s ago") : STR("%(delta)s from now");
        return value_str(text_interpolate(a, locale_gettext(l, (Str){ 0 }, message), &delta, 1));
    }
    if (seconds == 0)
        return value_str(locale_gettext(l, (Str){ 0 }, STR("now")));
    unsigned unit = seconds < 60 ? 0 : seconds < 3600 ? 1 : 2;
    static const int64_t sizes[] = { 1, 60, 3600 };
    int64_t n = seconds / sizes[unit];
    TextArgument count = { STR("count"), str_format(a, "%lld", (long long)n) };
    Str message =
        locale_ngettext(l, (Str){ 0 }, str_c(messages[!past][unit].one), str_c(messages[!past][unit].many), n);
    return value_str(text_interpolate(a, message, &count, 1));
}
