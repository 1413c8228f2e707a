#!/usr/bin/env python3
"""makemigrations and migrate on a project that changes: each option writes what it says, the files compile and run."""
import glob, os, pty, subprocess, sys, tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import building
from checking import check, closing

MAIN = """
#include <clef/clef.h>
typedef struct Post {
    MODEL_HEAD;
    Str title;
%(members)s
} Post;
extern const Model Post_model;
const Model Post_model = { MODEL(Post), FIELDS(Post, CharField(title, .max_length = 20) %(fields)s) };
#ifdef LISTED
extern const Migration *const blog_migrations[];
#else
#define blog_migrations NULL
#endif
static const App blog_app = { .label = "blog", .models = MODELS(Post), .migrations = blog_migrations };
static void settings(Settings *s)
{
    s->debug = true;
    s->secret_key = STR("only-for-a-test-of-makemigrations-0123456789-0123456789");
    s->installed_apps = APPS(&blog_app);
    env_database(s, "default", "DATABASE_URL", STR("sqlite:///site.sqlite3"));
}
int main(int argc, char **argv)
{
    return clef_main(argc, argv, &(Project){ .name = "site", .settings = SETTINGS(settings) });
}
"""


class Site:
    def __init__(self, folder):
        self.folder = folder
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("CLEF_")}
        self.env["DATABASE_URL"] = "sqlite:///" + os.path.join(folder, "site.sqlite3")

    def migrations(self):
        return sorted(os.path.basename(p)[:-2] for p in glob.glob(os.path.join(self.folder, "blog/migrations/0*.c")))

    def source(self, name):
        with open(os.path.join(self.folder, "blog/migrations", name + ".c")) as f:
            return f.read()

    def build(self, members="", fields=""):
        os.makedirs(os.path.join(self.folder, "blog"), exist_ok=True)
        main = os.path.join(self.folder, "main.c")
        with open(main, "w") as f:
            f.write(MAIN % {"members": members, "fields": fields})
        listed = glob.glob(os.path.join(self.folder, "blog/migrations/*.c"))
        result = building.build(os.path.join(self.folder, "site"), [main] + listed, *(["-DLISTED"] if listed else []))
        check(result.returncode == 0, f"it compiles with {self.migrations()}: {result.stderr[:1500]}")

    def run(self, *words):
        return subprocess.run(["./site", *words], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)

    def asked(self, answers, *words):
        """With a terminal for its input."""
        ours, theirs = pty.openpty()
        p = subprocess.Popen(["./site", *words], cwd=self.folder, env=self.env, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        os.write(ours, answers.encode())
        out, _ = p.communicate(timeout=120)
        os.close(ours), os.close(theirs)
        return out


def begin(site):
    site.build()
    dry = site.run("makemigrations", "blog", "--dry-run", "-v", "3")
    check("Create model Post" in dry.stdout and "CreateModel(\"Post\"" in dry.stdout and not site.migrations(), f"--dry-run: {dry}")
    check(site.run("makemigrations", "blog", "--check").returncode == 1 and not site.migrations(), "--check with changes")
    refused = site.run("makemigrations", "blog", "--name", "a-b")
    check(refused.returncode == 1 and "letters, digits" in refused.stderr, f"--name that is none: {refused}")
    check(site.run("makemigrations", "blog").returncode == 0 and site.migrations() == ["0001_initial"], "the first one")
    site.build()
    check(site.run("makemigrations", "--check").returncode == 0, "--check without changes")
    check("No changes detected in app 'blog'" in site.run("makemigrations", "blog").stdout, "no changes")


def updates(site):
    rank = ("    int64_t rank;", ", IntegerField(rank, .default_value = DEFAULT(1))")
    site.build(*rank)
    done = site.run("makemigrations", "--update", "--dry-run")
    check("0001_initial_updated.c" in done.stdout and site.migrations() == ["0001_initial"], f"--update --dry-run: {done}")
    done = site.run("makemigrations", "--update")
    check(site.migrations() == ["0001_initial_updated"] and "Deleted blog/migrations/0001_initial.c" in done.stdout, f"--update: {done}")
    source = site.source("0001_initial_updated")
    check("IntegerField(rank" in source and "AddField" not in source, f"the field is in the model that is created: {source}")
    site.build(*rank)
    check(site.run("migrate").returncode == 0, "migrate what was updated")
    both = (rank[0] + "\n    bool hot;", rank[1] + ", BooleanField(hot, .default_value = DEFAULT(false))")
    site.build(*both)
    done = site.run("makemigrations", "--update")
    check(done.returncode == 1 and "Cannot update applied migration 'blog.0001_initial_updated'." in done.stderr, f"--update of an applied one: {done}")
    check(site.run("makemigrations", "--name", "heat").returncode == 0 and site.migrations()[-1] == "0002_heat", "--name")
    site.build(*both)
    third = (both[0] + "\n    OptInt depth;", both[1] + ", OptIntegerField(depth)")
    site.build(*third)
    done = site.run("makemigrations", "--update", "--name", "more")
    check(site.migrations() == ["0001_initial_updated", "0002_more"], f"--update --name: {done}")
    check(site.source("0002_more").count("AddField") == 2, "two changes in one")
    site.build(*third)
    plan = site.run("migrate", "--plan")
    check("blog.0002_more" in plan.stdout and "Add field depth to post" in plan.stdout, f"--plan: {plan}")
    check(site.run("migrate", "--check").returncode == 1, "migrate --check")
    done = site.run("migrate")
    check("Applying blog.0002_more... OK" in done.stdout, f"migrate: {done}")
    return third


def questions(site, before):
    renamed = (before[0].replace("rank", "place"), before[1].replace("rank", "place"))
    site.build(*renamed)
    out = site.asked("y\n", "makemigrations")
    check("Was Post.rank renamed to Post.place" in out and "RenameField" in site.source(site.migrations()[-1]), f"a rename: {out}")
    site.build(*renamed)
    needs = (renamed[0] + "\n    int64_t size;", renamed[1] + ", IntegerField(size)")
    site.build(*needs)
    alone = site.run("makemigrations")
    check(alone.returncode == 3 and "impossible to add a non-nullable field" in alone.stderr, f"without a terminal: {alone}")
    out = site.asked("1\nmany\n7\n", "makemigrations")
    check("'many' is no value of a IntegerField" in out and "DEFAULT(7)" in site.source(site.migrations()[-1]), f"a default: {out}")
    site.build(*needs)
    check(site.run("makemigrations", "blog", "--empty", "-n", "hand").returncode == 0 and site.migrations()[-1].endswith("_hand"), "--empty")
    site.build(*needs)
    check(site.run("migrate").returncode == 0, "migrate all")
    return needs


def branches(site, models):
    first = site.migrations()[-1]
    number = int(first[:4]) + 1
    for name in ("left", "right"):
        path = os.path.join(site.folder, "blog/migrations", f"{number:04}_{name}.c")
        with open(path, "w") as f:
            f.write(f'#include <clef/migrations.h>\n\nconst Migration blog_{number:04}_{name} = {{\n    .app = "blog", .name = "{number:04}_{name}",\n'
                    f'    .dependencies = DEPENDS({{ "blog", "{first}" }}),\n    OPERATIONS(RunSQL("SELECT 1", RUN_NOTHING)),\n}};\n')
    with open(os.path.join(site.folder, "blog/migrations/index.c"), "w") as f:
        f.write("#include <clef/migrations.h>\n\nMIGRATIONS(blog_migrations, " + ", ".join("blog_" + m for m in site.migrations()) + ");\n")
    site.build(*models)
    for words in (["makemigrations"], ["migrate"]):
        done = site.run(*words)
        check(done.returncode == 1 and "multiple leaf nodes in the migration graph" in done.stderr and "makemigrations --merge" in done.stderr, f"a conflict: {done}")
    done = site.run("makemigrations", "--merge", "--no-input")
    merged = site.migrations()[-1]
    check(done.returncode == 0 and "merge" in merged, f"--merge: {done}")
    site.build(*models)
    check(site.run("migrate", "--fake").returncode == 0, "migrate --fake")
    shown = site.run("showmigrations", "blog").stdout
    check(f"[X] {merged}" in shown, f"showmigrations: {shown}")
    # What is listed no more may be forgotten.
    os.remove(os.path.join(site.folder, "blog/migrations", merged + ".c"))
    with open(os.path.join(site.folder, "blog/migrations/index.c"), "w") as f:
        f.write("#include <clef/migrations.h>\n\nMIGRATIONS(blog_migrations, " + ", ".join("blog_" + m for m in site.migrations()) + ");\n")
    site.build(*models)
    check("only when an app is specified" in site.run("migrate", "--prune").stderr, "--prune without an app")
    done = site.run("migrate", "blog", "--prune")
    check(f"Pruning blog.{merged} OK" in done.stdout, f"--prune: {done}")
    check("No migrations to prune" in site.run("migrate", "blog", "--prune").stdout, "nothing to prune")


def listed(site, models):
    with open(os.path.join(site.folder, "blog/migrations/index.c"), "w") as f:
        f.write("#include <clef/migrations.h>\n\nMIGRATIONS(blog_migrations, " + ", ".join("blog_" + m for m in site.migrations()) + ");\n")
    site.build(*models)


def squashes(site, models):
    """Squashed ones, whose parts go later; what is no more is forgotten when nothing needs it."""
    old = site.migrations()
    done = site.run("squashmigrations", "blog", old[-1], "--no-input", "--squashed-name", "all")
    check(done.returncode == 0 and "Created new squashed migration" in done.stdout, f"squashmigrations: {done}")
    squashed = next(m for m in site.migrations() if m not in old)
    source = site.source(squashed)
    check("RunSQL" in source and ".replaces = DEPENDS(" in source, f"statements of one's own are kept: {source}")
    site.build(*models)
    check("No migrations to apply" in site.run("migrate").stdout, "all of its parts were applied")
    check(f"[X] {squashed}" in site.run("showmigrations", "blog").stdout, "it is applied, too")
    check("No changes detected" in site.run("makemigrations", "--check").stdout, "the squashed one makes the same")
    for name in old:
        os.remove(os.path.join(site.folder, "blog/migrations", name + ".c"))
    listed(site, models)
    done = site.run("migrate", "blog", "--prune")
    check(done.returncode == 1 and "Cannot use --prune" in done.stderr and f"blog.{squashed}" in done.stderr, f"--prune while it says what it replaces: {done}")
    check("No migrations to apply" in site.run("migrate").stdout, "without its parts")
    with open(os.path.join(site.folder, "blog/migrations", squashed + ".c"), "w") as f:
        f.write("\n".join(line for line in source.splitlines() if ".replaces" not in line) + "\n")
    site.build(*models)
    done = site.run("migrate", "blog", "--prune")
    check(done.returncode == 0 and all(f"Pruning blog.{m} OK" in done.stdout for m in old), f"--prune: {done}")
    check("No migrations to prune" in site.run("migrate", "blog", "--prune").stdout, "nothing to prune any more")
    check("No migrations to apply" in site.run("migrate").stdout, "the squashed one stays")
    # The records are gone, the tables are there.
    import sqlite3
    with sqlite3.connect(os.path.join(site.folder, "site.sqlite3")) as c:
        c.execute("DELETE FROM django_migrations")
    done = site.run("migrate", "--fake-initial")
    check(f"Applying blog.{squashed}... FAKED" in done.stdout, f"--fake-initial: {done}")
    check("FAKED" in site.run("migrate", "blog", "zero", "--fake").stdout and " OK" in site.run("migrate", "--fake-initial", "-v", "1").stdout.replace("FAKED", " OK"), "--fake backwards")
    # Fewer operations.
    done = site.run("optimizemigration", "blog", squashed)
    check(done.returncode == 0 and "No optimizations possible" in done.stdout, f"optimizemigration: {done}")
    path = os.path.join(site.folder, "blog/migrations", "0099_twice.c")
    with open(path, "w") as f:
        f.write('#include <clef/migrations.h>\n\nconst Migration blog_0099_twice = {\n    .app = "blog", .name = "0099_twice",\n'
                f'    .dependencies = DEPENDS({{ "blog", "{squashed}" }}),\n'
                '    OPERATIONS(AlterField("post", CharField(title, .max_length = 30)), AlterField("post", CharField(title, .max_length = 20))),\n};\n')
    listed(site, models)
    check(site.run("optimizemigration", "blog", "0099", "--check").returncode == 1, "optimizemigration --check")
    done = site.run("optimizemigration", "blog", "0099")
    check("Optimizing from 2 operations to 1 operations." in done.stdout and site.source("0099_twice").count("AlterField") == 1, f"optimizemigration: {done}")
    site.build(*models)
    check("No changes detected" in site.run("makemigrations", "--check").stdout, "what is optimized makes the same")


def main():
    with tempfile.TemporaryDirectory(prefix="clef-makemigrations-") as folder:
        site = Site(folder)
        begin(site)
        models = updates(site)
        models = questions(site, models)
        branches(site, models)
        squashes(site, models)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
