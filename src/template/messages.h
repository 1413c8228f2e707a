/* messages.h: the messages of a template's text, for makemessages. */
#ifndef TEMPLATE_MESSAGES_H
#define TEMPLATE_MESSAGES_H

#include <clef/rt/context.h>

/*
 * The template as Python for xgettext, line for line: calls of gettext, ngettext, pgettext and npgettext with the
 * msgids that the template looks up when it is rendered, and comments for translators. `file` is its name in errors.
 * Raises 500 "template_messages" where a translated block has other tags. *warnings: lines about comments that nobody
 * will see.
 */
CLEF_PRIVATE(Str, template_messages, Context *cx, Str file, Str source, Str *warnings);

#endif
