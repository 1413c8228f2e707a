/*
 * log.h: a structured log. A line has a level, a component, a message that never varies, and typed fields:
 *
 *     LOGGER_INFO(log, "request finished", "path", path, "status", 200, "seconds", 0.012);
 *
 * A Logger writes lines to one place in one format; a LogComponent is a dotted name under it ("http.server") with a level
 * that it takes from the longest name that has one set, as Python's loggers do. There is no hidden logger: who wants to
 * log is handed a LogComponent; NULL logs nothing. Floors 0 to 2 never log by themselves.
 *
 * - One line is one write(2) or one datagram, at most LOG_LINE_MAX bytes: fields that do not fit are left out and the line
 *   says truncated=true. Every line, whatever the values hold, is one line: control characters, line separators and
 *   ill-formed UTF-8 are escaped, so that a value cannot forge another line or field.
 * - Logging never blocks and never raises SIGPIPE. What a full or closed sink does not take is dropped and counted; the
 *   next line that gets through is preceded by one that says how many were lost. A file on a disk may wait for the disk.
 * - SECRET(v) is shown as ********; the value does not even get to the logger.
 *
 * The names stand beside those of <syslog.h>, so a file may include both.
 *
 * A Logger and its components belong to one thread (a worker has its own). After fork(2) both processes may go on writing.
 */
#ifndef CLEF_BASE_LOG_H
#define CLEF_BASE_LOG_H

#include <clef/base/macro.h>
#include <clef/base/value.h>

#define LOG_LINE_MAX 16384u
/* Of one message or one text, in bytes as written; what follows is cut and shown as "...". */
#define LOG_VALUE_MAX 4096u
/* Lists and maps in a value are written as JSON, to this depth. */
#define LOG_DEPTH_MAX 8u

/* Python's numbers; others between are fine. */
typedef enum LogLevel {
    LEVEL_NOTSET = 0, /* a component's: take the level from the name above */
    LEVEL_DEBUG = 10,
    LEVEL_INFO = 20,
    LEVEL_WARNING = 30,
    LEVEL_ERROR = 40,
    LEVEL_CRITICAL = 50,
    LEVEL_OFF = 1000,
} LogLevel;

typedef enum LogFormat {
    LOG_FORMAT_TEXT,    /* 2026-01-15 10:20:30.123 INFO     http: message key=value key="two words" (UTC) */
    LOG_FORMAT_JSON,    /* {"time":"2026-01-15T10:20:30.123456Z","level":"INFO","component":...,"message":...,...} */
    LOG_FORMAT_SYSLOG,  /* RFC 5424, to the datagram socket of the syslog daemon */
    LOG_FORMAT_JOURNAL, /* systemd's native datagrams */
} LogFormat;

typedef enum LogColour { LOG_COLOUR_AUTO, LOG_COLOUR_NEVER, LOG_COLOUR_ALWAYS } LogColour;

typedef struct LoggerOptions {
    LogFormat format;
    LogLevel level; /* of components without one; NOTSET: INFO */
    /*
     * TEXT and JSON: a file, made with mode 0640 and appended to; NULL: `fd`. SYSLOG and JOURNAL: the socket; NULL:
     * "/dev/log" or "/run/systemd/journal/socket".
     */
    const char *path;
    int fd;           /* 0: standard error. Stays the caller's */
    LogColour colour; /* of TEXT; AUTO: when it goes to a terminal */
    const char *name; /* the program, for SYSLOG and JOURNAL; NULL: "clef" */
    uint8_t facility; /* of SYSLOG, 0 to 23; 0: 1 (user) */
} LoggerOptions;

typedef struct Logger Logger;
typedef struct LogComponent LogComponent;

struct LogComponent {
    Logger *logger;
    Str name;
    int level;          /* the effective one */
    LogComponent *next; /* private */
};

typedef struct LogField {
    const char *name; /* letters, digits, '_', '.', '-'; other bytes are shown as '_' */
    Value value;
} LogField;

/*
 * A logger in the arena, closed with it. NULL when the file cannot be opened (errno says why); a socket that is not there
 * yet is no error: lines are dropped until it is.
 */
CLEF_API(Logger *, logger_create, Arena *a, const LoggerOptions *options) CLEF_MUST_USE;
/* The component of that name, made at the first call; "" is the root. Lives as long as the logger. */
CLEF_API(LogComponent *, logger_component, Logger *l, Str name) CLEF_NONNULL;
/* For that name and the ones below it ("http" for "http.server") that have none of their own; "" for all the others. */
CLEF_API(void, logger_set_level, Logger *l, Str name, LogLevel level);
/* Opens the file anew, after it was renamed by a log rotation. False, and the old file goes on, when that fails. */
CLEF_API(bool, logger_reopen, Logger *l);
/* Lines lost since the last report of it in the log. */
CLEF_API(uint64_t, logger_dropped, const Logger *l) CLEF_PURE;

/* "DEBUG", ..., as Python names them; "Level 15" is "LEVEL". And back, in any case; false for another word. */
CLEF_API(const char *, log_level_name, int level) CLEF_NONNULL;
CLEF_API(bool, log_level_parse, Str name, LogLevel *out) CLEF_MUST_USE;

static inline bool log_enabled(const LogComponent *c, int level) { return c && level >= c->level; }
/* `fields` ends with a NULL name. The macros below call it when the level is enabled. */
CLEF_API(void, log_write, LogComponent *c, int level, const char *message, const LogField *fields);

#define LOG_AT(component, level_, message, ...)                                                                 \
    (log_enabled((component), (level_))                                                                         \
         ? log_write((component), (level_), (message), (const LogField[]){ CLEF_LOG_FIELDS(__VA_ARGS__){ 0 } }) \
         : (void)0)
#define LOGGER_DEBUG(component, ...)    LOG_AT(component, LEVEL_DEBUG, __VA_ARGS__)
#define LOGGER_INFO(component, ...)     LOG_AT(component, LEVEL_INFO, __VA_ARGS__)
#define LOGGER_WARNING(component, ...)  LOG_AT(component, LEVEL_WARNING, __VA_ARGS__)
#define LOGGER_ERROR(component, ...)    LOG_AT(component, LEVEL_ERROR, __VA_ARGS__)
#define LOGGER_CRITICAL(component, ...) LOG_AT(component, LEVEL_CRITICAL, __VA_ARGS__)
/* In the place of a value. */
#define SECRET(v) ((void)(v), value_str(STR("********")))

#define CLEF_LOG_FIELDS(...) CLEF_PAIRS(CLEF_LOG_FIELD, , __VA_ARGS__)
#define CLEF_LOG_FIELD(unused, name_, v) \
    {                                    \
        (name_), VALUE(v)                \
    }

#endif
