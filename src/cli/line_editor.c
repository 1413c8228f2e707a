/*
 * line_editor.c: libedit by its readline functions, loaded when a terminal asks for a line; without it, plain lines.
 * libedit is one of a process, so its state is here.
 */
#define _GNU_SOURCE
#include "cli/line_editor.h"
#include <clef/base/buf.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 64 * 1024 };

static struct {
    char *(*readline)(const char *prompt);
    int (*add_history)(const char *line);
    int (*read_history)(const char *file);
    int (*write_history)(const char *file);
    char **(*matches)(const char *text, char *(*next)(const char *, int));
    char **line;
    LineCompletions *complete;
    void *arg;
    const char *const *found;
    const char *history;
} editor;

/* libedit asks for one candidate after the other, and frees each: so they are malloc's. */
static char *next_match(const char *text, int state)
{
    (void)text;
    if (!state)
        editor.found = editor.complete(editor.arg, str_c(*editor.line));
    return editor.found && *editor.found ? strdup(*editor.found++) : NULL;
}

static char **matches(const char *text, int begin, int end)
{
    (void)begin;
    (void)end;
    return editor.matches(text, next_match);
}

static bool find(void *so, const char *name, void *to)
{
    void *symbol = dlsym(so, name);
    if (symbol)
        memcpy(to, &symbol, sizeof symbol);
    return symbol != NULL;
}

void line_editor_start(LineCompletions *complete, void *arg, const char *history)
{
    void *so = isatty(STDIN_FILENO) ? dlopen("libedit.so.2", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) : NULL;
    editor.complete = complete;
    editor.arg = arg;
    if (!so || !find(so, "readline", &editor.readline) || !find(so, "add_history", &editor.add_history)) {
        editor.readline = NULL;
        return;
    }
    char **(**completion)(const char *, int, int) = NULL;
    if (find(so, "rl_completion_matches", &editor.matches) && find(so, "rl_line_buffer", &editor.line) &&
        find(so, "rl_attempted_completion_function", &completion))
        *completion = matches;
    if (find(so, "read_history", &editor.read_history) && find(so, "write_history", &editor.write_history) && history) {
        editor.history = history;
        (void)editor.read_history(history);
    }
}

static bool read_plain(Arena *a, const char *prompt, Str *out)
{
    Buf b = BUF_INIT(a, LINE_MAX_BYTES);
    int c;
    if (isatty(STDIN_FILENO)) {
        fputs(prompt, stdout);
        fflush(stdout);
    }
    while ((c = getc(stdin)) != EOF && c != '\n')
        buf_byte(&b, (char)c);
    *out = buf_view(&b);
    return c != EOF || b.n > 0;
}

bool line_editor_read(Arena *a, const char *prompt, Str *out)
{
    if (!editor.readline)
        return read_plain(a, prompt, out);
    char *line = editor.readline(prompt);
    if (!line)
        return false;
    *out = str_copy(a, str_c(line));
    if (out->n)
        editor.add_history(line);
    free(line);
    return true;
}

void line_editor_finish(void)
{
    if (editor.history)
        (void)editor.write_history(editor.history);
}
