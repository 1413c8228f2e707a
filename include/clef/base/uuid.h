/* uuid.h: universally unique identifiers (RFC 9562), by value. {0} is the nil UUID. */
#ifndef CLEF_BASE_UUID_H
#define CLEF_BASE_UUID_H

#include <clef/base/str.h>

typedef struct Uuid {
    uint8_t b[16]; /* in the order of the text */
} Uuid;

#endif
