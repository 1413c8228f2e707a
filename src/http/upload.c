/*
 * upload.c: the parts of a multipart form go where they belong while they arrive. A field is kept in memory, within
 * DATA_UPLOAD_MAX_MEMORY_SIZE for all of them. A file begins in memory and moves to a temporary file when it passes
 * FILE_UPLOAD_MAX_MEMORY_SIZE; that file is unlinked when the request ends, unless it was saved under a name of its own.
 */
#include "http/upload.h"
#include "base/fault.h"
#include <clef/base/vec.h>
#include <clef/codec/charset.h>
#include <clef/codec/multipart.h>
#include <clef/conf.h>
#include <clef/rt/file.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 32 << 10 };

/* The part in hand. */
typedef struct Upload {
    Request *r;
    QueryDict *fields;
    Charset charset;
    bool is_file;
    Str name;
    Buf bytes; /* a field's value, or a file while it is small */
    UploadedFile file;
    int fd;              /* of the temporary file; -1 while there is none */
    UploadedFile *files; /* the request gets them when the form is complete */
    size_t nfiles, files_cap;
    const char *error; /* of the system, in words: writing failed */
    int error_number;
} Upload;

typedef struct Temporary {
    int fd; /* -1: none yet */
    char *path;
} Temporary;

static void remove_temporary(void *arg)
{
    const Temporary *t = arg;
    if (t->fd < 0)
        return;
    close(t->fd);
    unlink(t->path);
}

/* Moves what is in memory to a new temporary file. */
static bool to_disk(Upload *u)
{
    Request *r = u->r;
    Str folder = r->settings->file_upload_temp_dir.n ? r->settings->file_upload_temp_dir : STR("/tmp");
    Temporary *t = NEW(r->cx.arena, Temporary);
    t->fd = -1;
    t->path = str_dup_c(r->cx.arena, str_format(r->cx.arena, "%.*s/clef-upload-XXXXXX", STR_FMT(folder)));
    DEFER(r, remove_temporary, t); /* before there is a file: this may raise */
    t->fd = fault_fails(FAULT_SYSTEM) ? (errno = EMFILE, -1) : mkostemp(t->path, O_CLOEXEC);
    if (t->fd < 0) {
        u->error = "create a temporary file in";
        u->error_number = errno;
        u->file.temporary_path = folder;
        return false;
    }
    u->fd = t->fd;
    u->file.temporary_path = str_c(t->path);
    return true;
}

static bool write_all(Upload *u, Str bytes)
{
    int outcome = file_write_all(u->fd, bytes.p, bytes.n);
    if (outcome == 0)
        return true;
    u->error = "write the temporary file";
    u->error_number = -outcome;
    return false;
}

static MultipartAction begin(void *arg, const MultipartPart *part)
{
    Upload *u = arg;
    Arena *a = u->r->cx.arena;
    u->is_file = part->is_file;
    u->name = charset_decode(a, str_copy(a, part->name), u->charset);
    u->fd = -1;
    if (!part->is_file) {
        u->bytes = BUF_INIT(a, SIZE_MAX - 1); /* the parser counts the bytes of all fields */
        return MULTIPART_TAKE;
    }
    if (str_is_null(part->filename) || part->filename.n == 0)
        return MULTIPART_SKIP; /* a form field for a file that was left empty */
    int64_t limit = u->r->settings->file_upload_max_memory_size;
    u->bytes = BUF_INIT(a, limit < 0 ? SIZE_MAX - 1 : (size_t)limit);
    u->file = (UploadedFile){
        .field = u->name,
        .name = charset_decode(a, str_copy(a, part->filename), u->charset),
        .content_type = str_copy(a, part->content_type),
        .charset = str_copy(a, header_param(&part->type, STR("charset"))),
    };
    return MULTIPART_TAKE;
}

