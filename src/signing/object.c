/* object.c: values as signed texts. */
#include "signing/signer.h"
#include <clef/codec/base64.h>
#include <clef/codec/gzip.h>
#include <clef/codec/json.h>

#define DUMPS_SALT STR("django.core.signing")

static bool pack(Buf *out, Arena *a, Value v, bool compress)
{
    Buf json = BUF_INIT(a, SIGNED_OBJECT_MAX);
    if (!json_write(&json, v, (JsonStyle){ .compact = true }))
        return false;
    Str data = buf_view(&json);
    if (compress) {
        Buf small = BUF_INIT(a, SIGNED_OBJECT_MAX + 1024);
        if (gzip_compress(&small, data, (GzipOptions){ .format = GZIP_ZLIB, .zlib = true }) && small.n + 1 < data.n) {
            data = buf_view(&small);
            buf_byte(out, '.');
        }
    }
    return base64_add(out, data, BASE64_URL | BASE64_UNPADDED);
}

static bool unpack(Arena *a, Str text, Value *v, SignatureError *error)
{
    bool compressed = str_starts(text, STR("."));
    Buf data = BUF_INIT(a, SIGNED_OBJECT_MAX);
    if (!base64_decode_add(&data, str_from_byte(text, compressed), BASE64_URL | BASE64_UNPADDED))
        return signature_refused(error, STR("The signed value is no base64"));
    Str json = buf_view(&data);
    Buf unfolded = BUF_INIT(a, SIGNED_OBJECT_MAX);
    if (compressed) {
        GzipOutcome outcome = gzip_decompress(&unfolded, json, GZIP_ZLIB, SIGNED_OBJECT_MAX);
        if (outcome != GZIP_OK)
            return signature_refused(error, str_format(a, "The signed value: %s", gzip_outcome_text(outcome)));
        json = buf_view(&unfolded);
    }
    JsonError e;
    if (!json_read(a, json, (JsonOptions){ .replace_surrogates = true, .borrow = true }, v, &e))
        return signature_refused(error, json_error_text(a, &e));
    return true;
}

Str signer_sign_object(Arena *a, const Signer *s, Value v, bool compress)
{
    Buf b = BUF_INIT(a, SIGNED_OBJECT_MAX * 2);
    return pack(&b, a, v, compress) ? signer_sign(a, s, buf_view(&b)) : (Str){ 0 };
}

bool signer_unsign_object(Arena *a, const Signer *s, Str text, Value *v, SignatureError *error)
{
    Str packed;
    return signer_unsign(a, s, text, &packed, error) && unpack(a, packed, v, error);
}

Str signing_dumps(Arena *a, const Signer *signer, Value v, bool compress)
{
    Signer s = signer_with_salt(signer, DUMPS_SALT);
    Buf b = BUF_INIT(a, SIGNED_OBJECT_MAX * 2);
    return pack(&b, a, v, compress) ? signer_sign_timed(a, &s, buf_view(&b)) : (Str){ 0 };
}

bool signing_loads(Arena *a, const Signer *signer, Str text, double max_age, Value *v, SignatureError *error)
{
    Signer s = signer_with_salt(signer, DUMPS_SALT);
    Str packed;
    return signer_unsign_timed(a, &s, text, max_age, &packed, error) && unpack(a, packed, v, error);
}
