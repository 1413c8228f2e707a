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

/*
 * The text without its tags, comments and declarations (Django's strip_tags): again and again while that takes tags away.
 * No guarantee of safe markup: escape the result. False for text that hides tags within tags more than HTML_STRIP_DEPTH
 * levels deep.
 */
#define HTML_STRIP_DEPTH 50u
CLEF_API(bool, html_strip_tags, Arena *a, Str s, Str *out) CLEF_MUST_USE;
/* White space between a '>' and a '<' taken away. */
CLEF_API(bool, html_strip_spaces_add, Buf *out, Str s);
/* Paragraphs and line breaks of text as <p> and <br>, and only as <br>; escaped when `escape` says so. */
CLEF_API(bool, html_linebreaks_add, Buf *out, Str s, bool escape);
CLEF_API(bool, html_linebreaksbr_add, Buf *out, Str s, bool escape);
/* For a string of a script: what could end it, or the script, as \uXXXX. */
CLEF_API(bool, html_escapejs_add, Buf *out, Str s);
/* JSON text in a <script>, with < > & as \uXXXX; a NULL `id`: none. */
CLEF_API(bool, html_json_script_add, Buf *out, Str json, SafeStr id);

/*
 * The two halves of html_escape_add, for writers that look after the room themselves. html_put_clean copies s to `to`
 * (room for s.n bytes and a NUL) and returns where it ended; NULL, and an empty text there, when something has to be
 * escaped: that is what html_escape_runs is for.
 */
CLEF_API(char *, html_put_clean, char *to, Str s);
CLEF_API(bool, html_escape_runs, Buf *out, Str s);

/* In the arena. Text without one of the five characters (without &) is returned as it is, not copied. */
CLEF_API(SafeStr, html_escape, Arena *a, Str s);
CLEF_API(Str, html_unescape, Arena *a, Str s);

#endif
