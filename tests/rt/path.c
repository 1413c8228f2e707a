#include <clef/rt/path.h>
#include <clef/test.h>

TEST(path, join)
{
    static const struct {
        Str folder, name, out;
    } table[] = {
        { STR("a"), STR("b/c"), STR("a/b/c") }, { STR("a/"), STR("b"), STR("a/b") }, { STR("a"), STR("/b"), STR("/b") },
        { STR(""), STR("b"), STR("b") },        { STR("a"), STR(""), STR("a") },     { STR(""), STR(""), STR("") },
        { STR("/"), STR("b"), STR("/b") },
    };
    EACH_ROW (row, table)
        CHECK_STR(path_join(test_arena(), row->folder, row->name), row->out);
}

TEST(path, normalize)
{
    static const struct {
        Str in, out;
    } table[] = {
        { STR("/a/./b/../c"), STR("/a/c") },
        { STR(""), STR(".") },
        { STR("."), STR(".") },
        { STR("/"), STR("/") },
        { STR("//"), STR("/") },
        { STR("/.."), STR("/") },
        { STR("/../a"), STR("/a") },
        { STR(".."), STR("..") },
        { STR("../.."), STR("../..") },
        { STR("a/.."), STR(".") },
        { STR("a/../.."), STR("..") },
        { STR("../a/../b"), STR("../b") },
        { STR("a//b///c/"), STR("a/b/c") },
        { STR("a/b/../../c"), STR("c") },
        { STR("..a/b.."), STR("..a/b..") },
        { STR("/build/dev/../../src/x.c"), STR("/src/x.c") },
    };
    EACH_ROW (row, table)
        CHECK_STR(path_normalize(test_arena(), row->in), row->out);
}

TEST(path, parts)
{
    static const struct {
        Str path, folder, base, extension;
    } table[] = {
        { STR("/a/b.tar.gz"), STR("/a"), STR("b.tar.gz"), STR(".gz") },
        { STR("b"), STR("."), STR("b"), STR("") },
        { STR("/a"), STR("/"), STR("a"), STR("") },
        { STR("a/"), STR("a"), STR(""), STR("") },
        { STR(".profile"), STR("."), STR(".profile"), STR("") },
        { STR("a.b/c"), STR("a.b"), STR("c"), STR("") },
        { STR("a//b."), STR("a"), STR("b."), STR(".") },
    };
    EACH_ROW (row, table) {
        CHECK_STR(path_folder(row->path), row->folder);
        CHECK_STR(path_base(row->path), row->base);
        CHECK_STR(path_extension(row->path), row->extension);
    }
}

TEST(path, join_beneath)
{
    static const struct {
        Str folder, name, out;
    } table[] = {
        { STR("/srv/media"), STR("a/b.png"), STR("/srv/media/a/b.png") },
        { STR("/srv/media/"), STR("a/../b.png"), STR("/srv/media/b.png") },
        { STR("/srv/media"), STR(""), STR("/srv/media") },
        { STR("/srv/media"), STR("../x"), { 0 } },
        { STR("/srv/media"), STR("../mediax"), { 0 } },
        { STR("/srv/media"), STR("/etc/passwd"), { 0 } },
        { STR("/srv/media"), STR("/srv/media/x"), STR("/srv/media/x") },
        { STR("/srv/media"), STR("a/../../media/b"), STR("/srv/media/b") },
        { STR("/srv/media"), STR("a\0b"), { 0 } },
        { STR("/"), STR("../etc"), STR("/etc") },
        { STR("."), STR("a"), STR("a") },
        { STR("."), STR("../a"), { 0 } },
        { STR("."), STR("..a"), STR("..a") },
        { STR("."), STR("/a"), { 0 } },
        { STR("media"), STR("x"), STR("media/x") },
        { STR("media"), STR("../y"), { 0 } },
    };
    EACH_ROW (row, table) {
        Str got = path_join_beneath(test_arena(), row->folder, row->name);
        CHECK_STR(got, row->out);
        CHECK_EQ(str_is_null(got), str_is_null(row->out));
    }
}
