/* report.c: what the runner prints and writes: progress on a terminal, each failure, the closing line, a JUnit file. */
#include "test/runner.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum {
    SHOWN_OUTPUT = 32 << 10, /* bytes of a failed test's output on the terminal */
    MAX_JUNIT = 256 << 20,
};

struct TestReport {
    Arena *arena;
    const TestOptions *options;
    size_t total, passed, failed, skipped, notes;
    bool terminal;
    Buf cases; /* JUnit */
    Buf skipped_names;
    double seconds;
};

TestReport *test_report_create(const TestOptions *options, size_t total)
{
    Arena *arena = arena_create(NULL, 0, 0);
    TestReport *r = NEW(arena, TestReport);
    *r = (TestReport){ .arena = arena,
                       .options = options,
                       .total = total,
                       .terminal = isatty(STDOUT_FILENO),
                       .cases = BUF_INIT(NULL, MAX_JUNIT),
                       .skipped_names = BUF_INIT(NULL, 1 << 20) };
    return r;
}

/* A source path without the way from the build folder to it. */
static const char *short_path(const char *file)
{
    while (strncmp(file, "../", 3) == 0)
        file += 3;
    return file;
}

static void clear_progress(TestReport *r)
{
    if (r->terminal)
        fputs("\r\033[K", stdout);
}

void test_report_note(TestReport *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    clear_progress(r);
    vprintf(format, args);
    putchar('\n');
    va_end(args);
}

static void print_failure(const TestResult *result)
{
    const TestCase *t = result->test;
    printf("FAILED %s.%s (%s:%d): %s\n", t->area, t->name, short_path(t->file), t->line, result->reason);
    Str rest = str_slice(result->output, 0, SHOWN_OUTPUT), line;
    while (rest.n && str_cut(&rest, '\n', &line))
        printf("    %.*s\n", STR_FMT(line));
    if (result->output.n > SHOWN_OUTPUT)
        printf("    ... %zu bytes more\n", result->output.n - SHOWN_OUTPUT);
}

/* XML text: what XML cannot hold becomes a question mark. */
static void xml(Buf *b, Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '&')
            BUF_LIT(b, "&amp;");
        else if (c == '<')
            BUF_LIT(b, "&lt;");
        else if (c == '>')
            BUF_LIT(b, "&gt;");
        else if (c == '"')
            BUF_LIT(b, "&quot;");
        else if ((c >= ' ' && c < 0x7f) || c == '\n' || c == '\t')
            buf_byte(b, c);
        else
            buf_byte(b, '?');
    }
}

static void add_junit(TestReport *r, const TestResult *result)
{
    Buf *b = &r->cases;
    const TestCase *t = result->test;
    buf_printf(b, "  <testcase classname=\"%s\" name=\"%s\" file=\"%s\" line=\"%d\" time=\"%.3f\"", t->area, t->name,
               short_path(t->file), t->line, result->seconds);
    if (result->outcome == TEST_PASSED) {
        BUF_LIT(b, "/>\n");
        return;
    }
    buf_c(b, result->outcome == TEST_FAILED ? ">\n    <failure message=\"" : ">\n    <skipped message=\"");
    xml(b, str_c(result->reason));
    BUF_LIT(b, "\">");
    xml(b, result->output);
    buf_c(b, result->outcome == TEST_FAILED ? "</failure>\n" : "</skipped>\n");
    BUF_LIT(b, "  </testcase>\n");
}

void test_report_add(TestReport *r, const TestResult *result)
{
    const TestCase *t = result->test;
    r->seconds += result->seconds;
    r->passed += result->outcome == TEST_PASSED;
    r->failed += result->outcome == TEST_FAILED;
    r->skipped += result->outcome == TEST_SKIPPED;
    clear_progress(r);
    if (result->outcome == TEST_FAILED)
        print_failure(result);
    else if (result->outcome == TEST_SKIPPED)
        buf_printf(&r->skipped_names, "skipped %s.%s: %s\n", t->area, t->name, result->reason);
    if (r->options->junit)
        add_junit(r, result);
    if (r->terminal)
        printf("[%zu/%zu] %s.%s", r->passed + r->failed + r->skipped, r->total, t->area, t->name);
    fflush(stdout);
}

static bool write_junit(TestReport *r)
{
    FILE *f = fopen(r->options->junit, "w");
    if (!f)
        return false;
    fprintf(
        f,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuite name=\"clef\" tests=\"%zu\" failures=\"%zu\" skipped=\"%zu\" time=\"%.3f\">\n%.*s</testsuite>\n",
        r->passed + r->failed + r->skipped, r->failed, r->skipped, r->seconds, STR_FMT(buf_view(&r->cases)));
    bool ok = !ferror(f) && !r->cases.failed;
    return fclose(f) == 0 && ok;
}

int test_report_finish(TestReport *r)
{
    clear_progress(r);
    if (r->options->junit && !write_junit(r)) {
        printf("FAILED the JUnit file %s cannot be written\n", r->options->junit);
        r->failed++;
    }
    printf("%.*s%zu passed, %zu failed", STR_FMT(buf_view(&r->skipped_names)), r->passed, r->failed);
    if (r->skipped)
        printf(", %zu skipped", r->skipped);
    putchar('\n');
    int failed = r->failed > INT32_MAX ? INT32_MAX : (int)r->failed;
    buf_finish(&r->cases);
    buf_finish(&r->skipped_names);
    arena_destroy(r->arena);
    return failed;
}
