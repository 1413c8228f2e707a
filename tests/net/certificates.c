#include "certificates.h"

#include <clef/test.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <sys/stat.h>

static EVP_PKEY *authority_key;
static X509 *authority;

static void set_name(X509 *x, const char *name)
{
    X509_NAME *n = X509_get_subject_name(x);
    REQUIRE(X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0) == 1);
}

static void add(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX cx;
    X509V3_set_ctx(&cx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &cx, nid, value);
    REQUIRE(e && X509_add_ext(x, e, -1) == 1);
    X509_EXTENSION_free(e);
}

static X509 *make(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *issuer_key, const CertificateOptions *o)
{
    static long serial = 1;
    X509 *x = X509_new();
    REQUIRE(x && X509_set_version(x, 2) == 1);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
    X509_gmtime_adj(X509_getm_notBefore(x), o->from ? o->from : -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), o->until ? o->until : 86400);
    set_name(x, name);
    if (!issuer)
        issuer = x;
    X509_set_issuer_name(x, X509_get_subject_name(issuer));
    X509_set_pubkey(x, key);
    if (o->names)
        add(x, issuer, NID_subject_alt_name, o->names);
    else
        add(x, issuer, NID_basic_constraints, "critical,CA:TRUE");
    REQUIRE(X509_sign(x, issuer_key, EVP_sha256()) > 0);
    return x;
}

static void write_certificate(X509 *x, const char *file)
{
    FILE *f = fopen(test_file(file, STR("")), "w");
    REQUIRE(f && PEM_write_X509(f, x) == 1);
    fclose(f);
}

static void write_key(EVP_PKEY *key, const char *file)
{
    const char *path = test_file(file, STR(""));
    FILE *f = fopen(path, "w");
    REQUIRE(f && PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1);
    fclose(f);
    REQUIRE(chmod(path, 0600) == 0);
}

static void end(void *arg)
{
    (void)arg;
    X509_free(authority);
    EVP_PKEY_free(authority_key);
    authority = NULL;
    authority_key = NULL;
}

static void need_authority(void)
{
    if (authority)
        return;
    authority_key = EVP_EC_gen("P-256");
    REQUIRE(authority_key != NULL);
    authority = make(authority_key, "Test Authority", NULL, authority_key, &(CertificateOptions){ 0 });
    write_certificate(authority, "authority.crt");
    arena_defer(test_arena(), end, NULL);
}

Str certificate_authority(void)
{
    need_authority();
    return str_format(test_arena(), "%s/authority.crt", test_dir());
}

const char *certificate_make(const char *name, const CertificateOptions *o)
{
    need_authority();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    REQUIRE(key != NULL);
    X509 *x = o->strange ? make(key, name, NULL, key, o) : make(key, name, authority, authority_key, o);
    write_certificate(x, str_format(test_arena(), "%s.crt", name).p);
    write_key(key, str_format(test_arena(), "%s.key", name).p);
    X509_free(x);
    EVP_PKEY_free(key);
    return str_format(test_arena(), "%s/%s", test_dir(), name).p;
}

Str certificate_path(const char *base, const char *ending) { return str_format(test_arena(), "%s%s", base, ending); }
