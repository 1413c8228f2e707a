/*
 * html.h: text into markup and back. html_escape writes & < > " ' as Django's escape() does (&amp; &lt; &gt; &quot;
 * &#x27;), so that the result may stand in an element or in a quoted attribute; html_unescape reads character references
 * as Python's html.unescape() and the HTML standard do: numeric ones with the standard's replacements, and the 2,231 named
 * ones, the longest name that matches, with or without the semicolon where the standard allows that.
 */
#ifndef CLEF_CODEC_HTML_H
#define CLEF_CODEC_HTML_H

#include <clef/base/buf.h>

/* Appends. False when the Buf's maximum is passed; then a part of s may have been appended. */
CLEF_API(bool, html_escape_add, Buf *out, Str s);
CLEF_API(bool, html_unescape_add, Buf *out, Str s);

/* In the arena. Text without one of the five characters (without &) is returned as it is, not copied. */
CLEF_API(SafeStr, html_escape, Arena *a, Str s);
CLEF_API(Str, html_unescape, Arena *a, Str s);

#endif
