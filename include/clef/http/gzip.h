/*
 * gzip.h: a response compressed for a client that takes gzip, by the rules of Django's GZipMiddleware: at least 200 bytes,
 * no Content-Encoding yet, Vary: Accept-Encoding whether compressed or not, a strong ETag becomes weak, nothing is done
 * when it would not get shorter. A random number of bytes in gzip's file name hides the length of the text (the BREACH
 * attack: "Heal the Breach", 2022).
 *
 * A streaming response is compressed as it is written; response_flush hands the client all that was written so far. A
 * FileResponse is compressed while it is read, when it is the whole file and of a type that gets smaller; it then has no
 * ranges. Large bodies are compressed on a thread of the pool, while other requests go on.
 */
#ifndef CLEF_HTTP_GZIP_H
#define CLEF_HTTP_GZIP_H

#include <clef/http/request.h>

enum {
    GZIP_PAGE_MIN = 200,       /* bytes; shorter ones are left alone */
    GZIP_PAGE_OFFLOAD = 65536, /* from here on a thread does it */
    GZIP_PAGE_RANDOM = 100,    /* the file name has fewer bytes than this */
};

/* Whether gzip stands in Accept-Encoding, and is not refused by q=0. */
CLEF_API(bool, request_accepts_gzip, Request *r);
/* Compresses the response where it should be. */
CLEF_API(void, response_gzip, Request *r, Response *response);

#endif