static MultipartAction data(void *arg, Str bytes)
{
    Upload *u = arg;
    if (!u->is_file)
        return buf_str(&u->bytes, bytes) ? MULTIPART_TAKE : MULTIPART_STOP;
    u->file.size += bytes.n;
    if (u->fd < 0) {
        if (buf_str(&u->bytes, bytes))
            return MULTIPART_TAKE;
        if (!to_disk(u) || !write_all(u, buf_view(&u->bytes)))
            return MULTIPART_STOP;
    }
    return write_all(u, bytes) ? MULTIPART_TAKE : MULTIPART_STOP;
}

static MultipartAction end(void *arg)
{
    Upload *u = arg;
    Request *r = u->r;
    if (!u->is_file) {
        query_append(u->fields, u->name, charset_decode(r->cx.arena, buf_view(&u->bytes), u->charset));
        return MULTIPART_TAKE;
    }
    if (u->fd < 0)
        u->file.content = buf_view(&u->bytes);
    if (u->nfiles == u->files_cap)
        u->files = vec_grow(r->cx.arena, u->files, &u->files_cap, sizeof *u->files);
    u->files[u->nfiles++] = u->file;
    return MULTIPART_TAKE;
}

static uint64_t limit_of(int64_t setting) { return setting < 0 ? MULTIPART_NO_LIMIT : (uint64_t)setting; }

static CLEF_NORETURN void refuse(Upload *u, MultipartStatus status)
{
    Request *r = u->r;
    switch (status) {
    case MULTIPART_TOO_MANY_FIELDS:
        RAISE(r, 400, "too_many_fields",
              "The number of GET/POST parameters exceeded settings.DATA_UPLOAD_MAX_NUMBER_FIELDS (%lld).",
              (long long)r->settings->data_upload_max_number_fields);
    case MULTIPART_TOO_MANY_FILES:
        RAISE(r, 400, "too_many_files", "The number of files exceeded settings.DATA_UPLOAD_MAX_NUMBER_FILES (%lld).",
              (long long)r->settings->data_upload_max_number_files);
    case MULTIPART_FIELDS_TOO_BIG:
        RAISE(r, 413, "request_data_too_big",
              "Request body exceeded settings.DATA_UPLOAD_MAX_MEMORY_SIZE (%lld bytes).",
              (long long)r->settings->data_upload_max_memory_size);
    case MULTIPART_STOPPED:
        if (u->error)
            RAISE(r, 500, "upload", "The upload \"%.*s\" could not be stored: cannot %s %.*s: %s.",
                  STR_FMT(u->file.name), u->error, STR_FMT(u->file.temporary_path), strerrordesc_np(u->error_number));
        RAISE(r, 413, "request_data_too_big", "A form field is too large.");
    case MULTIPART_HEADER_TOO_BIG:
    case MULTIPART_TOO_MANY_HEADERS:
        RAISE(r, 400, "multipart", "A part of the multipart body has too many or too large headers.");
    case MULTIPART_BAD_BASE64:
        RAISE(r, 400, "multipart", "Could not decode base64 data.");
    case MULTIPART_TRUNCATED:
    case MULTIPART_OK:
        break;
    }
    RAISE(r, 400, "multipart", "The multipart body ended before its closing boundary.");
}

