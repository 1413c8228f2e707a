/* numberformat.c: numbers with the separators of a locale; localize() and its kin. */
#include "codec/text.h"
#include "i18n/locale.h"
#include <clef/base/decimal.h>
#include <clef/base/double.h>
#include <clef/i18n/dateformat.h>
#include <clef/i18n/numberformat.h>

#include <math.h>

NumberFormat number_format(const Locale *l, bool localised, bool force_grouping)
{
    const Formats *f = localised ? l->formats : l->plain;
    NumberFormat out = { .decimal_separator = f->decimal_separator,
                         .thousand_separator = f->thousand_separator,
                         .grouped = (localised && l->use_thousand_separator) || force_grouping };
    memcpy(out.grouping, f->grouping, sizeof out.grouping);
    return out;
}

/* Whether a separator stands before the last `r` digits: the sizes of groups are counted from the right. */
static bool is_cut(const NumberFormat *f, size_t r)
{
    size_t i = 0;
    for (; i + 1 < GROUPING_MAX && f->grouping[i + 1]; i++) {
        if (r <= f->grouping[i])
            return r == f->grouping[i];
        r -= f->grouping[i];
    }
    return r % f->grouping[i] == 0;
}

static void add_grouped(Buf *b, Str digits, const NumberFormat *f)
{
    for (size_t i = 0; i < digits.n; i++) {
        if (i && is_cut(f, digits.n - i))
            buf_str(b, f->thousand_separator);
        buf_byte(b, digits.p[i]);
    }
}

/* "-1234.5", by the format. */
static void add_text(Buf *b, Str s, const NumberFormat *f)
{
    if (s.n && s.p[0] == '-') {
        buf_byte(b, '-');
        s = str_from_byte(s, 1);
    }
    size_t point = str_find_byte(s, '.');
    Str fraction = point == STR_NPOS ? STR("") : str_from_byte(s, point + 1);
    Str whole = point == STR_NPOS ? s : str_slice(s, 0, point);
    uint32_t places = f->places < NUMBER_PLACES_MAX ? f->places : NUMBER_PLACES_MAX;
    if (f->grouped && f->grouping[0])
        add_grouped(b, whole, f);
    else
        buf_str(b, whole);
    if (f->fixed && fraction.n > places)
        fraction = str_slice(fraction, 0, places);
    if (fraction.n || (f->fixed && places)) {
        buf_str(b, f->decimal_separator);
        buf_str(b, fraction);
        if (f->fixed)
            buf_fill(b, '0', places - fraction.n);
    }
}

static void add_decimal(Buf *b, Arena *a, Decimal d, const NumberFormat *f)
{
    if (!decimal_is_finite(d)) {
        buf_decimal(b, d);
        return;
    }
    /* too small to be seen in so many places: 0 without a sign */
    if (f->fixed && (decimal_is_zero(d) || decimal_adjusted(d) < -(int64_t)(f->places ? f->places : 1)))
        d = decimal_from_i64(0);
    Buf text = BUF_INIT(a, 1 << 20);
    if ((uint64_t)(d.exponent < 0 ? -(int64_t)d.exponent : d.exponent) + decimal_digits(d) <= NUMBER_DIGITS_MAX) {
        buf_decimal_plain(&text, d);
        add_text(b, buf_view(&text), f);
        return;
    }
    Decimal mantissa = d;
    int64_t adjusted = decimal_adjusted(d);
    mantissa.exponent = -(int32_t)(decimal_digits(d) - 1);
    buf_decimal_plain(&text, mantissa);
    add_text(b, buf_view(&text), f);
    buf_printf(b, "e%+lld", (long long)adjusted);
}

void number_format_add(Buf *b, Arena *a, Value v, const NumberFormat *f)
{
    char text[DOUBLE_TEXT_MAX];
    size_t n;
    switch ((ValueTag)v.tag) {
    case VALUE_BOOL:
    case VALUE_INT: {
        int64_t i = v.tag == VALUE_BOOL ? v.b : v.i;
        if (CLEF_LIKELY(!(f->grouped && f->grouping[0]) && !(f->fixed && f->places))) {
            buf_i64(b, i);
            return;
        }
        Buf digits = BUF_INIT(a, 100);
        buf_i64(&digits, i);
        add_text(b, buf_view(&digits), f);
        return;
    }
    case VALUE_BIGINT: {
        Buf digits = BUF_INIT(a, (size_t)64 << 20);
        buf_decimal_plain(&digits, *v.decimal);
        add_text(b, buf_view(&digits), f);
        return;
    }
    case VALUE_DOUBLE:
        n = double_format(v.d, text);
        if (memchr(text, 'e', n) && isfinite(v.d))
            add_decimal(b, a, decimal_from_double_short(v.d), f);
        else
            add_text(b, (Str){ text, n }, f);
        return;
    case VALUE_DECIMAL:
        add_decimal(b, a, *v.decimal, f);
        return;
    case VALUE_STR:
    case VALUE_SAFE:
        if (v.s.n)
            add_text(b, v.s, f);
        return;
    default:
        return;
    }
}

