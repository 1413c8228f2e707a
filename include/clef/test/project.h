/*
 * project.h: tests of a project, with its settings, its applications and a database of their own. The main program of a
 * project's tests:
 *
 *     int main(int argc, char **argv)
 *     {
 *         return clef_test_main(argc, argv, &(Project){ .settings = SETTINGS(development, production) });
 *     }
 *
 * and a test:
 *
 *     TEST(tickets, a_new_one_is_open)
 *     {
 *         Ticket *ticket = CREATE(test_context(), Ticket, .title = STR("No paper"));
 *         CHECK_STR(ticket->status, STR("open"));
 *     }
 *
 * Each test begins with a new, empty database in memory that has the tables of the installed applications; nothing that
 * a test does is seen by another, as with Django's TestCase; and with the rows of its fixtures, TEST(tickets, old_ones,
 * .fixtures = FIXTURES("tickets")), which are found and loaded as loaddata does, into each database that may have them.
 * A test runs on a fiber (so it may wait, and has a fiber's stack) inside an attempt: what its code raises fails it,
 * with the message and the place.
 *
 * The settings are those of the project (CLEF_SETTINGS chooses, else the first), with DEBUG off, every SQLite database in
 * memory, nothing logged, and "testserver" among ALLOWED_HOSTS. They, the site and the database are made when a test first
 * asks for one of them.
 */
#ifndef CLEF_TEST_PROJECT_H
#define CLEF_TEST_PROJECT_H

#include <clef/cli/project.h>
#include <clef/test.h>

/* The runner (test_main) for the tests of a project, which must live as long as the process. */
CLEF_API(int, clef_test_main, int argc, char **argv, const Project *project) CLEF_MUST_USE;
/* The same for a test program with a main of its own, or for one test: from now on this is the project. */
CLEF_API(void, test_use_project, const Project *project);

/* The test's own piece of work: its memory, and the databases. A failure to make them fails and ends the test. */
CLEF_API(Context *, test_context, void) CLEF_NONNULL;
/*
 * The settings of this test, which may still be changed before the first call of test_context, test_site or a client:
 * Django's override_settings.
 */
CLEF_API(Settings *, test_site_settings, void) CLEF_NONNULL;
/* The site that answers the requests of clients. */
CLEF_API(Site *, test_site, void) CLEF_NONNULL;

/* A command of the project, run with the test's database: TEST_COMMAND("load_demo", "--tickets", "20"). */
typedef struct TestCommand {
    int status;         /* the exit code */
    Str out, err;       /* what it printed */
    const Error *error; /* what it raised (status is 1 then); NULL */
} TestCommand;
CLEF_API(TestCommand, test_command, const char *const *words);
#define TEST_COMMAND(...) test_command((const char *const[]){ __VA_ARGS__, NULL })

/* Runs fn(arg) as a piece of work: what it raises, or NULL. Django's assertRaises is CHECK_RAISES. */
#define CHECK_RAISES(code_, fn, arg) \
    ((void)test_check_raised(CLEF_TEST_AT, #fn, attempt(test_context(), (fn), (arg)), (code_)))
CLEF_API(bool, test_check_raised, const char *file, int line, const char *expression, const Error *got,
         const char *code);

#endif
