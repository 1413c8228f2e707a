/* unicode_forms.h: what tools/unicode_forms.py makes of the Unicode data: sorted by code point, above ASCII only. */
#ifndef I18N_UNICODE_FORMS_H
#define I18N_UNICODE_FORMS_H

#include <clef/base/api.h>

/* The full decomposition of a character: `n` code points of unicode_pool. One that has both kinds has two entries. */
typedef struct UnicodeForm {
    uint32_t from;
    uint16_t at;
    uint8_t n;
    bool compatibility;
} UnicodeForm;

typedef struct UnicodeComposition {
    uint32_t first, second, to;
} UnicodeComposition;

typedef struct UnicodeRange {
    uint32_t from, to;
    uint32_t value; /* the canonical combining class */
} UnicodeRange;

extern CLEF_HIDDEN const UnicodeForm unicode_decompositions[] __asm__("clef__unicode_decompositions");
CLEF_PRIVATE_DATA(const size_t, unicode_decompositions_n);
extern CLEF_HIDDEN const uint32_t unicode_pool[] __asm__("clef__unicode_pool");
CLEF_PRIVATE_DATA(const size_t, unicode_pool_n);
extern CLEF_HIDDEN const UnicodeComposition unicode_compositions[] __asm__("clef__unicode_compositions");
CLEF_PRIVATE_DATA(const size_t, unicode_compositions_n);
extern CLEF_HIDDEN const UnicodeRange unicode_combining[] __asm__("clef__unicode_combining");
CLEF_PRIVATE_DATA(const size_t, unicode_combining_n);
extern CLEF_HIDDEN const UnicodeRange unicode_alnum[] __asm__("clef__unicode_alnum");
CLEF_PRIVATE_DATA(const size_t, unicode_alnum_n);

#endif
