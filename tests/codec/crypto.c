#include <clef/base.h>
#include <clef/codec/base64.h>
#include <clef/codec/crypto.h>
#include <clef/test.h>

static Str hex(const uint8_t *p, size_t n) { return hex_encode(test_arena(), str_from((const char *)p, n)); }
static Str unhex(const char *text)
{
    Str out = { 0 };
    REQUIRE(hex_decode(test_arena(), str_c(text), &out));
    return out;
}

/*
 * What Python's hashlib and hmac say of "The quick brown fox jumps over the lazy dog", of "", and of the HMAC under
 * "key".
 */
static const struct {
    Digest d;
    const char *name;
    Str fox, empty, hmac;
} known[] = {
    { DIGEST_SHA256, "sha256", STR("d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592"),
      STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      STR("f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8") },
    { DIGEST_SHA224, "sha224", STR("730e109bd7a8a32b1cb9d9a09aa2325d2430587ddbc0c38bad911525"),
      STR("d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f"),
      STR("88ff8b54675d39b8f72322e65ff945c52d96379988ada25639747e69") },
    { DIGEST_SHA384, "sha384",
      STR("ca737f1014a48f4c0b6dd43cb177b0afd9e5169367544c494011e3317dbf9a509cb1e5dc1e85a941bbee3d7f2afbc9b1"),
      STR("38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b"),
      STR("d7f4727e2c0b39ae0f1e40cc96f60242d5b7801841cea6fc592c5d3e1ae50700582a96cf35e1e554995fe4e03381c237") },
    { DIGEST_SHA512, "sha512",
      STR("07e547d9586f6a73f73fbac0435ed76951218fb7d0c8d788a309d785436bbb642e93a252a954f23912547d1e8a3b5ed6e1bfd7097821"
          "233fa0538f3db854fee6"),
      STR("cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd4741"
          "7a81a538327af927da3e"),
      STR("b42af09057bac1e2d41708e48a902e09b5ff7f12ab428a4fe86653c73dd248fb82f948a549f7b791a5b41915ee4d1ec3935357e4e231"
          "7250d0372afa2ebeeb3a") },
    { DIGEST_SHA3_224, "sha3_224", STR("d15dadceaa4d5d7bb3b48f446421d542e08ad8887305e28d58335795"),
      STR("6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7"),
      STR("ff6fa8447ce10fb1efdccfe62caf8b640fe46c4fb1007912bf85100f") },
    { DIGEST_SHA3_256, "sha3_256", STR("69070dda01975c8c120c3aada1b282394e7f032fa9cf32f4cb2259a0897dfc04"),
      STR("a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"),
      STR("8c6e0683409427f8931711b10ca92a506eb1fafa48fadd66d76126f47ac2c333") },
    { DIGEST_SHA3_384, "sha3_384",
      STR("7063465e08a93bce31cd89d2e3ca8f602498696e253592ed26f07bf7e703cf328581e1471a7ba7ab119b1a9ebdf8be41"),
      STR("0c63a75b845e4f7d01107d852e4c2485c51a50aaaa94fc61995e71bbee983a2ac3713831264adb47fb6bd1e058d5f004"),
      STR("aa739ad9fcdf9be4a04f06680ade7a1bd1e01a0af64accb04366234cf9f6934a0f8589772f857681fcde8acc256091a2") },
    { DIGEST_SHA3_512, "sha3_512",
      STR("01dedd5de4ef14642445ba5f5b97c15e47b9ad931326e4b0727cd94cefc44fff23f07bf543139939b49128caf436dc1bdee54fcb2402"
          "3a08d9403f9b4bf0d450"),
      STR("a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a615b2123af1f5f94c11e3e9402c3ac558f500199d95b6"
          "d3e301758586281dcd26"),
      STR("237a35049c40b3ef5ddd960b3dc893d8284953b9a4756611b1b61bffcf53edd979f93547db714b06ef0a692062c609b70208ab8d4a28"
          "0ceee40ed8100f293063") },
    { DIGEST_BLAKE2B, "blake2b",
      STR("a8add4bdddfd93e4877d2746e62817b116364a1fa7bc148d95090bc7333b3673f82401cf7aa2e4cb1ecd90296e3f14cb5413f8ed77be"
          "73045b13914cdcd6a918"),
      STR("786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419d25e1031afee585313896444934eb04b903a685b1448"
          "b755d56f701afe9be2ce"),
      STR("92294f92c0dfb9b00ec9ae8bd94d7e7d8a036b885a499f149dfe2fd2199394aaaf6b8894a1730cccb2cd050f9bcf5062a38b51b0dab3"
          "3207f8ef35ae2c9df51b") },
    { DIGEST_BLAKE2S, "blake2s", STR("606beeec743ccbeff6cbcdf5d5302aa855c256c29b88c8ed331ea1a6bf3c8812"),
      STR("69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9"),
      STR("f93215bb90d4af4c3061cd932fb169fb8bb8a91d0b4022baea1271e1323cd9a0") },
    { DIGEST_SHA1, "sha1", STR("2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"),
      STR("da39a3ee5e6b4b0d3255bfef95601890afd80709"), STR("de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9") },
    { DIGEST_MD5, "md5", STR("9e107d9d372bb6826bd81d3542a419d6"), STR("d41d8cd98f00b204e9800998ecf8427e"),
      STR("80070713463e7749b90c2dc24911e275") },
};
static const Str fox = STR("The quick brown fox jumps over the lazy dog");

