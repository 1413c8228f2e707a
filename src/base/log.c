/* log.c: loggers, their components and levels. */
#include "base/log_internal.h"
#include <clef/base/datetime.h>

#include <errno.h>
#include <unistd.h>

static void close_logger(void *arg) { sink_close(&((Logger *)arg)->sink); }

Logger *logger_create(Arena *a, const LoggerOptions *options)
{
    Sink sink = { .fd = -1 };
    bool socket = options->format >= LOG_FORMAT_SYSLOG;
    const char *path = options->path                          ? str_dup_c(a, str_c(options->path))
                       : options->format == LOG_FORMAT_SYSLOG ? "/dev/log"
                                                              : "/run/systemd/journal/socket";
    const char *program = options->name ? str_dup_c(a, str_c(options->name)) : "clef";
    Logger *l = NEW(a, Logger);
    Buf line = BUF_INIT(a, LOG_LINE_MAX);
    (void)buf_reserve(&line, LOG_LINE_MAX);
    arena_defer(a, close_logger, l);
    l->sink.fd = -1;
    if (socket) {
        sink_open_socket(&sink, path);
    } else if (options->path ? !sink_open_file(&sink, path)
                             : !sink_open_fd(&sink, options->fd ? options->fd : STDERR_FILENO)) {
        return NULL;
    }
    *l = (Logger){
        .arena = a,
        .format = options->format,
        .colour = options->colour == LOG_COLOUR_ALWAYS || (options->colour == LOG_COLOUR_AUTO && sink.terminal),
        .program = program,
        .facility = options->facility && options->facility < 24 ? options->facility : 1,
        .sink = sink,
        .line = line,
    };
    logger_set_level(l, STR(""), options->level ? options->level : LEVEL_INFO);
    return l;
}

/* Does the rule's name stand for `name` or something above it? */
static bool covers(Str rule, Str name)
{
    return rule.n == 0 || (str_starts(name, rule) && (name.n == rule.n || name.p[rule.n] == '.'));
}

static int effective(const Logger *l, Str name)
{
    const LevelRule *best = NULL;
    for (const LevelRule *r = l->rules; r; r = r->next)
        if (r->level != LEVEL_NOTSET && covers(r->name, name) && (!best || r->name.n > best->name.n))
            best = r;
    return best ? best->level : LEVEL_INFO;
}

LogComponent *logger_component(Logger *l, Str name)
{
    for (LogComponent *c = l->components; c; c = c->next)
        if (str_eq(c->name, name))
            return c;
    LogComponent *c = NEW(l->arena, LogComponent);
    *c = (LogComponent){ l, str_copy(l->arena, name), effective(l, name), l->components };
    l->components = c;
    return c;
}

void logger_set_level(Logger *l, Str name, LogLevel level)
{
    LevelRule *r = l->rules;
    while (r && !str_eq(r->name, name))
        r = r->next;
    if (!r) {
        r = NEW(l->arena, LevelRule);
        *r = (LevelRule){ str_copy(l->arena, name), level, l->rules };
        l->rules = r;
    }
    r->level = level;
    for (LogComponent *c = l->components; c; c = c->next)
        c->level = effective(l, c->name);
}

bool logger_reopen(Logger *l)
{
    Sink sink;
    if (l->format >= LOG_FORMAT_SYSLOG) {
        sink_open_socket(&sink, l->sink.path);
        if (sink.fd < 0)
            return false;
    } else if (!l->sink.path) {
        return true;
    } else if (!sink_open_file(&sink, l->sink.path)) {
        return false;
    }
    sink_close(&l->sink);
    l->sink = sink;
    return true;
}

uint64_t logger_dropped(const Logger *l) { return l->dropped; }

const char *log_level_name(int level)
{
    switch (level) {
    case LEVEL_DEBUG:
        return "DEBUG";
    case LEVEL_INFO:
        return "INFO";
    case LEVEL_WARNING:
        return "WARNING";
    case LEVEL_ERROR:
        return "ERROR";
    case LEVEL_CRITICAL:
        return "CRITICAL";
    case LEVEL_NOTSET:
        return "NOTSET";
    default:
        return "LEVEL";
    }
}

bool log_level_parse(Str name, LogLevel *out)
{
    static const struct {
        Str name;
        LogLevel level;
    } names[] = {
        { STR("NOTSET"), LEVEL_NOTSET },     { STR("DEBUG"), LEVEL_DEBUG },    { STR("INFO"), LEVEL_INFO },
        { STR("WARNING"), LEVEL_WARNING },   { STR("WARN"), LEVEL_WARNING },   { STR("ERROR"), LEVEL_ERROR },
        { STR("CRITICAL"), LEVEL_CRITICAL }, { STR("FATAL"), LEVEL_CRITICAL }, { STR("OFF"), LEVEL_OFF },
    };
    for (size_t i = 0; i < CLEF_COUNT(names); i++)
        if (str_ieq(name, names[i].name)) {
            *out = names[i].level;
            return true;
        }
    return false;
}

void log_write(LogComponent *c, int level, const char *message, const LogField *fields)
{
    Logger *l = c->logger;
    int saved = errno;
    int64_t us = datetime_now().us;
    if (l->dropped) {
        const LogField lost[] = { { "dropped", value_int((int64_t)l->dropped) }, { 0 } };
        log_format(l, &(LogLine){ STR("log"), LEVEL_WARNING, us, STR("log lines were lost"), lost });
        if (!sink_write(&l->sink, l->line.p, l->line.n)) {
            l->dropped++;
            errno = saved;
            return;
        }
        l->dropped = 0;
    }
    log_format(l, &(LogLine){ c->name, level, us, str_c(message), fields });
    if (!sink_write(&l->sink, l->line.p, l->line.n))
        l->dropped++;
    errno = saved;
}
