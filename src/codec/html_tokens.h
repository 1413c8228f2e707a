/*
 * html_tokens.h: markup in pieces, as Python's html.parser.HTMLParser takes it apart (Django's strip_tags and its
 * truncation of markup are built on that). It is no HTML5 tokenizer: what does not look like a tag is text.
 */
#ifndef CODEC_HTML_TOKENS_H
#define CODEC_HTML_TOKENS_H

#include <clef/base/str.h>

typedef enum HtmlTokenKind {
    HTML_TEXT,
    HTML_RAW_TEXT, /* of a script or style: character references are none there */
    HTML_START,
    HTML_START_END, /* <br/> */
    HTML_END,
    HTML_REFERENCE, /* &name or &#123, without a semicolon */
    HTML_OTHER,     /* a comment, a declaration, a processing instruction */
} HtmlTokenKind;

typedef struct HtmlToken {
    HtmlTokenKind kind;
    Str source;
    Str name; /* of a tag, as it is written */
} HtmlToken;

typedef struct HtmlTokens {
    Str s;
    size_t at;
    bool references; /* they are tokens; else they stay in the text */
    bool whole;      /* what is incomplete at the end is text; else it is left out */
    /* private */
    bool closing;
    bool no_close, no_comment_end, no_section_end; /* not found in the rest */
    Str raw;                                       /* the name of the script or style that is open */
} HtmlTokens;

/* False at the end. */
CLEF_PRIVATE(bool, html_tokens_next, HtmlTokens *t, HtmlToken *out);
/* An element without content, which has no end tag: br, img, ... */
CLEF_PRIVATE(bool, html_is_void, Str name);

#endif
