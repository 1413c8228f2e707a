/* mime.c: see <clef/codec/mime.h>. */
#include <clef/codec/mime.h>

#include "codec/mime_types.h"

enum { EXTENSION_MAX = 16 };

/* Where a path's extension begins, its dot included; s.n for none. Leading dots of a name are no extension. */
static size_t extension_at(Str path)
{
    size_t name = 0;
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] == '/')
            name = i + 1;
    while (name < path.n && path.p[name] == '.')
        name++;
    size_t dot = str_rfind_byte(str_from_byte(path, name), '.');
    return dot == STR_NPOS ? path.n : name + dot;
}

static Str type_of_extension(Str extension)
{
    char folded[EXTENSION_MAX];
    if (extension.n > sizeof folded)
        return (Str){ 0 };
    Str key = { folded, extension.n };
    for (size_t i = 0; i < key.n; i++) {
        char c = extension.p[i];
        folded[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    size_t low = 0, high = CLEF_COUNT(mime_rows);
    while (low < high) {
        size_t mid = (low + high) / 2;
        int order = str_cmp(str_c(mime_rows[mid].extension), key);
        if (order == 0)
            return str_c(mime_rows[mid].type);
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return (Str){ 0 };
}

/* Short forms of two extensions, and the encodings. `.Z` is compress, `.z` is nothing: the case counts here. */
static const struct {
    const char *suffix, *encoding;
    const char *inner; /* the extension that remains; NULL: what stands before */
} encodings[] = {
    { ".gz", "gzip", NULL },    { ".bz2", "bzip2", NULL },    { ".xz", "xz", NULL },      { ".br", "br", NULL },
    { ".Z", "compress", NULL }, { ".svgz", "gzip", ".svg" },  { ".tgz", "gzip", ".tar" }, { ".taz", "gzip", ".tar" },
    { ".tz", "gzip", ".tar" },  { ".tbz2", "bzip2", ".tar" }, { ".txz", "xz", ".tar" },
};

Str mime_guess(Str path, Str *encoding)
{
    Str none;
    if (!encoding)
        encoding = &none;
    *encoding = (Str){ 0 };
    size_t at = extension_at(path);
    Str extension = str_from_byte(path, at);
    for (size_t i = 0; i < CLEF_COUNT(encodings); i++) {
        bool exact = encodings[i].inner == NULL;
        Str suffix = str_c(encodings[i].suffix);
        if (!(exact ? str_eq(extension, suffix) : str_ieq(extension, suffix)))
            continue;
        *encoding = str_c(encodings[i].encoding);
        if (encodings[i].inner)
            return type_of_extension(str_c(encodings[i].inner));
        path = str_slice(path, 0, at);
        return type_of_extension(str_from_byte(path, extension_at(path)));
    }
    return type_of_extension(extension);
}

Str mime_extension(Str type)
{
    static const char *const common[][2] = {
        { "image/jpeg", ".jpg" },
        { "text/html", ".html" },
        { "text/plain", ".txt" },
        { "text/javascript", ".js" },
        { "image/tiff", ".tiff" },
        { "video/mpeg", ".mpeg" },
        { "audio/mpeg", ".mp3" },
        { "video/mp4", ".mp4" },
        { "application/xml", ".xml" },
        { "text/xml", ".xml" },
        { "application/json", ".json" },
        { "application/octet-stream", ".bin" },
        { "image/svg+xml", ".svg" },
        { "audio/ogg", ".ogg" },
        { "application/yaml", ".yaml" },
        { "text/markdown", ".md" },
        { "application/msword", ".doc" },
        { "application/vnd.ms-excel", ".xls" },
        { "application/vnd.ms-powerpoint", ".ppt" },
        { "video/quicktime", ".mov" },
        { "application/postscript", ".ps" },
    };
    for (size_t i = 0; i < CLEF_COUNT(common); i++)
        if (str_ieq(type, str_c(common[i][0])))
            return str_c(common[i][1]);
    for (size_t i = 0; i < CLEF_COUNT(mime_rows); i++)
        if (str_ieq(type, str_c(mime_rows[i].type)))
            return str_c(mime_rows[i].extension);
    return (Str){ 0 };
}

bool mime_is_text(Str type)
{
    static const char *const texts[] = { "application/javascript", "application/json",   "application/xml",
                                         "application/x-ndjson",   "application/yaml",   "application/toml",
                                         "application/ecmascript", "application/graphql" };
    type = str_trim(str_slice(type, 0, str_find_byte(type, ';')));
    if (str_istarts(type, STR("text/")))
        return true;
    size_t plus = str_rfind_byte(type, '+');
    if (plus != STR_NPOS &&
        (str_ieq(str_from_byte(type, plus), STR("+json")) || str_ieq(str_from_byte(type, plus), STR("+xml"))))
        return true;
    for (size_t i = 0; i < CLEF_COUNT(texts); i++)
        if (str_ieq(type, str_c(texts[i])))
            return true;
    return false;
}