void upload_parse(Request *r)
{
    RequestParts *parts = request_parts(r);
    Arena *a = r->cx.arena;
    Str boundary;
    Str type = http_known(r->source->head, HDR_CONTENT_TYPE);
    if (!multipart_boundary(a, type, &boundary))
        RAISE(r, 400, "multipart", "Invalid boundary in multipart: %.*s", STR_FMT(type));
    const Settings *s = r->settings;
    Charset charset = charset_find(request_content_charset(r));
    Upload u = {
        .r = r, .fields = query_create(a), .charset = charset == CHARSET_UNKNOWN ? CHARSET_UTF8 : charset, .fd = -1
    };
    MultipartHandler handler = { .arg = &u, .begin = begin, .data = data, .end = end };
    MultipartLimits limits = {
        .fields = limit_of(s->data_upload_max_number_fields),
        .files = limit_of(s->data_upload_max_number_files),
        .field_bytes = limit_of(s->data_upload_max_memory_size),
    };
    MultipartParser *parser = multipart_create(a, boundary, &handler, &limits);
    MultipartStatus status = MULTIPART_OK;
    bool empty = true; /* no body at all is a form without fields, as in Django */
    if (parts->body_state == BODY_WHOLE) {
        empty = parts->body.n == 0;
        status = multipart_feed(parser, parts->body);
    } else {
        parts->body_state = BODY_FORM;
        char *piece = arena_alloc(a, PIECE);
        for (size_t got; status == MULTIPART_OK && (got = request_read_more(r, piece, PIECE)) > 0; empty = false)
            status = multipart_feed(parser, (Str){ piece, got });
    }
    if (status == MULTIPART_OK && !empty)
        status = multipart_finish(parser);
    if (status != MULTIPART_OK)
        refuse(&u, status);
    parts->post = u.fields;
    parts->files = u.files;
    parts->nfiles = u.nfiles;
}

/* --- saving */

/* By hand, where the kernel or a file system does not copy by itself. */
static int copy_pieces(Arena *a, int from, int to)
{
    char *piece = arena_try_alloc(a, PIECE);
    if (!piece)
        return -ENOMEM;
    for (;;) {
        ssize_t n = fault_fails(FAULT_SYSTEM) ? (errno = EIO, -1) : read(from, piece, PIECE);
        if (n == 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return -errno;
        int outcome = n > 0 ? file_write_all(to, piece, (size_t)n) : 0;
        if (outcome < 0)
            return outcome;
    }
}

static int copy_file(Arena *a, const UploadedFile *file, int to)
{
    int from = fault_fails(FAULT_SYSTEM) ? (errno = EMFILE, -1) : open(file->temporary_path.p, O_RDONLY | O_CLOEXEC);
    if (from < 0)
        return -errno;
    int result = 0;
    for (;;) {
        ssize_t n = fault_fails(FAULT_SYSTEM) ? (errno = EXDEV, -1) : copy_file_range(from, NULL, to, NULL, 1 << 20, 0);
        if (n == 0)
            break;
        if (n < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)) {
            result = copy_pieces(a, from, to);
            break;
        }
        if (n < 0 && errno != EINTR) {
            result = -errno;
            break;
        }
    }
    close(from);
    return result;
}

int uploaded_file_save(Request *r, const UploadedFile *file, Str path)
{
    if (path.n == 0 || str_find_byte(path, 0) != STR_NPOS)
        return path.n ? -EINVAL : -ENOENT; /* a NUL would end the name early */
    const char *name = str_dup_c(r->cx.arena, path);
    int64_t mode = r->settings->file_upload_permissions;
    bool on_disk = !str_is_null(file->temporary_path);
    if (on_disk && (fault_fails(FAULT_SYSTEM) ? (errno = EXDEV, -1) : link(file->temporary_path.p, name)) == 0) {
        /* the same file system: nothing is copied */
        if ((fault_fails(FAULT_SYSTEM) ? (errno = EPERM, -1) : chmod(name, mode ? (mode_t)mode : 0644)) == 0)
            return 0;
        int error = -errno;
        unlink(name);
        return error;
    }
    if (on_disk && errno == EEXIST)
        return -EEXIST;
    int fd =
        fault_fails(FAULT_SYSTEM) ? (errno = EMFILE, -1) : open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return -errno;
    int result = on_disk ? copy_file(r->cx.arena, file, fd) : file_write_all(fd, file->content.p, file->content.n);
    if (result == 0 && mode && fchmod(fd, (mode_t)mode) < 0)
        result = -errno;
    if (close(fd) < 0 && result == 0)
        result = -errno;
    if (result < 0)
        unlink(name); /* nothing half-written stays */
    return result;
}
