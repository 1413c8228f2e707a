/* http1_head.h: what the files of the head parser and the chunk decoder offer each other. */
#ifndef CLEF_CODEC_HTTP1_HEAD_H
#define CLEF_CODEC_HTTP1_HEAD_H

#include "codec/http1_names.h"

/*
 * The header line at s, up to its LF; returns the next line's place, or NULL with *reason set. Bytes behind the end of
 * the buffer may be looked at: the caller compares the place returned.
 */
CLEF_PRIVATE(const char *, http1_field, HttpHeader *to, const char *s, Http1Reason *reason);
/* A target that is not in origin form: sets path, query and host. */
CLEF_PRIVATE(bool, http1_target, HttpHead *h, const char *query, Http1Reason *reason) CLEF_COLD;
/* The rules that hold between the headers of a complete head; sets host, framing and connection members. */
CLEF_PRIVATE(Http1Reason, http1_head_rules, Http1Parser *ps, bool request);

#endif
