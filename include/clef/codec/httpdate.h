/*
 * httpdate.h: dates as HTTP, cookies and mail write them.
 *
 * - HTTP (RFC 9110 section 5.6.7) writes IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT", and reads three forms: that,
 *   RFC 850's "Sunday, 06-Nov-94 08:49:37 GMT" and asctime's "Sun Nov  6 08:49:37 1994".
 * - A cookie's Expires is written as IMF-fixdate as well, and read by the lenient rules of RFC 6265 section 5.1.1.
 * - Mail (RFC 5322) writes "Sun, 06 Nov 1994 08:49:37 +0100".
 *
 * All have whole seconds; a fraction is cut.
 */
#ifndef CLEF_CODEC_HTTPDATE_H
#define CLEF_CODEC_HTTPDATE_H

#include <clef/base/datetime.h>

#define HTTPDATE_LEN 29
/* A cookie's date that is longer than this is not read. */
#define COOKIEDATE_MAX 256

/* IMF-fixdate: HTTPDATE_LEN bytes at p, no terminator. Some 40 ns. */
CLEF_API(void, httpdate_format, DateTime t, char p[static HTTPDATE_LEN]);
CLEF_API(bool, buf_httpdate, Buf *b, DateTime t);
/*
 * Django's parse_http_date. As there the name of the day is not compared with the date, and a year below 100 (two digits,
 * or "00" before them) is the one of now's century unless that is more than 50 years ahead of `now`, then of the one
 * before. PARSE_OUT_OF_RANGE for a date or a time that does not exist, a leap second included.
 */
CLEF_API(ParseOutcome, httpdate_parse, Str s, DateTime now, DateTime *out) CLEF_MUST_USE;

/* The value of a cookie's Expires. False when the rules of RFC 6265 find no date in it. */
CLEF_API(bool, cookiedate_parse, Str s, DateTime *out) CLEF_MUST_USE;

/*
 * Python's email.utils.format_datetime: the wall time and the offset as +HHMM (its seconds are dropped). An instant that
 * at this offset falls out of the years 1 to 9999 is written in UTC. A naive time has "-0000", no zone known.
 */
CLEF_API(bool, buf_maildate, Buf *b, DateTime t, int32_t offset);
CLEF_API(bool, buf_maildate_naive, Buf *b, NaiveDateTime t);

#endif
