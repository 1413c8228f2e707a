/*
 * language.h: languages by their codes ("pt-br"), and what Django knows of them. Codes have hyphens and no case; locales,
 * the names of folders with catalogues, have an underscore and a case ("pt_BR", "zh_Hans").
 */
#ifndef CLEF_I18N_LANGUAGE_H
#define CLEF_I18N_LANGUAGE_H

#include <clef/base/arena.h>
#include <clef/base/str.h>

typedef struct LanguageInfo {
    Str code;       /* "de", also for "de-at" where Django only knows German */
    Str name;       /* "German": a message, to be translated */
    Str name_local; /* "Deutsch" */
    bool bidi;      /* written from right to left */
} LanguageInfo;

/* False, and *out unchanged, when neither the code nor its base is known: Django's KeyError. */
CLEF_API(bool, language_info, Str code, LanguageInfo *out) CLEF_MUST_USE;
/* The i-th of Django's default of LANGUAGES; false past the last. */
CLEF_API(bool, language_at, size_t i, LanguageInfo *out) CLEF_MUST_USE;

/* "pt-BR", "pt_br" ... of a shape that a language's code has, at most LANGUAGE_CODE_MAX bytes. */
CLEF_API(bool, language_code_valid, Str code) CLEF_PURE;
#define LANGUAGE_CODE_MAX 64
/* "sr-latn" is "sr_Latn", "pt-br" is "pt_BR". */
CLEF_API(Str, language_to_locale, Arena *a, Str code);
/* "sr_Latn" is "sr-latn". */
CLEF_API(Str, locale_to_language, Arena *a, Str locale);
/* "de-at" is "de". */
static inline Str language_base(Str code)
{
    size_t hyphen = 0;
    while (hyphen < code.n && code.p[hyphen] != '-')
        hyphen++;
    return str_slice(code, 0, hyphen);
}

#endif
