/* domain.h: parts of domain names. */
#ifndef CODEC_DOMAIN_H
#define CODEC_DOMAIN_H

#include <clef/base/str.h>

/* Labels of 1 to 63 letters, digits and inner hyphens between dots; one is enough. */
CLEF_PRIVATE(bool, domain_labels_are_valid, Str name) CLEF_PURE;

#endif
