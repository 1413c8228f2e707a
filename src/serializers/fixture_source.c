/*
 * fixture_source.c: the bytes of a fixture, piece by piece: of a text in memory, of a file, of standard input, unpacked
 * on the way.
 */
#include "serializers/serializers.h"
#include <clef/codec/gzip.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { PACKED_PIECE = 1 << 12, UNPACKED_MAX = 1 << 24 /* of such a piece */ };

void fixture_source_close(FixtureSource *s)
{
    if (s->file >= 0 && s->owned)
        close(s->file);
    s->file = -1;
    gzip_reader_destroy(s->gzip);
    s->gzip = NULL;
    buf_finish(&s->unpacked);
}

static void close_at_end(void *arg) { fixture_source_close(arg); }

bool fixture_source_open(FixtureSource *s, Arena *a, const FixtureText *text)
{
    *s = (FixtureSource){ .text = text->text, .file = -1, .unpacked = BUF_INIT(NULL, UNPACKED_MAX) };
    arena_defer(a, close_at_end, s);
    if (text->path) {
        s->owned = true;
        s->file = open(text->path, O_RDONLY | O_CLOEXEC);
        s->error = s->file < 0 ? strerror(errno) : NULL;
    } else if (text->input) {
        s->file = STDIN_FILENO;
    }
    s->of_file = s->file >= 0;
    if (text->packed) {
        s->gzip = gzip_reader_create(a, GZIP_GZIP, FIXTURE_MAX);
        s->packed = true;
        if (!s->gzip && !s->error)
            s->error = gzip_outcome_text(GZIP_NO_MEMORY);
    }
    return !s->error;
}

static size_t pull_plain(FixtureSource *s, char *p, size_t n)
{
    if (!s->of_file) {
        n = s->text.n < n ? s->text.n : n;
        if (n)
            memcpy(p, s->text.p, n);
        s->text = str_from_byte(s->text, n);
        return n;
    }
    for (;;) {
        ssize_t got = read(s->file, p, n);
        if (got >= 0)
            return (size_t)got;
        if (errno != EINTR) {
            s->error = strerror(errno);
            return 0;
        }
    }
}

static bool unpack_more(FixtureSource *s)
{
    char packed[PACKED_PIECE];
    size_t n = pull_plain(s, packed, sizeof packed);
    buf_truncate(&s->unpacked, 0);
    s->at = 0;
    GzipOutcome outcome = n ? gzip_reader_add(s->gzip, &s->unpacked, (Str){ packed, n }) : gzip_reader_end(s->gzip);
    if (outcome != GZIP_OK && !s->error)
        s->error = gzip_outcome_text(outcome);
    return n && !s->error;
}

size_t fixture_pull(FixtureSource *s, char *p, size_t n)
{
    if (s->error)
        return 0;
    if (!s->packed)
        return pull_plain(s, p, n);
    while (s->at == s->unpacked.n)
        if (!unpack_more(s))
            return 0;
    size_t left = s->unpacked.n - s->at;
    n = left < n ? left : n;
    memcpy(p, s->unpacked.p + s->at, n);
    s->at += n;
    return n;
}
