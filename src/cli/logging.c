/* logging.c: the logger that the settings describe. */
#define _GNU_SOURCE
#include "cli/commands.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* systemd names the device and inode of the stream that it reads, so that a redirected one is not taken for it. */
static bool under_journald(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat file;
    char text[64];
    Buf b = { .p = text, .cap = sizeof text, .max = sizeof text - 1 };
    if (!stream || fstat(STDERR_FILENO, &file) != 0)
        return false;
    buf_printf(&b, "%llu:%llu", (unsigned long long)file.st_dev, (unsigned long long)file.st_ino);
    return str_eq(buf_view(&b), str_c(stream));
}

static LogFormat format(const Settings *s)
{
    static const struct {
        Str name;
        LogFormat format;
    } names[] = {
        { { "text", 4 }, LOG_FORMAT_TEXT },
        { { "json", 4 }, LOG_FORMAT_JSON },
        { { "syslog", 6 }, LOG_FORMAT_SYSLOG },
        { { "journald", 8 }, LOG_FORMAT_JOURNAL },
    };
    for (size_t i = 0; i < CLEF_COUNT(names); i++)
        if (str_eq(s->log_format, names[i].name))
            return names[i].format;
    if (s->log_file.n)
        return LOG_FORMAT_JSON;
    return isatty(STDERR_FILENO) ? LOG_FORMAT_TEXT : under_journald() ? LOG_FORMAT_JOURNAL : LOG_FORMAT_JSON;
}

static void set_levels(Context *cx, const Settings *s)
{
    for (size_t i = 0; i < s->log_levels.n; i++) {
        Str rest = s->log_levels.p[i], name;
        LogLevel level;
        if (!str_cut(&rest, '=', &name) || !log_level_parse(rest, &level))
            RAISE(cx, 500, "improperly_configured",
                  "LOG_LEVELS: '%.*s' is not understood: write component=LEVEL, as request=WARNING",
                  STR_FMT(s->log_levels.p[i]));
        logger_set_level(s->logger, name, level);
    }
}

void logging_start(Context *cx, Settings *s, Str program)
{
    LoggerOptions o = { .format = format(s),
                        .path = s->log_file.n ? str_dup_c(cx->arena, s->log_file) : NULL,
                        .name = str_dup_c(cx->arena, program) };
    if (s->log_level.n && !log_level_parse(s->log_level, &o.level))
        RAISE(cx, 500, "improperly_configured",
              "LOG_LEVEL: '%.*s' is no level: use DEBUG, INFO, WARNING, ERROR or CRITICAL", STR_FMT(s->log_level));
    s->logger = logger_create(cx->arena, &o);
    if (!s->logger)
        RAISE(
            cx, 500, "improperly_configured",
            "LOG_FILE: %.*s cannot be opened: %s. Its folder must be there, and this user must be able to write to it; "
            "an empty LOG_FILE logs to standard error",
            STR_FMT(s->log_file), strerrordesc_np(errno));
    set_levels(cx, s);
}

LogComponent *logging_component(const Settings *s, Str name)
{
    return s->logger ? logger_component(s->logger, name) : NULL;
}
