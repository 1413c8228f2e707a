#include <clef/rt.h>
#include <clef/rt/watch.h>
#include <clef/test.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *at(const char *name) { return str_format(test_arena(), "%s/%s", test_dir(), name).p; }

static char told[16384];
static size_t ntold;
static int times;
static bool lost_some;

static int by_path(const void *a, const void *b)
{
    return str_cmp(((const FileChange *)a)->path, ((const FileChange *)b)->path);
}

/* "+folder/file " and "-file ", in the order of their names, without the test's folder. */
static void changed(FileWatch *w, const FileChange *changes, size_t n, bool lost, void *arg)
{
    (void)w;
    FileChange *sorted = NEW_ARRAY(test_arena(), FileChange, n + 1);
    if (n)
        memcpy(sorted, changes, n * sizeof *changes);
    qsort(sorted, n, sizeof *sorted, by_path);
    for (size_t i = 0; i < n; i++) {
        Str path = sorted[i].path;
        size_t skip = strlen(test_dir());
        path = str_from_byte(path, path.n > skip ? skip + 1 : skip);
        ntold += (size_t)snprintf(told + ntold, sizeof told - ntold, "%c%.*s%s ",
                                  sorted[i].kind == FILE_GONE ? '-' : '+', STR_FMT(path), sorted[i].folder ? "/" : "");
    }
    lost_some |= lost;
    times++;
    loop_stop(arg);
}

static bool wanted(Str path, Str name, bool folder, void *arg)
{
    (void)path, (void)arg;
    return !(folder && str_eq(name, STR("build"))) && !str_ends(name, STR("~"));
}

static Loop *loop;
static FileWatch *start(uint32_t folders)
{
    loop = loop_create(test_arena());
    FileWatch *w = filewatch_create(
        loop, test_arena(),
        &(FileWatchOptions){ .changed = changed, .wanted = wanted, .arg = loop, .quiet_ms = 30, .folders = folders });
    REQUIRE(w != NULL);
    return w;
}

static void too_late(Loop *l, Timer *t)
{
    (void)t;
    loop_stop(l);
}

/* What is told from now on, until the first telling. */
static Str next_told(int ms)
{
    Timer limit = { .fn = too_late };
    ntold = 0;
    told[0] = 0;
    timer_set(loop, &limit, loop_clock() + (int64_t)ms * 1000000);
    CHECK_EQ(loop_run(loop), 0);
    timer_stop(loop, &limit);
    return str_c(told);
}

static void end(FileWatch *w)
{
    filewatch_destroy(w);
    loop_destroy(loop);
}

TEST(watch, changes_below_a_folder_each_told_once)
{
    REQUIRE(mkdir(at("a"), 0700) == 0 && mkdir(at("a/b"), 0700) == 0 && mkdir(at("build"), 0700) == 0);
    FileWatch *w = start(0);
    CHECK_EQ(filewatch_add(w, str_format(test_arena(), "%s/", test_dir()).p), 0);
    CHECK_EQ(filewatch_folders(w), 3u);
    test_file("x.c", STR("1"));
    test_file("x.c", STR("2"));
    test_file("a/b/y.c", STR("1"));
    test_file("a/b/y.c~", STR("1"));
    test_file("build/x.o", STR("1"));
    CHECK_STR(next_told(3000), STR("+a/b/y.c +x.c "));
    CHECK_EQ(times, 1);
    REQUIRE(unlink(at("x.c")) == 0 && rename(at("a/b/y.c"), at("z.c")) == 0);
    CHECK_STR(next_told(3000), STR("-a/b/y.c -x.c +z.c "));
    CHECK_EQ(file_write_atomic(at("z.c"), STR("new"), 0), 0); /* as editors save */
    CHECK_STR_CONTAINS(next_told(3000), STR("+z.c "));
    CHECK(!lost_some);
    CHECK_STR(next_told(100), STR(""));
    end(w);
}

