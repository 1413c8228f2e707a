/*
 * catalog.h: translated messages, from GNU gettext's .mo files (format revision 0.x and 1.x, either byte order), as
 * msgfmt and Django's compilemessages write them. A catalogue is read-only: any thread may use it.
 *
 * A message is found by its msgid, and by its context where it has one (pgettext): the two stand in the file with a byte 4
 * between. A message with a plural has several forms; which one a number takes says the catalogue's Plural-Forms header.
 */
#ifndef CLEF_I18N_CATALOG_H
#define CLEF_I18N_CATALOG_H

#include <clef/i18n/plural.h>

typedef struct Catalog Catalog;

typedef enum CatalogOutcome {
    CATALOG_OK,
    CATALOG_NOT_MO,      /* no .mo file, or of an unknown revision */
    CATALOG_DAMAGED,     /* a table or a text lies outside of the file, or does not end */
    CATALOG_BAD_CHARSET, /* its header names an encoding other than UTF-8 (or ASCII) */
    CATALOG_BAD_PLURAL,  /* its header's plural expression cannot be read */
    CATALOG_TOO_LARGE,   /* beyond CATALOG_FILE_MAX bytes or CATALOG_MESSAGES_MAX messages */
} CatalogOutcome;

#define CATALOG_FILE_MAX     ((size_t)64 << 20)
#define CATALOG_MESSAGES_MAX ((uint32_t)1 << 20)

/* The bytes of `file` are borrowed: they must live as long as the catalogue. Ill-formed UTF-8 is let through. */
CLEF_API(CatalogOutcome, catalog_read, Arena *a, Str file, const Catalog **out) CLEF_MUST_USE;
/* A sentence for people. */
CLEF_API(const char *, catalog_outcome_text, CatalogOutcome outcome) CLEF_NONNULL;

CLEF_API(size_t, catalog_count, const Catalog *c);
/* The header of that name ("Plural-Forms", "Last-Translator"; ASCII case does not matter); empty when there is none. */
CLEF_API(Str, catalog_header, const Catalog *c, Str name);

/* `context` with p NULL: none. False, and *out unchanged, when the message is not translated. A message with a plural gives
 * its form for 1. */
CLEF_API(bool, catalog_find, const Catalog *c, Str context, Str msgid, Str *out) CLEF_MUST_USE;
/* The form for n of a message with a plural; its msgid is the singular. */
CLEF_API(bool, catalog_find_plural, const Catalog *c, Str context, Str msgid, int64_t n, Str *out) CLEF_MUST_USE;

#endif
