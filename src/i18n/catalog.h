/* catalog.h: inside of catalogues. */
#ifndef I18N_CATALOG_H
#define I18N_CATALOG_H

#include "i18n/locale_data.h"
#include <clef/i18n/catalog.h>

typedef struct CatalogEntry {
    Str key;   /* msgid, its context in front; without the plural */
    Str forms; /* with NUL between */
    bool plural;
} CatalogEntry;

struct Catalog {
    const PluralForms *plural;
    const LocaleRow *row; /* Clef's own messages, and */
    const char *texts;    /* its texts, unpacked (NULL: there was no memory); else: */
    const CatalogEntry *entries;
    const uint32_t *slots; /* of a hash table: 0 or the index of an entry plus 1 */
    uint32_t nentries, mask;
    Str header;
};

/* Clef's own catalogue of that row. */
CLEF_PRIVATE(const Catalog *, catalog_of_row, Arena *a, const LocaleRow *row);

#endif
