/*
 * mime.h: media types by file name, as Python's mimetypes.guess_file_type with its built-in tables and the formats that
 * the web has added since. Nothing is read from the system, so that every machine gives the same answer.
 */
#ifndef CLEF_CODEC_MIME_H
#define CLEF_CODEC_MIME_H

#include <clef/base/str.h>

/*
 * The type of a path by its extension (in any case), or the NULL string. *encoding becomes "gzip" for "x.tar.gz" and
 * ".tgz", "compress", "bzip2", "xz", "br" likewise, else the NULL string; it may be NULL.
 */
CLEF_API(Str, mime_guess, Str path, Str *encoding);
/* The first extension in the table for a type, with its dot, or the NULL string. Common ones come first: ".jpg". */
CLEF_API(Str, mime_extension, Str type) CLEF_PURE;
/*
 * Whether content of this type is text whose charset belongs into Content-Type: text/..., JavaScript, JSON, XML and what
 * ends in +json or +xml. Parameters behind a ; are ignored.
 */
CLEF_API(bool, mime_is_text, Str type) CLEF_PURE;

#endif
