/*
 * host.h: host names and addresses, as the Host header and redirect targets bring them, and the checks that Django makes
 * of them (django.http.request and django.utils.http, whose names are kept), and the text of IP addresses.
 */
#ifndef CLEF_CODEC_HOST_H
#define CLEF_CODEC_HOST_H

#include <clef/base/str.h>

/*
 * "host[:port]" as a request may name it: letters, digits, dots and hyphens, or an IPv6 address in brackets; then
 * optional digits. *domain is lower case without a final dot, *port "" where there is none. False, and both empty, for
 * anything else.
 */
CLEF_API(bool, split_domain_port, Arena *a, Str host, Str *domain, Str *port);

/* `pattern` is a name, or ".example.com" for that name and all below it. `host` is lower case. */
CLEF_API(bool, is_same_domain, Str host, Str pattern) CLEF_PURE;
/* Whether one of the patterns, or "*", allows the domain (lower case, no port). */
CLEF_API(bool, validate_host, Str domain, const Str *patterns, size_t n) CLEF_PURE;

/* The longest URL, in characters, that url_has_allowed_host_and_scheme judges. */
enum { URL_LENGTH_MAX = 2048 };
/*
 * Whether a redirect to `url` stays on one of the hosts ("name" or "name:port") and is http or https (or neither); the
 * check behind every `next` parameter. With `require_https`, http is refused. Reads the URL as browsers do, with a
 * backslash for a slash too, and refuses what they read differently. False for the empty URL.
 */
CLEF_API(bool, url_has_allowed_host_and_scheme, Arena *scratch, Str url, const Str *hosts, size_t n,
         bool require_https);

/* Dotted decimal, four numbers up to 255 without leading zeros. */
CLEF_API(bool, ip4_parse, Str text, uint8_t out[4]);
/*
 * RFC 4291 text, with an IPv4 tail too, no zone, no brackets. Text of more than IP6_TEXT_MAX characters may be an address
 * (with an IPv4 tail), but Django's fields refuse it.
 */
enum { IP6_TEXT_MAX = 39 };
CLEF_API(bool, ip6_parse, Str text, uint8_t out[16]);
/*
 * An address as Django's fields and validators take it: IP6_TEXT_MAX characters at most, and RFC 4007's zone ("%eth0") may
 * stand behind it, which is left out.
 */
CLEF_API(bool, ip6_parse_field, Str text, uint8_t out[16]);
/*
 * RFC 5952 text: lower case, the longest run of zeros as "::". An IPv4-mapped address is written "::ffff:1.2.3.4", or
 * "1.2.3.4" with `unpack_ipv4`.
 */
CLEF_API(Str, ip6_format, Arena *a, const uint8_t address[16], bool unpack_ipv4);

#endif
