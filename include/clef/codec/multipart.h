/*
 * multipart.h: multipart/form-data (RFC 7578, 2046), as a push parser: bytes go in as they arrive, in pieces of any
 * size, and parts come out through three calls, begin, data, end. The events do not depend on how the input was split,
 * save for where one run of data ends and the next begins. Nothing is kept but the headers of the part in hand, and the
 * text of a base64 field.
 *
 * What makes a part is Django's rule: a Content-Disposition with a name is a field, with a file name too it is a file;
 * other parts are passed over. A delimiter is the boundary behind "--" at the start of a line (or of the body), with at
 * most MULTIPART_PADDING blanks behind it up to the end of its line; lines may end in LF alone. The text of a field and
 * its name come as sent: the caller knows the charset.
 *
 *     Str boundary;
 *     if (!multipart_boundary(arena, content_type, &boundary)) ... 400
 *     MultipartParser *p = multipart_create(arena, boundary, &handler, NULL);
 *     while (... bytes ...)
 *         if ((status = multipart_feed(p, bytes)) != MULTIPART_OK) ... see MultipartStatus
 *     status = multipart_finish(p);
 */
#ifndef CLEF_CODEC_MULTIPART_H
#define CLEF_CODEC_MULTIPART_H

#include <clef/codec/header.h>

enum {
    MULTIPART_BOUNDARY_MAX = 201,
    MULTIPART_PADDING = 32,
    /* The defaults of MultipartLimits. */
    MULTIPART_HEADER_BYTES = 1024,
    MULTIPART_HEADERS = 16,
    MULTIPART_FIELDS = 1000,
    MULTIPART_FILES = 100,
    MULTIPART_FIELD_BYTES = 2621440,
};
#define MULTIPART_NO_LIMIT UINT64_MAX

/* 0 stands for the default. The outcome of passing one is in MultipartStatus. */
typedef struct MultipartLimits {
    uint64_t header_bytes; /* of one part, line ends included */
    uint64_t headers;      /* of one part */
    uint64_t fields;       /* parts that are no files; Django's DATA_UPLOAD_MAX_NUMBER_FIELDS */
    uint64_t files;        /* Django's DATA_UPLOAD_MAX_NUMBER_FILES */
    uint64_t field_bytes;  /* of all fields: names, values and 2 for each; DATA_UPLOAD_MAX_MEMORY_SIZE */
} MultipartLimits;

typedef enum MultipartStatus {
    MULTIPART_OK,
    MULTIPART_STOPPED, /* by a call of the handler */
    MULTIPART_HEADER_TOO_BIG,
    MULTIPART_TOO_MANY_HEADERS,
    MULTIPART_TOO_MANY_FIELDS,
    MULTIPART_TOO_MANY_FILES,
    MULTIPART_FIELDS_TOO_BIG,
    MULTIPART_BAD_BASE64, /* a file's; a field's is given as sent */
    MULTIPART_TRUNCATED,  /* of multipart_finish: the closing delimiter is missing; the part in hand had no end */
} MultipartStatus;

typedef struct MultipartPart {
    Str name;         /* without white space around it */
    Str filename;     /* of a file: the last path segment, cleaned (multipart_filename) */
    Str content_type; /* of a file: "text/plain", lower case, "" when not given */
    HeaderValue type; /* the same with its parameters */
    int64_t length;   /* the part's own Content-Length; -1: none */
    bool is_file;
    const HeaderParam *headers; /* all headers: name in lower case, value as sent */
    size_t header_count;
} MultipartPart;

typedef enum MultipartAction {
    MULTIPART_TAKE,
    MULTIPART_SKIP, /* of begin: no data and no end for this part */
    MULTIPART_STOP, /* nothing more for anybody */
} MultipartAction;

/* The part and the data live until the call returns. `data` may come several times, and not at all for an empty part. */
typedef struct MultipartHandler {
    void *arg;
    MultipartAction (*begin)(void *arg, const MultipartPart *part);
    MultipartAction (*data)(void *arg, Str bytes);
    MultipartAction (*end)(void *arg);
} MultipartHandler;

typedef struct MultipartParser MultipartParser;

/* The boundary of a "multipart/..." content type. False for another type, and for a bad boundary or none. */
CLEF_API(bool, multipart_boundary, Arena *a, Str content_type, Str *boundary) CLEF_MUST_USE;

/* `boundary` and *handler are copied; `limits` may be NULL. */
CLEF_API(MultipartParser *, multipart_create, Arena *a, Str boundary, const MultipartHandler *handler,
         const MultipartLimits *limits)
CLEF_NONNULL;
/* Anything but MULTIPART_OK is final: the same comes for all that is fed afterwards. */
CLEF_API(MultipartStatus, multipart_feed, MultipartParser *p, Str bytes) CLEF_MUST_USE;
CLEF_API(MultipartStatus, multipart_finish, MultipartParser *p) CLEF_MUST_USE;

/*
 * A file name as sent, made fit to be shown and stored: character references decoded, directories of either kind of
 * slash cut off, unprintable characters dropped, at most MULTIPART_NAME_MAX characters, of which the last are its
 * extension. NULL for "", "." and "..". It is still the user's choice of name.
 */
#define MULTIPART_NAME_MAX 255u
CLEF_API(Str, multipart_filename, Arena *a, Str filename);

#endif
