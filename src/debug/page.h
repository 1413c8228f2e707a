/* page.h: the inside of the pages of development: a page under construction, and its parts. */
#ifndef CLEF_SRC_DEBUG_PAGE_H
#define CLEF_SRC_DEBUG_PAGE_H

#include "base/embedded.h"
#include <clef/base/buf.h>
#include <clef/conf/settings.h>
#include <clef/debug/page.h>

CLEF_PRIVATE_DATA(const EmbeddedFile *const, debug_assets); /* page.css, live.js */

typedef struct DebugPage {
    Buf b;
    Arena *a;
    const Settings *settings;
    bool plain;        /* text instead of HTML */
    const char *table; /* private: the title of the table that is open, and its rows */
    size_t rows;
    Str tail;   /* markup at the end of the body */
    Str footer; /* the last line; empty: that it is shown because of DEBUG */
} DebugPage;

/* --- page.c: markup. Every text that comes from outside goes through page_text. */

CLEF_PRIVATE(void, page_text, DebugPage *p, Str text);
/* The head, up to the open <header>: what kind of thing happened, and what. An empty hint is left out. */
CLEF_PRIVATE(void, page_begin, DebugPage *p, Str kind, Str message, Str hint);
/* A line of the summary; between page_facts_begin and page_facts_end. An empty value is left out. */
CLEF_PRIVATE(void, page_facts_begin, DebugPage *p);
CLEF_PRIVATE(void, page_fact, DebugPage *p, const char *name, Str value);
CLEF_PRIVATE(void, page_facts_end, DebugPage *p);
/* Ends the header; links to the sections: name and title in turn, up to a NULL. Opens <main>. */
CLEF_PRIVATE(void, page_main, DebugPage *p, const char *const *sections);
CLEF_PRIVATE(void, page_section, DebugPage *p, const char *id, const char *title);
CLEF_PRIVATE(void, page_section_end, DebugPage *p);
CLEF_PRIVATE(void, page_preformatted, DebugPage *p, Str text);
/* A table with a title; page_row any number of times. The page says so when there was none. */
CLEF_PRIVATE(void, page_table, DebugPage *p, const char *title);
CLEF_PRIVATE(void, page_row, DebugPage *p, Str name, Str value);
CLEF_PRIVATE(void, page_table_end, DebugPage *p);
/* Closes everything, with a last line about DEBUG. */
CLEF_PRIVATE(Str, page_end, DebugPage *p);

/* --- sections.c */

/* Is the value of that name hidden? */
CLEF_PRIVATE(bool, page_is_secret, const Settings *settings, Str name) CLEF_PURE;
CLEF_PRIVATE(void, page_request, DebugPage *p, Request *r);
/* The headers alone, for a request that cannot be asked any more. */
CLEF_PRIVATE(void, page_head, DebugPage *p, const HttpHead *head);
CLEF_PRIVATE(void, page_settings, DebugPage *p);

/* --- queries.c: what the context asked its databases */
CLEF_PRIVATE(void, page_queries, DebugPage *p, const Context *cx);

/* --- template.c: false (and nothing written) when the error is of no template */
CLEF_PRIVATE(bool, page_template, DebugPage *p, const Error *e);

/* --- frames.c */

/* The frames with their source; `file` and `line` (may be NULL) are the place when the frames do not say it. */
CLEF_PRIVATE(void, page_frames, DebugPage *p, void *const *frames, size_t n, const char *file, int line,
             const char *function);

/* --- live.c: what CLEF_LIVE says when it is digits and letters, which need no escape; else the NULL string */
CLEF_PRIVATE(Str, live_number, void);

/* The same for frames with names. */
CLEF_PRIVATE(void, page_calls, DebugPage *p, const Frame *frames, size_t n);
/* The lines around one of a file, when the file can be read. */
CLEF_PRIVATE(void, page_source, DebugPage *p, const char *file, int line);

/* --- terminal.c: text that was meant for a terminal: its colours as markup, its other codes left out */
CLEF_PRIVATE(void, page_terminal, DebugPage *p, Str text);
/* The text alone. */
CLEF_PRIVATE(Str, terminal_plain, Arena *a, Str text);

/* --- not_found.c */
CLEF_PRIVATE(Str, not_found_page, DebugPage *p, Request *r, const void *conf, const Error *e);

#endif
