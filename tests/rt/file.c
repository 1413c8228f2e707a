#include "base/fault.h"
#include "rt/beneath.h"
#include <clef/rt.h>
#include <clef/test.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *at(const char *name) { return str_format(test_arena(), "%s/%s", test_dir(), name).p; }

static size_t entries(void)
{
    FileEntry *list;
    ssize_t n = file_list(test_arena(), test_dir(), 1000, &list);
    REQUIRE(n >= 0);
    return (size_t)n;
}

static int open_files(void)
{
    FileEntry *list;
    return (int)file_list(test_arena(), "/proc/self/fd", 4096, &list);
}

static Str pattern(size_t n)
{
    char *p = arena_alloc(test_arena(), n + 1);
    for (size_t i = 0; i < n; i++)
        p[i] = (char)('a' + i % 23);
    p[n] = 0;
    return (Str){ p, n };
}

static void read_back(void)
{
    static const size_t sizes[] = { 0, 1, 4096, 65535, 65536, 300000 };
    EACH_ROW (n, sizes) {
        Str data = pattern(*n), got = { 0 };
        const char *path = at("f");
        CHECK_EQ(file_write_atomic(path, data, 0), 0);
        CHECK_EQ(file_read(test_arena(), path, *n, &got), 0);
        CHECK(str_eq(got, data) && got.p[got.n] == 0);
        if (*n)
            CHECK_EQ(file_read(test_arena(), path, *n - 1, &got), -EFBIG);
    }
    CHECK_EQ(entries(), 1u);
}

TEST(file, what_was_written_is_read)
{
    read_back();
}

static void read_back_on_fiber(void *arg)
{
    (void)arg;
    read_back();
}

TEST(file, and_on_a_fiber_by_the_pool)
{
    Loop *loop = loop_create(test_arena());
    fiber_start(loop, read_back_on_fiber, NULL);
    CHECK_EQ(loop_run(loop), 0);
    loop_destroy(loop);
}

TEST(file, reading_says_what_is_wrong)
{
    Str got;
    CHECK_EQ(file_read(test_arena(), at("none"), 10, &got), -ENOENT);
    CHECK_EQ(file_read(test_arena(), test_dir(), 10, &got), -EISDIR);
    REQUIRE(mkfifo(at("pipe"), 0600) == 0);
    CHECK_EQ(file_read(test_arena(), at("pipe"), 10, &got), 0);
    CHECK_EQ(got.n, 0u);
    Arena *small = arena_create(NULL, 8192, 4096);
    CHECK_EQ(file_write_atomic(at("large"), pattern(100000), 0), 0);
    CHECK_EQ(file_read(small, at("large"), 1 << 20, &got), -ENOMEM);
    arena_destroy(small);
}

TEST(file, a_file_that_does_not_know_its_size)
{
    Str got;
    REQUIRE(file_read(test_arena(), "/proc/self/status", 1 << 20, &got) == 0);
    CHECK(str_starts(got, STR("Name:")) && got.n > 200);
    CHECK_EQ(file_read(test_arena(), "/proc/self/status", 100, &got), -EFBIG);
    REQUIRE(file_read(test_arena(), "/proc/self/maps", 16 << 20, &got) == 0);
    CHECK(got.n > 4096);
}

TEST(file, an_atomic_write_replaces_and_has_the_mode)
{
    struct stat s;
    const char *path = at("f");
    CHECK_EQ(file_write_atomic(path, STR("old"), 0600), 0);
    REQUIRE(stat(path, &s) == 0);
    CHECK_EQ(s.st_mode & 07777, 0600);
    int before = open(path, O_RDONLY | O_CLOEXEC);
    CHECK_EQ(file_write_atomic(path, STR("new!"), 0), 0);
    REQUIRE(stat(path, &s) == 0);
    CHECK_EQ(s.st_mode & 07777, 0644);
    char old[8];
    CHECK_EQ(read(before, old, sizeof old), 3); /* who had it open keeps what it was */
    close(before);
    CHECK_EQ(file_write_atomic(at("no/such/folder"), STR("x"), 0), -ENOENT);
    CHECK_EQ(entries(), 1u);
}

TEST(file, a_full_disk_leaves_the_old_file_and_nothing_else)
{
    const char *path = at("f");
    CHECK_EQ(file_write_atomic(path, STR("old"), 0), 0);
    struct rlimit before, small;
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 1000;
    signal(SIGXFSZ, SIG_IGN);
    REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
    CHECK_EQ(file_write_atomic(path, pattern(5000), 0), -EFBIG);
    setrlimit(RLIMIT_FSIZE, &before);
    Str got;
    CHECK_EQ(file_read(test_arena(), path, 100, &got), 0);
    CHECK_STR(got, STR("old"));
    CHECK_EQ(entries(), 1u);
}

TEST(file, every_refused_call_is_an_outcome)
{
    const char *path = at("f");
    fault_arm(0, 0);
    REQUIRE(file_write_atomic(path, STR("old"), 0) == 0);
    int fds = open_files(), rounds = 0;
    FAULT_LOOP (FAULT_SYSTEM) {
        int error = file_write_atomic(path, STR("new"), 0);
        bool fired = fault_fired();
        if (!fired)
            fault_arm(0, 0); /* what follows is not the scenario */
        CHECK((error < 0) == fired);
        Str got = { 0 };
        CHECK_EQ(file_read(test_arena(), path, 100, &got), 0);
        CHECK_STR(got, error ? STR("old") : STR("new"));
        CHECK_EQ(entries(), 1u);
        rounds++;
    }
    CHECK(rounds == 1 || rounds == 5); /* making, writing, syncing, renaming; once without faults */
    CHECK_EQ(open_files(), fds);
}

