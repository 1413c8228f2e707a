/* language.c: codes of languages, and the table of what Django knows of them. */
#include "i18n/locale.h"

/* Codes are compared without case. */
static int code_cmp(Str code, const char *row)
{
    for (size_t i = 0; i < code.n; i++) {
        unsigned char c = (unsigned char)code.p[i], d = (unsigned char)row[i];
        if (c >= 'A' && c <= 'Z')
            c |= 0x20;
        if (c != d || !d)
            return c < d ? -1 : 1;
    }
    return row[code.n] ? -1 : 0;
}

const LocaleRow *locale_row(Str code)
{
    size_t lo = 0, hi = locale_rows_n;
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        int order = code_cmp(code, locale_rows[middle].code);
        if (order == 0)
            return &locale_rows[middle];
        if (order < 0)
            hi = middle;
        else
            lo = middle + 1;
    }
    return NULL;
}

const LanguageRow *language_row(Str code)
{
    size_t lo = 0, hi = language_rows_n;
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        int order = code_cmp(code, language_rows[middle].code);
        if (order == 0)
            return &language_rows[middle];
        if (order < 0)
            hi = middle;
        else
            lo = middle + 1;
    }
    return NULL;
}

static void fill(const LanguageRow *row, LanguageInfo *out)
{
    *out = (LanguageInfo){ str_c(row->code), str_c(row->name), str_c(row->name_local), row->bidi };
}

bool language_info(Str code, LanguageInfo *out)
{
    const LanguageRow *row = language_row(code);
    if (!row)
        row = language_row(language_base(code));
    if (row && row->fallback)
        row = language_row(str_c(row->fallback));
    if (!row)
        return false;
    fill(row, out);
    return true;
}

bool language_at(size_t i, LanguageInfo *out)
{
    for (size_t k = 0; k < language_rows_n; k++)
        if (language_rows[k].listed && i-- == 0) {
            fill(&language_rows[k], out);
            return true;
        }
    return false;
}

bool language_code_valid(Str code)
{
    size_t run = 0, most = 8, parts = 0;
    bool at = false;
    if (code.n == 0 || code.n > LANGUAGE_CODE_MAX)
        return false;
    for (size_t i = 0; i < code.n; i++) {
        char c = code.p[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z', digit = c >= '0' && c <= '9';
        if (letter || (digit && (parts || at))) {
            if (++run > most)
                return false;
        } else if (((c == '-' && !at) || (c == '@' && !at)) && run) {
            at = c == '@';
            most = at ? 20 : 8;
            run = 0;
            parts++;
        } else {
            return false;
        }
    }
    return run > 0;
}

Str language_to_locale(Arena *a, Str code)
{
    Str lower = str_lower(a, code);
    size_t hyphen = str_find_byte(lower, '-');
    if (hyphen == STR_NPOS) {
        Buf b = BUF_INIT(a, code.n + 1);
        buf_str(&b, str_slice(lower, 0, 3));
        buf_str(&b, str_from_byte(code, 3));
        return buf_view(&b);
    }
    Str country = str_from_byte(lower, hyphen + 1), tail = { 0 };
    size_t second = str_find_byte(country, '-');
    if (second != STR_NPOS) {
        tail = str_from_byte(country, second);
        country = str_slice(country, 0, second);
    }
    Buf b = BUF_INIT(a, code.n + 1);
    buf_str(&b, str_slice(lower, 0, hyphen));
    buf_byte(&b, '_');
    for (size_t i = 0; i < country.n; i++) {
        char c = country.p[i];
        buf_byte(&b, (i == 0 || country.n <= 2) && c >= 'a' && c <= 'z' ? (char)(c - 0x20) : c);
    }
    if (tail.n > 1)
        buf_str(&b, tail);
    return buf_view(&b);
}

Str locale_to_language(Arena *a, Str locale)
{
    size_t under = str_find_byte(locale, '_');
    if (under == STR_NPOS)
        return str_lower(a, locale);
    return str_replace(a, str_lower(a, locale), STR("_"), STR("-"));
}
