/*
 * email.h: what an address of electronic mail looks like, by the rules of Django's EmailValidator: a dot-atom or a
 * quoted string, "@", and a domain name (in any script) or an IP address in brackets. Whether the address exists, only
 * a mail can tell.
 */
#ifndef CLEF_CODEC_EMAIL_H
#define CLEF_CODEC_EMAIL_H

#include <clef/base/str.h>

/* In characters. */
#define EMAIL_LENGTH_MAX 320u

/* `domains` are allowed as they are, beside the well-formed ones: Django's default is "localhost". */
CLEF_API(bool, email_is_valid, Str address, const Str *domains, size_t n);
/* Two labels and more; the last one has no digits, or is punycode. */
CLEF_API(bool, domain_name_is_valid, Str name) CLEF_PURE;

#endif
