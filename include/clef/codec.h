/* codec.h: bytes in, bytes out: the formats that a web program reads and writes. */
#ifndef CLEF_CODEC_H
#define CLEF_CODEC_H

#include <clef/codec/accept.h>
#include <clef/codec/base64.h>
#include <clef/codec/charset.h>
#include <clef/codec/cookie.h>
#include <clef/codec/crypto.h>
#include <clef/codec/email.h>
#include <clef/codec/gzip.h>
#include <clef/codec/header.h>
#include <clef/codec/host.h>
#include <clef/codec/html.h>
#include <clef/codec/http1.h>
#include <clef/codec/httpdate.h>
#include <clef/codec/json.h>
#include <clef/codec/mime.h>
#include <clef/codec/multipart.h>
#include <clef/codec/query.h>
#include <clef/codec/url.h>

#endif
