/* certificates.h: certificates made for one test, in its folder. Keys are on the curve P-256. */
#ifndef CLEF_TESTS_NET_CERTIFICATES_H
#define CLEF_TESTS_NET_CERTIFICATES_H

#include <clef/base/str.h>

typedef struct CertificateOptions {
    const char *names; /* subjectAltName: "DNS:localhost,IP:127.0.0.1" */
    long from, until;  /* seconds from now; 0: since an hour, for a day */
    bool strange;      /* signed by itself instead of the test's authority */
} CertificateOptions;

/* Writes NAME.crt and NAME.key, and returns the paths without the ending. */
const char *certificate_make(const char *name, const CertificateOptions *o);
/* The authority's certificate. */
Str certificate_authority(void);
Str certificate_path(const char *base, const char *ending);

#endif