TEST(watch, folders_that_come_and_go)
{
    FileWatch *w = start(0);
    CHECK_EQ(filewatch_add(w, test_dir()), 0);
    REQUIRE(mkdir(at("n"), 0700) == 0 && mkdir(at("n/m"), 0700) == 0);
    test_file("n/m/early", STR(""));
    CHECK_STR(next_told(3000), STR("+n/ +n/m/ +n/m/early "));
    CHECK_EQ(filewatch_folders(w), 3u);
    test_file("n/m/late", STR(""));
    CHECK_STR(next_told(3000), STR("+n/m/late "));
    REQUIRE(rename(at("n"), at("o")) == 0);
    CHECK_STR(next_told(3000), STR("-n/ +o/ +o/m/ +o/m/early +o/m/late "));
    CHECK_EQ(filewatch_folders(w), 3u);
    test_file("o/m/late", STR("x"));
    CHECK_STR(next_told(3000), STR("+o/m/late "));
    REQUIRE(unlink(at("o/m/late")) == 0 && unlink(at("o/m/early")) == 0 && rmdir(at("o/m")) == 0);
    CHECK_STR(next_told(3000), STR("-o/m/ -o/m/early -o/m/late "));
    CHECK_EQ(filewatch_folders(w), 2u);
    CHECK(!lost_some);
    end(w);
}

TEST(watch, a_root_that_goes_is_found_again)
{
    REQUIRE(mkdir(at("root"), 0700) == 0);
    FileWatch *w = start(0);
    CHECK_EQ(filewatch_add(w, at("root")), 0);
    REQUIRE(rmdir(at("root")) == 0);
    CHECK_STR(next_told(3000), STR("-root/ "));
    CHECK_EQ(filewatch_folders(w), 0u);
    REQUIRE(mkdir(at("root"), 0700) == 0);
    test_file("root/f", STR(""));
    CHECK_STR(next_told(5000), STR("+root/ +root/f "));
    test_file("root/g", STR(""));
    CHECK_STR(next_told(3000), STR("+root/g "));
    end(w);
}

TEST(watch, limits_and_what_cannot_be_watched)
{
    REQUIRE(mkdir(at("a"), 0700) == 0 && mkdir(at("b"), 0700) == 0);
    test_file("f", STR(""));
    FileWatch *w = start(2);
    CHECK_EQ(filewatch_add(w, at("f")), -ENOTDIR);
    CHECK_EQ(filewatch_add(w, at("none")), -ENOENT);
    CHECK_EQ(filewatch_add(w, test_dir()), -ENOSPC);
    CHECK_EQ(filewatch_folders(w), 2u);
    REQUIRE(mkdir(at("c"), 0700) == 0);
    CHECK_STR(next_told(3000), STR("+c/ "));
    CHECK(lost_some);
    end(w);
}

TEST(watch, more_changes_than_the_list_holds)
{
    FileWatch *w = start(0);
    CHECK_EQ(filewatch_add(w, test_dir()), 0);
    for (int i = 0; i <= FILEWATCH_CHANGES_MAX; i++)
        close(open(at(str_format(test_arena(), "f%d", i).p), O_CREAT | O_WRONLY, 0600));
    (void)next_told(5000);
    CHECK(lost_some);
    end(w);
}

static int writes;
static void keeps_writing(Loop *l, Timer *t)
{
    int fd = open(at("busy"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    close(fd);
    writes++;
    timer_set(l, t, loop_now(l) + 10000000);
}

TEST(watch, a_folder_that_is_never_quiet_is_told_all_the_same)
{
    FileWatch *w = start(0);
    CHECK_EQ(filewatch_add(w, test_dir()), 0);
    Timer t = { .fn = keeps_writing };
    timer_set(loop, &t, 1);
    CHECK_STR(next_told(5000), STR("+busy "));
    CHECK(writes > 0);
    timer_stop(loop, &t);
    end(w);
}

TEST(watch, keeps_no_loop_running)
{
    FileWatch *w = start(0);
    CHECK_EQ(filewatch_add(w, test_dir()), 0);
    CHECK_EQ(loop_run(loop), 0);
    end(w);
    filewatch_destroy(NULL);
}
