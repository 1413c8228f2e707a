/* log_internal.h: what a logger is, and the line between its formats and its sink. */
#ifndef BASE_LOG_INTERNAL_H
#define BASE_LOG_INTERNAL_H

#include <clef/base/buf.h>
#include <clef/base/log.h>

/* How a sink wants its bytes. */
typedef enum SinkKind { SINK_FILE, SINK_PIPE, SINK_SOCKET } SinkKind;

typedef struct Sink {
    int fd; /* -1: not open */
    SinkKind kind;
    bool own; /* to be closed by us */
    bool terminal;
    bool broken_off; /* the last write left half a line */
    const char *path;
} Sink;

typedef struct LevelRule LevelRule;
struct LevelRule {
    Str name;
    int level;
    LevelRule *next;
};

enum { STAMP_N = 20 }; /* "2026-01-15 10:20:30." */

struct Logger {
    Arena *arena;
    LogFormat format;
    bool colour;
    const char *program;
    uint8_t facility;
    Sink sink;
    Buf line; /* used again for each line: no allocation once it has grown */
    bool stamped;
    char stamp[STAMP_N]; /* the text of stamp_second */
    int64_t stamp_second;
    uint64_t dropped;
    LogComponent *components;
    LevelRule *rules;
};

/* One line, ready to be formatted. */
typedef struct LogLine {
    Str component;
    int level;
    int64_t us; /* since 1970 */
    Str message;
    const LogField *fields;
} LogLine;

/* Appends the line (TEXT and JSON with their "\n") to the empty l->line. */
CLEF_PRIVATE(void, log_format, Logger *l, const LogLine *line);
/* One value as a JSON value; as text with quotes where it needs them. */
CLEF_PRIVATE(void, log_json_value, Buf *b, Value v, unsigned depth);
CLEF_PRIVATE(void, log_text_value, Buf *b, Value v);
/* Text with everything escaped that could end a line, a quoted string or a terminal's mood. */
typedef enum LogEscape { ESCAPE_PLAIN, ESCAPE_QUOTED } LogEscape;
CLEF_PRIVATE(void, log_escape, Buf *b, Str s, LogEscape how);

CLEF_PRIVATE(bool, sink_open_fd, Sink *s, int fd);
CLEF_PRIVATE(bool, sink_open_file, Sink *s, const char *path);
CLEF_PRIVATE(void, sink_open_socket, Sink *s, const char *path);
CLEF_PRIVATE(void, sink_close, Sink *s);
/* True when all of it was taken. Never waits but for a disk. */
CLEF_PRIVATE(bool, sink_write, Sink *s, const char *p, size_t n);

#endif