TEST(crypto, digests_and_hmacs)
{
    Arena *a = test_arena();
    CHECK_EQ(CLEF_COUNT(known), DIGESTS);
    for (size_t i = 0; i < CLEF_COUNT(known); i++) {
        uint8_t out[DIGEST_MAX];
        Digest d = known[i].d, found;
        size_t n = digest_size(d);
        CHECK_STR(str_c(digest_name(d)), str_c(known[i].name));
        REQUIRE(digest_by_name(str_c(known[i].name), &found));
        CHECK_EQ(found, d);
        REQUIRE(digest_bytes(d, fox, out));
        CHECK_STR(hex(out, n), known[i].fox);
        REQUIRE(digest_bytes(d, (Str){ 0 }, out));
        CHECK_STR(hex(out, n), known[i].empty);
        REQUIRE(hmac_bytes(d, STR("key"), fox, out));
        CHECK_STR(hex(out, n), known[i].hmac);
        Hasher *h = hasher_create(a, d);
        HmacKey *k = hmac_key_create(a, d, STR("key"));
        REQUIRE(h && k);
        for (int round = 0; round < 3; round++) {
            for (size_t at = 0; at < fox.n; at += 5)
                CHECK(hasher_add(h, str_slice(fox, at, at + 5)));
            REQUIRE(hasher_end(h, out));
            CHECK_STR(hex(out, n), known[i].fox);
            Str parts[] = { str_slice(fox, 0, 7), STR(""), str_from_byte(fox, 7) };
            REQUIRE(hmac_key_bytes(k, parts, 3, out));
            CHECK_STR(hex(out, n), known[i].hmac);
        }
    }
    Digest none;
    CHECK(!digest_by_name(STR("sha257"), &none));
    uint8_t out[DIGEST_MAX];
    CHECK(!digest_bytes(DIGESTS, fox, out));
    CHECK(!hmac_bytes(DIGESTS, fox, fox, out));
    CHECK_EQ(digest_size(DIGESTS), 0);
}

TEST(crypto, hmac_with_empty_and_long_keys)
{
    uint8_t out[DIGEST_MAX];
    REQUIRE(hmac_bytes(DIGEST_SHA256, (Str){ 0 }, (Str){ 0 }, out));
    CHECK_STR(hex(out, 32), STR("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"));
    Buf key = BUF_INIT(test_arena(), 200);
    buf_fill(&key, 'k', 200);
    REQUIRE(hmac_bytes(DIGEST_SHA256, buf_view(&key), STR("x"), out));
    CHECK_STR(hex(out, 32), STR("a34abd1b081e75091b5f15447fb45ea6a1a7d624c190b880750d5d0f52ca715e"));
}

TEST(crypto, salted_hmac_as_django)
{
    uint8_t out[DIGEST_MAX];
    REQUIRE(salted_hmac(DIGEST_SHA1, STR("salt"), STR("value"), STR("secret"), out));
    CHECK_STR(hex(out, 20), STR("a82be9ba6efe61405ee8d2e8a3781c37e103360a"));
    REQUIRE(salted_hmac(DIGEST_SHA256, STR("salt"), STR("value"), STR("secret"), out));
    CHECK_STR(hex(out, 32), STR("debaddcd9ecbaab181289870baf8af49b0af0a7050d620d1a63f1e69bd87ceb8"));
    HmacKey *k = salted_hmac_key(test_arena(), DIGEST_SHA256, STR("salt"), STR("secret"));
    REQUIRE(k != NULL);
    uint8_t again[DIGEST_MAX];
    REQUIRE(hmac_key_bytes(k, &(Str){ "value", 5 }, 1, again));
    CHECK(memcmp(out, again, 32) == 0);
}

