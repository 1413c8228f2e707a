/*
 * url.h: percent-encoding, and URLs taken apart and put together (RFC 3986, in the reading of Python's urllib.parse and
 * Django's django.utils.encoding and django.utils.http, whose names are kept).
 *
 * Text is UTF-8. What has nothing to change is returned as it is, not copied; else the result is new in the arena, of at
 * most three times the length.
 */
#ifndef CLEF_CODEC_URL_H
#define CLEF_CODEC_URL_H

#include <clef/base/buf.h>

/*
 * Percent-encodes every byte that is neither a letter or digit, nor one of _ . - ~, nor one of `safe` (ASCII). Python's
 * quote() has "/" as its default for `safe`. The plus form writes a space as +, as forms do.
 */
CLEF_API(Str, url_quote, Arena *a, Str s, Str safe);
CLEF_API(Str, url_quote_plus, Arena *a, Str s, Str safe);
CLEF_API(bool, url_quote_add, Buf *out, Str s, Str safe);
CLEF_API(bool, url_quote_plus_add, Buf *out, Str s, Str safe);

/*
 * Decodes %XX; a % without two hexadecimal digits stays. url_unquote and url_unquote_plus (+ is a space) give valid UTF-8,
 * with U+FFFD for what is not; url_unquote_bytes gives the bytes.
 */
CLEF_API(Str, url_unquote, Arena *a, Str s);
CLEF_API(Str, url_unquote_plus, Arena *a, Str s);
CLEF_API(Str, url_unquote_bytes, Arena *a, Str s);

/* An IRI as a URI: what a URI may not hold is percent-encoded, escapes and reserved characters stay. */
CLEF_API(Str, iri_to_uri, Arena *a, Str iri);
/* The other way: escapes of unreserved characters and of valid UTF-8 are decoded, all others stay. NULL stays NULL. */
CLEF_API(Str, uri_to_iri, Arena *a, Str uri);
/* Percent-encodes the bytes that are no valid UTF-8. */
CLEF_API(Str, repercent_broken_unicode, Arena *a, Str path);
/* A path as it may stand in a URL: all but ; = ? and the unsafe is kept. */
CLEF_API(Str, escape_uri_path, Arena *a, Str path);
/* A file's path as a URL's: a backslash becomes a slash. */
CLEF_API(Str, filepath_to_uri, Arena *a, Str path);
/* "//host" becomes "/%2Fhost", so that a redirect to a path stays on this host. */
CLEF_API(Str, escape_leading_slashes, Arena *a, Str url);

/* What urlsplit gives. The parts are text as it stood; a part that is missing is empty. */
typedef struct UrlParts {
    Str scheme; /* lower case */
    Str netloc; /* [user[:password]@]host[:port] */
    Str path;
    Str query;    /* without ? */
    Str fragment; /* without # */
} UrlParts;

/*
 * Takes a URL apart as Python's urlsplit: leading controls and spaces, and every tab, CR and LF, are taken out first.
 * False for brackets that do not hold an IPv6 (or IPvFuture) address, and for a host with characters that become
 * / ? # @ : under NFKC.
 */
CLEF_API(bool, url_split, Arena *a, Str url, UrlParts *out) CLEF_MUST_USE;
/* The URL of the parts (Python's urlunsplit). */
CLEF_API(Str, url_unsplit, Arena *a, const UrlParts *parts);
/* A reference resolved against a base (Python's urljoin). False when either cannot be taken apart. */
CLEF_API(bool, url_join, Arena *a, Str base, Str reference, Str *out) CLEF_MUST_USE;

typedef struct UrlAuthority {
    Str user, password; /* NULL: none; still percent-encoded */
    Str host;           /* lower case (not the zone), without brackets; NULL: none */
    int32_t port;       /* -1: none */
} UrlAuthority;
/* Takes UrlParts.netloc apart. False for a port that is no number up to 65535. */
CLEF_API(bool, url_authority, Arena *a, Str netloc, UrlAuthority *out) CLEF_MUST_USE;

/*
 * The path with empty and "." segments gone and ".." resolved, without leading slash: what may be joined to a directory.
 * A trailing slash stays. False, and nothing else, when ".." leaves the root or a NUL or backslash is in it. Decode
 * percent escapes before.
 */
CLEF_API(bool, url_path_inside, Arena *a, Str path, Str *out) CLEF_MUST_USE;
/* RFC 3986, 5.2.4: dot segments resolved, ".." at the root dropped; empty segments stay. */
CLEF_API(Str, url_remove_dots, Arena *a, Str path);

#endif
