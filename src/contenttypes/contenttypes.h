/* contenttypes.h: what the files of this domain know of each other. */
#ifndef CONTENTTYPES_CONTENTTYPES_H
#define CONTENTTYPES_CONTENTTYPES_H

#include <clef/contenttypes.h>
#include <clef/migrations.h>

/* cache.c: rows that were read, for the rest of the process. The alias is never empty. */
CLEF_PRIVATE(ContentType *, cached_by_id, Str alias, int64_t id);
CLEF_PRIVATE(ContentType *, cached_by_name, Str alias, Str app_label, Str model);
/* Keeps a copy; what is kept already stays. */
CLEF_PRIVATE(ContentType *, cached_keep, Str alias, const ContentType *type);

/* migrations.c */
CLEF_PRIVATE_DATA(const Migration, contenttypes_0001);
CLEF_PRIVATE_DATA(const Migration, contenttypes_0002);

#endif