TEST(file, temporary_files_go)
{
    int fd = file_temp(test_dir());
    REQUIRE(fd >= 0);
    CHECK_EQ(file_write_all(fd, "abc", 3), 0);
    char back[4] = "";
    CHECK_EQ(pread(fd, back, 3, 0), 3);
    CHECK_EQ(entries(), 0u);
    CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
    CHECK_EQ(file_temp("/no/such/folder"), -ENOENT);

    Arena *a = arena_create(NULL, 0, 0);
    TempFile t;
    CHECK_EQ(tempfile_create(&t, a, test_dir(), STR(".png")), 0);
    CHECK(str_ends(str_c(t.path), STR(".png")));
    CHECK_EQ(entries(), 1u);
    arena_reset(a);
    CHECK_EQ(entries(), 0u);
    CHECK_EQ(tempfile_create(&t, a, test_dir(), STR("")), 0);
    CHECK_EQ(file_write_all(t.fd, "abc", 3), 0);
    CHECK_EQ(tempfile_keep(&t, a, at("no/such"), 0), -ENOENT);
    CHECK_EQ(tempfile_keep(&t, a, at("kept"), 0), 0);
    CHECK_EQ(tempfile_keep(&t, a, at("kept"), 0), -EBADF);
    CHECK_EQ(tempfile_create(&t, a, test_dir(), STR("")), 0);
    tempfile_discard(&t, a);
    CHECK_EQ(tempfile_create(&t, a, "/no/such/folder", STR("")), -ENOENT);
    arena_destroy(a);
    CHECK_EQ(entries(), 1u);
}

TEST(file, listing_is_sorted_and_limited)
{
    FileEntry *list;
    CHECK_EQ(file_list(test_arena(), test_dir(), 10, &list), 0);
    test_file("b", STR(""));
    test_file("a", STR(""));
    REQUIRE(mkdir(at("c"), 0700) == 0 && symlink("a", at("A")) == 0);
    REQUIRE(file_list(test_arena(), test_dir(), 4, &list) == 4);
    static const struct {
        Str name;
        int type;
    } expected[] = { { STR("A"), DT_LNK }, { STR("a"), DT_REG }, { STR("b"), DT_REG }, { STR("c"), DT_DIR } };
    for (size_t i = 0; i < 4; i++) {
        CHECK_STR(list[i].name, expected[i].name);
        CHECK_EQ(list[i].type, expected[i].type);
    }
    CHECK_EQ(file_list(test_arena(), test_dir(), 3, &list), -EFBIG);
    CHECK_EQ(file_list(test_arena(), at("none"), 3, &list), -ENOENT);
    CHECK_EQ(file_list(test_arena(), at("a"), 3, &list), -ENOTDIR);
}

TEST(file, nothing_leads_out_of_the_folder)
{
    REQUIRE(mkdir(at("root"), 0700) == 0 && mkdir(at("root/in"), 0700) == 0);
    test_file("secret", STR("secret"));
    test_file("root/in/f", STR("f"));
    REQUIRE(symlink("../../secret", at("root/in/up")) == 0);
    REQUIRE(symlink("/etc/passwd", at("root/absolute")) == 0);
    REQUIRE(symlink("in", at("root/within")) == 0);
    int root = open(at("root"), O_PATH | O_DIRECTORY | O_CLOEXEC);
    REQUIRE(root >= 0);
    int fds = open_files();
    static const struct {
        Str name;
        int flags, error;
    } table[] = {
        { STR("in/f"), O_RDONLY, 0 },
        { STR("in//f"), O_RDONLY, 0 },
        { STR("./in/./f"), O_RDONLY, 0 },
        { STR("within/f"), O_RDONLY, 0 },
        { STR("in/new"), O_WRONLY | O_CREAT, 0 },
        { STR("in"), O_RDONLY | O_DIRECTORY, 0 },
        { STR("../secret"), O_RDONLY, -EXDEV },
        { STR("in/../../secret"), O_RDONLY, -EXDEV },
        { STR("in/up"), O_RDONLY, -EXDEV },
        { STR("absolute"), O_RDONLY, -EXDEV },
        { STR("/etc/passwd"), O_RDONLY, -EXDEV },
        { STR("none"), O_RDONLY, -ENOENT },
        { STR("in/f/x"), O_RDONLY, -ENOTDIR },
        { STR(""), O_RDONLY, -EINVAL },
        { STR("in/f\0x"), O_RDONLY, -EINVAL },
    };
    EACH_ROW (row, table) {
        int fd = file_open_beneath(root, row->name, row->flags, 0600);
        CHECK_EQ(fd < 0 ? fd : 0, row->error);
        if (fd >= 0) {
            CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
            close(fd);
        }
    }
    CHECK_EQ(open_files(), fds);
    /* Without openat2: the same, but no link is followed, within the folder either. */
    EACH_ROW (row, table) {
        char path[64];
        memcpy(path, row->name.p, row->name.n + 1);
        if (row->error == -EINVAL)
            continue;
        bool links = str_contains(row->name, STR("up")) || str_contains(row->name, STR("absolute")) ||
                     str_contains(row->name, STR("within"));
        int fd = open_by_steps(root, path, row->flags, 0600);
        int expected = links ? -ELOOP : row->error;
        if (str_eq(row->name, STR("in/f/x")))
            expected = -ELOOP; /* what is no folder may be a link */
        CHECK_EQ(fd < 0 ? fd : 0, expected);
        if (fd >= 0)
            close(fd);
    }
    CHECK_EQ(open_files(), fds);
    close(root);
}
