/* double.h: the text of doubles is base's (decimals and logs need it too); this is where the codecs look for it. */
#ifndef CLEF_CODEC_DOUBLE_H
#define CLEF_CODEC_DOUBLE_H

#include <clef/base/double.h>

#endif
