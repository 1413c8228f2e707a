/* runner.c: the tests that there are, the command line, and the choice of what runs. */
#include "test/runner.h"
#include "base/config.h"

#include <fnmatch.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#if CLEF_HAVE_VALGRIND
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

enum { DEFAULT_SECONDS = 10, VALGRIND_SCALE = 20, MAX_JOBS = 256, MAX_REPEAT = 1000000, MAX_FILTERS = 64 };

static TestCase *cases; /* newest first */

void test_register(TestCase *t)
{
    t->next = cases;
    cases = t;
}

static void usage(FILE *to, const char *program)
{
    fprintf(to,
            "usage: %s [OPTION...] [FILTER...]\n"
            "  -f, --filter GLOB   only tests of this area, or with this area.name; may be given several times\n"
            "  -j, --jobs N        run N tests at once (default: the processors)\n"
            "  -r, --repeat N      run everything N times\n"
            "  -t, --seconds N     time limit of a test that does not set its own (default: %d)\n"
            "      --junit FILE    write the results as JUnit XML\n"
            "  -l, --list          print the names and run nothing\n"
            "      --no-fork       run in this process, for a debugger: no limits, no leak check after each test\n",
            program, DEFAULT_SECONDS);
}

static int order(const void *a, const void *b)
{
    const TestCase *x = *(TestCase *const *)a, *y = *(TestCase *const *)b;
    int by_area = strcmp(x->area, y->area), by_file = strcmp(x->file, y->file);
    return by_area ? by_area : by_file ? by_file : (x->line > y->line) - (x->line < y->line);
}

static bool wanted(const TestCase *t, const TestOptions *o)
{
    char name[512];
    snprintf(name, sizeof name, "%s.%s", t->area, t->name);
    for (size_t i = 0; i < o->nfilters; i++)
        if (fnmatch(o->filters[i], strchr(o->filters[i], '.') ? name : t->area, 0) == 0)
            return true;
    return o->nfilters == 0;
}

static size_t select_tests(Arena *a, const TestOptions *o, TestCase ***out)
{
    size_t n = 0, all = 0;
    for (TestCase *t = cases; t; t = t->next)
        all++;
    TestCase **list = NEW_ARRAY(a, TestCase *, all);
    for (TestCase *t = cases; t; t = t->next)
        if (wanted(t, o))
            list[n++] = t;
    qsort(list, n, sizeof *list, order);
    *out = list;
    return n;
}

/* A whole number of the command line from 1 to max, or the end of the program. */
static int number(const char *text, const char *option, int max)
{
    int64_t n;
    if (!str_to_i64(str_c(text), &n) || n < 1 || n > max) {
        fprintf(stderr, "%s takes a number from 1 to %d, not \"%s\"\n", option, max, text);
        exit(2);
    }
    return (int)n;
}

static double time_scale(void)
{
    const char *text = getenv("CLEF_TEST_SCALE");
    double scale = text ? strtod(text, NULL) : 1;
    if (!(scale > 0 && scale <= 1000)) {
        fprintf(stderr, "CLEF_TEST_SCALE is a factor above 0 and at most 1000, not \"%s\"\n", text);
        exit(2);
    }
    return RUNNING_ON_VALGRIND ? scale * VALGRIND_SCALE : scale;
}

static void add_filter(TestOptions *o, const char *glob)
{
    if (o->nfilters == MAX_FILTERS) {
        fprintf(stderr, "at most %d filters\n", MAX_FILTERS);
        exit(2);
    }
    o->filters[o->nfilters++] = glob;
}

static void parse(int argc, char **argv, TestOptions *o)
{
    enum { JUNIT = 256, NO_FORK };
    static const struct option options[] = {
        { "filter", required_argument, NULL, 'f' },
        { "jobs", required_argument, NULL, 'j' },
        { "repeat", required_argument, NULL, 'r' },
        { "seconds", required_argument, NULL, 't' },
        { "junit", required_argument, NULL, JUNIT },
        { "list", no_argument, NULL, 'l' },
        { "no-fork", no_argument, NULL, NO_FORK },
        { "help", no_argument, NULL, 'h' },
        { 0 },
    };
    cpu_set_t set;
    int cores = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    o->jobs = cores < MAX_JOBS ? cores : MAX_JOBS;
    o->repeat = 1;
    o->scale = time_scale();
    o->seconds = DEFAULT_SECONDS * o->scale;
    for (int c; (c = getopt_long(argc, argv, "f:j:r:t:lh", options, NULL)) != -1;) {
        switch (c) {
        case 'f':
            add_filter(o, optarg);
            break;
        case 'j':
            o->jobs = number(optarg, "--jobs", MAX_JOBS);
            break;
        case 'r':
            o->repeat = number(optarg, "--repeat", MAX_REPEAT);
            break;
        case 't':
            o->seconds = number(optarg, "--seconds", 86400) * o->scale;
            break;
        case JUNIT:
            o->junit = optarg;
            break;
        case 'l':
            o->list = true;
            break;
        case NO_FORK:
            o->no_fork = true;
            break;
        case 'h':
            usage(stdout, argv[0]);
            exit(0);
        default:
            usage(stderr, argv[0]);
            exit(2);
        }
    }
    while (optind < argc)
        add_filter(o, argv[optind++]);
}

int test_main(int argc, char **argv)
{
    const char *filters[MAX_FILTERS];
    TestOptions options = { .filters = filters };
    parse(argc, argv, &options);
    setvbuf(stdout, NULL, _IOLBF, 0);

    Arena *arena = arena_create(NULL, 0, 0);
    TestCase **tests;
    size_t n = select_tests(arena, &options, &tests);
    int status = 0;
    if (n == 0) {
        fprintf(stderr, "no test matches; --list prints the names\n");
        status = 2;
    } else if (options.list) {
        for (size_t i = 0; i < n; i++)
            printf("%s.%s\n", tests[i]->area, tests[i]->name);
    } else {
        TestReport *report = test_report_create(&options, n * (size_t)options.repeat);
        bool whole = true;
        for (int i = 0; i < options.repeat && whole; i++)
            whole = test_run_all(tests, n, &options, report);
        status = test_report_finish(report) || !whole;
    }
    arena_destroy(arena);
    return status;
}