bool localize_add(Buf *b, Arena *a, Value v, const Locale *l, bool localised)
{
    static const uint8_t names[] = { FORMAT_DATE, FORMAT_TIME, FORMAT_DATETIME };
    char letter;
    switch ((ValueTag)v.tag) {
    case VALUE_INT:
        if (CLEF_LIKELY(!l->use_thousand_separator)) {
            buf_i64(b, v.i);
            return true;
        }
        /* fall through */
    case VALUE_BIGINT:
    case VALUE_DOUBLE:
    case VALUE_DECIMAL: {
        if (!localised) {
            if (v.tag == VALUE_DOUBLE)
                buf_double(b, v.d);
            else if (v.tag == VALUE_INT)
                buf_i64(b, v.i);
            else
                buf_decimal(b, *v.decimal);
            return true;
        }
        NumberFormat f = number_format(l, true, false);
        number_format_add(b, a, v, &f);
        return true;
    }
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DATETIME: {
        Str format = (localised ? l->formats : l->plain)->text[names[v.tag - VALUE_DATE]];
        (void)!date_format_add(b, v, format, v.tag == VALUE_TIME, l, &letter);
        return true;
    }
    default:
        return false;
    }
}

/* --- inputs */

void strftime_add(Buf *b, Value v, Str format)
{
    static const char *const months[] = { "January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December" };
    static const char *const days[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };
    NaiveDateTime t = { v.us };
    if (v.tag == VALUE_DATE)
        t.us = v.us * US_PER_DAY;
    else if (v.tag == VALUE_TIME)
        t.us = v.us - INT64_C(25567) * US_PER_DAY; /* Python's strftime of a time: 1900-01-01 */
    else if (v.zone)
        (void)!timezone_local(v.zone, (DateTime){ v.us }, &t, NULL);
    DateTimeParts p = naive_parts(t);
    Date day = naive_date(t);
    for (size_t i = 0; i < format.n; i++) {
        char c = format.p[i];
        if (c != '%' || i + 1 == format.n) {
            buf_byte(b, c);
            continue;
        }
        switch (c = format.p[++i]) {
        case 'Y':
            buf_printf(b, "%04d", p.year);
            break;
        case 'y':
            buf_printf(b, "%02d", p.year % 100);
            break;
        case 'm':
            buf_printf(b, "%02d", p.month);
            break;
        case 'd':
            buf_printf(b, "%02d", p.day);
            break;
        case 'H':
            buf_printf(b, "%02d", p.hour);
            break;
        case 'I':
            buf_printf(b, "%02d", p.hour % 12 ? p.hour % 12 : 12);
            break;
        case 'M':
            buf_printf(b, "%02d", p.minute);
            break;
        case 'S':
            buf_printf(b, "%02d", p.second);
            break;
        case 'f':
            buf_printf(b, "%06d", p.microsecond);
            break;
        case 'j':
            buf_printf(b, "%03d", date_year_day(day));
            break;
        case 'p':
            buf_c(b, p.hour > 11 ? "PM" : "AM");
            break;
        case 'b':
            buf_add(b, months[p.month - 1], 3);
            break;
        case 'B':
            buf_c(b, months[p.month - 1]);
            break;
        case 'a':
            buf_add(b, days[date_weekday(day)], 3);
            break;
        case 'A':
            buf_c(b, days[date_weekday(day)]);
            break;
        case '%':
            buf_byte(b, '%');
            break;
        default:
            buf_byte(b, '%');
            buf_byte(b, c);
        }
    }
}

bool localize_input_add(Buf *b, Arena *a, Value v, const Locale *l)
{
    static const uint8_t kinds[] = { INPUT_DATE, INPUT_TIME, INPUT_DATETIME };
    if (v.tag < VALUE_DATE || v.tag > VALUE_DATETIME) {
        if (v.tag == VALUE_INT || v.tag == VALUE_BIGINT || v.tag == VALUE_DOUBLE || v.tag == VALUE_DECIMAL)
            return localize_add(b, a, v, l, true);
        return false;
    }
    Str list = l->formats->input[kinds[v.tag - VALUE_DATE]], first = STR("");
    (void)input_format_next(&list, &first);
    strftime_add(b, v, first);
    return true;
}

Str sanitize_separators(Arena *a, const Locale *l, Str text)
{
    const Formats *f = l->formats;
    Str decimals = { 0 };
    size_t at = f->decimal_separator.n ? str_find(text, f->decimal_separator) : STR_NPOS;
    if (at != STR_NPOS) {
        decimals = str_from_byte(text, at + f->decimal_separator.n);
        decimals.p = decimals.p ? decimals.p : "";
        text = str_slice(text, 0, at);
    }
    if (l->use_thousand_separator && f->thousand_separator.n) {
        size_t point = str_find_byte(text, '.');
        bool suspect = str_eq(f->thousand_separator, STR(".")) && point != STR_NPOS &&
                       str_rfind_byte(text, '.') == point && text.n - point - 1 != 3;
        if (!suspect) {
            text = str_replace(a, text, f->thousand_separator, STR(""));
            if (str_eq(f->thousand_separator, STR("\xc2\xa0")) || str_eq(f->thousand_separator, STR("\xe2\x80\xaf")))
                text = str_replace(a, text, STR(" "), STR("")); /* as people type it */
        }
    }
    return decimals.p ? str_format(a, "%.*s.%.*s", STR_FMT(text), STR_FMT(decimals)) : text;
}
