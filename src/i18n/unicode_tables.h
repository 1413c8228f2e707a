/* unicode_tables.h: what tools/unicode_case.py makes of the Unicode data: sorted by code point, above ASCII only. */
#ifndef I18N_UNICODE_TABLES_H
#define I18N_UNICODE_TABLES_H

#include <clef/base/api.h>

typedef struct UnicodePair {
    uint32_t from, to;
} UnicodePair;

typedef enum UnicodeCase { UNICODE_LOWER, UNICODE_UPPER, UNICODE_TITLE } UnicodeCase;

/* A character that becomes several. */
typedef struct UnicodeSpecial {
    uint32_t from;
    uint32_t kind; /* UnicodeCase */
    const char *text;
} UnicodeSpecial;

/* What NFKD leaves in ASCII. */
typedef struct UnicodeAscii {
    uint32_t from;
    char text[12];
} UnicodeAscii;

extern CLEF_HIDDEN const UnicodePair unicode_lower[] __asm__("clef__unicode_lower");
CLEF_PRIVATE_DATA(const size_t, unicode_lower_n);
extern CLEF_HIDDEN const UnicodePair unicode_upper[] __asm__("clef__unicode_upper");
CLEF_PRIVATE_DATA(const size_t, unicode_upper_n);
/* Where it differs from the upper case. */
extern CLEF_HIDDEN const UnicodePair unicode_title[] __asm__("clef__unicode_title");
CLEF_PRIVATE_DATA(const size_t, unicode_title_n);
extern CLEF_HIDDEN const UnicodeSpecial unicode_special[] __asm__("clef__unicode_special");
CLEF_PRIVATE_DATA(const size_t, unicode_special_n);
extern CLEF_HIDDEN const UnicodeAscii unicode_ascii[] __asm__("clef__unicode_ascii");
CLEF_PRIVATE_DATA(const size_t, unicode_ascii_n);

#endif
