/* mo.h: .mo files made for tests. */
#ifndef TESTS_I18N_MO_H
#define TESTS_I18N_MO_H

#include <clef/base/buf.h>

/* A message as it stands in the file; n counts the NULs inside ("one\0many"). */
typedef struct MoMessage {
    Str id, text;
} MoMessage;
/* With `swapped`, in the other byte order. */
CLEF_PRIVATE(Str, mo_make, Arena *a, const MoMessage *messages, size_t n, bool swapped);
#define MO_MAKE(a, ...) \
    mo_make((a), (const MoMessage[]){ __VA_ARGS__ }, CLEF_COUNT(((MoMessage[]){ __VA_ARGS__ })), false)

#endif