TEST(crypto, key_derivation)
{
    uint8_t out[200];
    REQUIRE(pbkdf2_bytes(DIGEST_SHA256, STR("password"), STR("salt"), 1000, out, 32));
    CHECK_STR(hex(out, 32), STR("632c2812e46d4604102ba7618e9d6d7d2f8128f6266b4a03264d2a0460b7dcb3"));
    /* RFC 6070 */
    REQUIRE(pbkdf2_bytes(DIGEST_SHA1, STR("pass\0word"), STR("sa\0lt"), 4096, out, 16));
    CHECK_STR(hex(out, 16), STR("56fa6aa75548099dcc37d7f03425e0c3"));
    CHECK(!pbkdf2_bytes(DIGEST_SHA256, STR("p"), STR("s"), 0, out, 32));
    CHECK(!pbkdf2_bytes(DIGEST_SHA256, STR("p"), STR("s"), 1, out, 0));
    CHECK(!pbkdf2_bytes(DIGEST_SHA256, STR("p"), STR("s"), UINT32_MAX, out, 32));
    /* RFC 7914, section 12 */
    ScryptOptions o = { .cost = 1024, .block_size = 8, .parallel = 16 };
    REQUIRE(scrypt_bytes(STR("password"), STR("NaCl"), o, out, 64));
    CHECK_STR(hex(out, 64), STR("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                                "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"));
    o.cost = 1000;
    CHECK(!scrypt_bytes(STR("password"), STR("NaCl"), o, out, 64));
    o.cost = 1024;
    o.memory_max = 1000;
    CHECK(!scrypt_bytes(STR("password"), STR("NaCl"), o, out, 64));
    /* RFC 5869, case 1 */
    REQUIRE(hkdf_bytes(DIGEST_SHA256, unhex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
                       unhex("000102030405060708090a0b0c"), unhex("f0f1f2f3f4f5f6f7f8f9"), out, 42));
    CHECK_STR(hex(out, 42),
              STR("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"));
    CHECK(!hkdf_bytes(DIGEST_SHA256, fox, fox, fox, out, 0));
    CHECK(!hkdf_bytes(DIGEST_SHA256, fox, fox, fox, out, 255 * 32 + 1));
}

TEST(crypto, aes_gcm_seals_and_opens)
{
    Arena *a = test_arena();
    Buf sealed = BUF_INIT(a, 1000), opened = BUF_INIT(a, 1000);
    /* Case 4 of the GCM specification. */
    Str key = unhex("feffe9928665731c6d6a8f9467308308"), nonce = unhex("cafebabefacedbaddecaf888");
    Str extra = unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    Str text = unhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
                     "b16aedf5aa0de657ba637b39");
    REQUIRE(aes_gcm_seal(&sealed, key, nonce, extra, text));
    CHECK_STR(hex_encode(a, buf_view(&sealed)),
              STR("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa05"
                  "1ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"));
    REQUIRE(aes_gcm_open(&opened, key, nonce, extra, buf_view(&sealed)));
    CHECK(str_eq(buf_view(&opened), text));
    for (size_t i = 0; i < sealed.n; i++) {
        sealed.p[i] ^= 1;
        CHECK(!aes_gcm_open(&opened, key, nonce, extra, buf_view(&sealed)));
        sealed.p[i] ^= 1;
    }
    CHECK(!aes_gcm_open(&opened, key, nonce, STR("other"), buf_view(&sealed)));
    CHECK(!aes_gcm_open(&opened, key, nonce, extra, str_slice(buf_view(&sealed), 0, 15)));
    CHECK_EQ(opened.n, text.n);
    CHECK(!aes_gcm_seal(&sealed, STR("short"), nonce, extra, text));
    CHECK(!aes_gcm_seal(&sealed, key, STR("short"), extra, text));
    for (size_t n = 16; n <= 32; n += 8) {
        Buf b = BUF_INIT(a, 100), back = BUF_INIT(a, 100);
        Str k = str_slice(STR("0123456789abcdef0123456789abcdef"), 0, n);
        REQUIRE(aes_gcm_seal(&b, k, nonce, STR(""), STR("")));
        CHECK_EQ(b.n, AES_GCM_TAG);
        REQUIRE(aes_gcm_open(&back, k, nonce, STR(""), buf_view(&b)));
        CHECK_EQ(back.n, 0);
    }
}

static const Str rsa_public = STR("-----BEGIN PUBLIC KEY-----\n"
                                  "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDYYyGPvZTxoBtrbCDSkr/AhXMm\n"
                                  "UZ3NTCCnlLMiSqfne716GLRdCrGpFfSf8jCrPIk3xXXYDPGoP2GSoB57TT0AiY73\n"
                                  "27E5uddjwEU3kLRCFYeAcJVFJttukaNtUdenYmXKyFyI+7q6yWCnxNfwvrh1V5gz\n"
                                  "MgsRqBwXc3efIcoVoQIDAQAB\n"
                                  "-----END PUBLIC KEY-----\n");
static const Str ec_private = STR("-----BEGIN EC PRIVATE KEY-----\n"
                                  "MHcCAQEEIBTJt2ifwsNGqaxH/bixz/zSt8PwPIrYOnDPEuRok/14oAoGCCqGSM49\n"
                                  "AwEHoUQDQgAE1tHWuKCc0wl/QD3QvIHu/VhLTZe1NcFW4oFtAeHZR2FYiqu/JBde\n"
                                  "4O2oouunZ123EhZpPfImkvs//4p5eM4ngw==\n"
                                  "-----END EC PRIVATE KEY-----\n");
/* The same key under the passphrase "pw". */
static const Str ec_encrypted = STR("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                                    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgXQhO342M74AICCAAw\n"
                                    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEDecYm0nKjt2ZMA/3YaxXNYEgZAn\n"
                                    "0NYlZl5bObA106YKVJcHzo6w5e71kAVFwMVJtzsqirx/xsmFmSfr/sGOFFaAANCi\n"
                                    "/Gwb+dQl7Gl0EPpaQq9FHaZL4B9swtKJqqT9a2xWQvbAWq9veo9z8XCtWZUjq/9R\n"
                                    "PDhqt2Iag1pzQayAl7ndX5rQZf9BUzaVmrC3EH+LCu4a1rSs8q0v9kn81yA4tpk=\n"
                                    "-----END ENCRYPTED PRIVATE KEY-----\n");
static const Str ec_certificate = STR("-----BEGIN CERTIFICATE-----\n"
                                      "MIIBdjCCARugAwIBAgIUU2p1XKpA3X4bdeexgeTS4b8qmCMwCgYIKoZIzj0EAwIw\n"
                                      "DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjExNDMxMzhaGA8yMTI2MTAyODE0MzEz\n"
                                      "OFowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNbR\n"
                                      "1rignNMJf0A90LyB7v1YS02XtTXBVuKBbQHh2UdhWIqrvyQXXuDtqKLrp2ddtxIW\n"
                                      "aT3yJpL7P/+KeXjOJ4OjUzBRMB0GA1UdDgQWBBTAZaqbHtW9Qjx9JJ/IOMVDFB2J\n"
                                      "zjAfBgNVHSMEGDAWgBTAZaqbHtW9Qjx9JJ/IOMVDFB2JzjAPBgNVHRMBAf8EBTAD\n"
                                      "AQH/MAoGCCqGSM49BAMCA0kAMEYCIQDlZ9rh0XhLLSAQnernlD7VfmLJv5P7ukJZ\n"
                                      "y0yQ1oVvjgIhAMhrpI3a+mtJpyenCYrJGfCHhCuHp1bSK0SjdEYisFqw\n"
                                      "-----END CERTIFICATE-----\n");
/* Of "signed text", by the openssl program. */
static const char rsa_signature[] =
    "74c2ef6ea49e2c281dd905add416bf18bb2bf0ac9fa9aadc0ef762313df5598f428c0ccf463211fa484cd22c7239c995ab323858e669f3e7c2"
    "deae52cd8c964500b86da5ef12676b6626b8a1becc110cdd94180828a21787281b1db451b3b8d5f7a1090f4744c7496c9c7712c77d51626009"
    "df20981cb0883ff01d1f6ba4f035";
static const char ec_signature[] = "3046022100829f5a7869755201f9663213d83ab3af2927d6eb8547dd97b44e654e82988e86022100e32"
                                   "a539b4d98f4e75ec135ee151a3c353e392d82b1c47f0c378d26014054e07e";
/* RFC 8410, section 10.3; the signature of "" is RFC 8032's for another key, so a round trip has to do. */
static const Str ed_private = STR("-----BEGIN PRIVATE KEY-----\n"
                                  "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                                  "-----END PRIVATE KEY-----\n");

TEST(crypto, verifies_what_openssl_signed)
{
    Arena *a = test_arena();
    CryptoKey *rsa = crypto_key_read(a, rsa_public, STR("")), *ec = crypto_key_read(a, ec_certificate, STR(""));
    REQUIRE(rsa && ec);
    CHECK_EQ(crypto_key_kind(rsa), CRYPTO_KEY_RSA);
    CHECK_EQ(crypto_key_kind(ec), CRYPTO_KEY_EC);
    CHECK(!crypto_key_is_private(rsa));
    CHECK(!crypto_key_is_private(ec));
    CHECK_EQ(crypto_key_bits(rsa), 1024);
    CHECK_EQ(crypto_key_bits(ec), 256);
    SignOptions o = { .digest = DIGEST_SHA256 };
    CHECK(crypto_verify(rsa, o, STR("signed text"), unhex(rsa_signature)));
    CHECK(!crypto_verify(rsa, o, STR("signed texT"), unhex(rsa_signature)));
    CHECK(!crypto_verify(rsa, (SignOptions){ .digest = DIGEST_SHA512 }, STR("signed text"), unhex(rsa_signature)));
    CHECK(!crypto_verify(rsa, (SignOptions){ .pss = true }, STR("signed text"), unhex(rsa_signature)));
    CHECK(crypto_verify(ec, o, STR("signed text"), unhex(ec_signature)));
    CHECK(!crypto_verify(ec, o, STR("signed texT"), unhex(ec_signature)));
    CHECK(!crypto_verify(ec, (SignOptions){ .raw_ecdsa = true }, STR("signed text"), unhex(ec_signature)));
    CHECK(!crypto_verify(ec, o, STR("signed text"), STR("")));
    Buf out = BUF_INIT(a, 1000);
    CHECK(!crypto_sign(ec, o, STR("x"), &out));
    CHECK_EQ(out.n, 0);
}

TEST(crypto, signs_and_verifies)
{
    Arena *a = test_arena();
    CryptoKey *ec = crypto_key_read(a, ec_private, STR("")), *public = crypto_key_read(a, ec_certificate, STR(""));
    CryptoKey *ed = crypto_key_read(a, ed_private, STR(""));
    REQUIRE(ec && public && ed);
    CHECK(crypto_key_is_private(ec));
    CHECK_EQ(crypto_key_kind(ed), CRYPTO_KEY_ED25519);
    for (int raw = 0; raw < 2; raw++)
        for (int round = 0; round < 20; round++) {
            Buf out = BUF_INIT(a, 1000);
            SignOptions o = { .digest = DIGEST_SHA256, .raw_ecdsa = raw };
            REQUIRE(crypto_sign(ec, o, STR("text"), &out));
            CHECK(!raw || out.n == 64);
            CHECK(crypto_verify(public, o, STR("text"), buf_view(&out)));
            out.p[out.n / 2] ^= 1;
            CHECK(!crypto_verify(public, o, STR("text"), buf_view(&out)));
        }
    Buf out = BUF_INIT(a, 1000);
    REQUIRE(crypto_sign(ed, (SignOptions){ 0 }, STR(""), &out));
    CHECK_EQ(out.n, 64);
    CHECK(crypto_verify(ed, (SignOptions){ 0 }, STR(""), buf_view(&out)));
    CHECK(!crypto_verify(ed, (SignOptions){ 0 }, STR("x"), buf_view(&out)));
    Buf full = BUF_INIT(a, 10);
    CHECK(!crypto_sign(ed, (SignOptions){ 0 }, STR(""), &full));
}

TEST(crypto, keys_that_cannot_be_read)
{
    Arena *a = test_arena();
    CHECK(crypto_key_read(a, STR(""), STR("")) == NULL);
    CHECK(crypto_key_read(a, STR("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), STR("")) == NULL);
    CHECK(crypto_key_read(a, STR("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), STR("")) == NULL);
    CHECK(crypto_key_read(a, ec_encrypted, STR("")) == NULL);
    CHECK(crypto_key_read(a, ec_encrypted, STR("wrong")) == NULL);
    CHECK(crypto_key_read(a, ec_encrypted, STR("pw")) != NULL);
}

TEST(crypto, wipe)
{
    char secret[] = "secret";
    crypto_wipe(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++)
        CHECK_EQ(secret[i], 0);
    crypto_wipe(NULL, 0);
}
