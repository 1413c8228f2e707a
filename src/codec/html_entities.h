/* html_entities.h: the table of named character references, ordered by name. */
#ifndef CLEF_CODEC_HTML_ENTITIES_H
#define CLEF_CODEC_HTML_ENTITIES_H

#include <clef/base/api.h>

enum { HTML_ENTITIES = 2231, HTML_ENTITY_NAME_MAX = 32 };

typedef const char HtmlEntityText[];
typedef const uint16_t HtmlEntityAt[HTML_ENTITIES];

/* For each reference its name (without &, the semicolon included where it is part of it), a 0, its UTF-8 text, a 0. */
CLEF_PRIVATE_DATA(HtmlEntityText, html_entity_text);
/* Where the i-th begins. */
CLEF_PRIVATE_DATA(HtmlEntityAt, html_entity_at);

#endif
