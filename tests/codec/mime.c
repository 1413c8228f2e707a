#include <clef/codec/mime.h>
#include <clef/test.h>

static void check_guess(const char *path, const char *type, const char *encoding)
{
    Str e;
    CHECK_STR(mime_guess(str_c(path), &e), str_c(type));
    CHECK_STR(e, str_c(encoding));
}

TEST(mime, types_by_extension)
{
    check_guess("a.html", "text/html", NULL);
    check_guess("/dir.x/a.JPG", "image/jpeg", NULL);
    check_guess("a.b.css", "text/css", NULL);
    check_guess("x.tar.gz", "application/x-tar", "gzip");
    check_guess("x.tgz", "application/x-tar", "gzip");
    check_guess("x.svgz", "image/svg+xml", "gzip");
    check_guess("x.css.br", "text/css", "br");
    check_guess("x.gz", NULL, "gzip");
    check_guess("x.Z", NULL, "compress");
    check_guess("a", NULL, NULL);
    check_guess(".html", NULL, NULL);
    check_guess("dir.html/a", NULL, NULL);
    check_guess("a.", NULL, NULL);
    check_guess("a.averyveryverylongextension", NULL, NULL);
    check_guess("", NULL, NULL);
    check_guess("x.woff2", "font/woff2", NULL);
    check_guess("x.3g2", "audio/3gpp2", NULL);
    check_guess("x.zip", "application/zip", NULL);
}

TEST(mime, extensions_of_types)
{
    CHECK_STR(mime_extension(STR("image/JPEG")), STR(".jpg"));
    CHECK_STR(mime_extension(STR("image/webp")), STR(".webp"));
    CHECK(str_is_null(mime_extension(STR("no/such"))));
}

TEST(mime, text)
{
    CHECK(mime_is_text(STR("text/csv")));
    CHECK(mime_is_text(STR("Application/JSON; charset=x")));
    CHECK(mime_is_text(STR("image/svg+xml")));
    CHECK(!mime_is_text(STR("image/png")));
    CHECK(!mime_is_text(STR("application/octet-stream")));
    CHECK(!mime_is_text(STR("")));
}
