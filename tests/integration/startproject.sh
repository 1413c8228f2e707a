#!/bin/sh
# A newcomer's first hour: installs Clef into a folder of its own, makes a project, builds it with both compilers, tests it,
# serves it, breaks it, mends it; and makes every mistake that has a message. Ends with `N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
root=$top/build/project-test
work=$root/work
passed=0 failed=0 server='' pages=0
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED startproject: $1"; }
end() {
    [ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null
    echo "$passed passed, $failed failed"
    [ $failed = 0 ]
    exit
}
trap 'kill $server 2>/dev/null; exit 1' INT TERM
# try WHAT COMMAND...: the command must succeed without a warning; its output is shown when it does not.
try() {
    what=$1
    shift
    if "$@" >"$root/log" 2>&1 && ! grep -q 'warning:' "$root/log"; then ok; else
        tail -n 30 "$root/log"
        bad "$what"
    fi
}
# says WHAT PATTERN COMMAND...: the command must fail with a message that the pattern finds.
says() {
    what=$1 pattern=$2
    shift 2
    if "$@" >"$root/log" 2>&1; then bad "$what: it does not fail"; elif grep -q "$pattern" "$root/log"; then ok; else
        tail -n 5 "$root/log"
        bad "$what: its message has no \"$pattern\""
    fi
}

. tests/integration/lib/installed.sh
mkdir -p "$root"
rm -rf "$work" "$root/pages"
mkdir -p "$work" "$root/pages"
install_clef
[ $failed = 0 ] || end
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig" PATH="$prefix/bin:$PATH"
clef=$prefix/bin/clef
cd "$work" || exit 1

# ---- a project
try "clef startproject" clef startproject shop
for file in Makefile main.c urls.c settings/base.c settings/development.c settings/production.c pages/views.c pages/models.h pages/models.c pages/migrations/index.c templates/base.html templates/pages/index.html tests/pages.c tests/site.c .gitignore .env; do
    if [ -f "shop/$file" ]; then ok; else bad "shop/$file is missing"; fi
done
if [ "$(wc -l <shop/Makefile)" = 2 ]; then ok; else bad "the Makefile has not two lines"; fi
if [ "$(stat -c %a shop/.env)" = 600 ]; then ok; else bad "everybody may read .env"; fi
if grep -rq '@[a-zA-Z]*@' shop --include='*.[ch]' --include=Makefile --include=.gitignore; then bad "a name was not filled in"; else ok; fi
if grep -qx '\.env' shop/.gitignore; then ok; else bad ".gitignore lets .env in"; fi
clef startproject other >/dev/null 2>&1
if cmp -s shop/.env other/.env; then bad "two projects have the same SECRET_KEY"; else ok; fi
cd shop || exit 1
for compiler in gcc clang; do
    command -v $compiler >/dev/null || { echo "skipped building a project with $compiler: it is not installed"; continue; }
    make -s clean
    try "make with $compiler" make -s CC=$compiler
    # (Without optimising the whole program, which takes a minute: that is done below, once.)
    try "make release with $compiler" make -s CC=$compiler CFLAGS=-fno-lto LDFLAGS=-fno-lto release
    try "make test with $compiler" make -s CC=$compiler test
done
make -s clean
try "clef startapp" clef startapp blog
try "clef check" clef check
sed -i 's|, .namespace = "pages"),|&\n    INCLUDE("blog/", blog_urls, .namespace = "blog"),|; s|#include "pages/pages.h"|#include "blog/blog.h"\n&|' urls.c
sed -i 's|APPS(&pages_app)|APPS(\&pages_app, \&blog_app)|; s|#include "pages/pages.h"|#include "blog/blog.h"\n&|' settings/base.c
try "a project with two applications" make -s
try "its tests" make -s test
if clef showurls 2>&1 | grep -q 'blog/'; then ok; else bad "the new application has no URLs"; fi

# Two builds of one project at a time wait for each other. (This compiler takes its time, and says when it is not alone.)
cat >"$root/slow-cc" <<CC
#!/bin/sh
mkdir "$root/compiling" 2>/dev/null || touch "$root/met"
sleep 0.2
gcc "\$@"
status=\$?
rmdir "$root/compiling" 2>/dev/null
exit \$status
CC
chmod +x "$root/slow-cc"
rm -rf "$root/met" "$root/compiling"
touch pages/views.c blog/views.c
make -s CC="$root/slow-cc" >"$root/log" 2>&1 &
first=$!
if make -s CC="$root/slow-cc" >>"$root/log" 2>&1 && wait $first && [ ! -e "$root/met" ]; then ok; else
    tail -n 5 "$root/log"
    bad "two builds at the same time"
fi
# What includes no header of Clef is compiled as it stands, although <clef/clef.h> is precompiled.
echo 'Str nothing(void);' >blog/bare.c
says "a file without clef.h" "unknown type name" make -s
rm blog/bare.c
try "without it" make -s

# ---- mistakes, without a server
cd "$work" || exit 1
says "a name with a dash" "Try 'my_site'" clef startproject my-site
says "a name in capitals" "Try 'shop2'" clef startproject Shop2
says "a name that begins with a digit" "begins with a letter" clef startproject 2shop
says "an empty name" "cannot be the name" clef startproject ""
says "a word of C" "word of the C language" clef startproject switch
says "a function of libc" "name of the C library" clef startproject printf
says "a header" "header of the system" clef startproject stdio
says "a folder of every project" "every project" clef startproject settings
says "a long name" "longer than" clef startproject aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee
if [ -e my-site ] || [ -e switch ] || [ -e printf ]; then bad "a refused name left a folder"; else ok; fi
says "no name" "usage: clef startproject" clef startproject
says "a folder that is not empty" "is not empty" clef startproject shop
echo x >afile
says "a file in the way" "file called afile" clef startproject thing afile
mkdir readonly
chmod 555 readonly
if [ "$(id -u)" != 0 ]; then
    says "a read-only folder" "may write to" clef startproject thing readonly/thing
elif setpriv --reuid=65534 --clear-groups true 2>/dev/null && setpriv --reuid=65534 --clear-groups test -x "$clef" 2>/dev/null; then
    says "a read-only folder" "may write to" setpriv --reuid=65534 --clear-groups "$clef" startproject thing readonly/thing
else
    echo "skipped a read-only folder: root may write everywhere"
fi
says "startapp outside of a project" "not a Clef project" clef startapp thing
says "runserver outside of a project" "not a Clef project" clef runserver
says "an unknown command outside of a project" "There is no command 'migrrate'" clef migrrate
cd shop || exit 1
says "startapp with a name that is there" "is there already" clef startapp blog
says "startapp with a bad name" "cannot be the name" clef startapp Blog-2
says "an unknown command" "did you mean" clef chekc
says "no compiler" "sudo apt install gcc" env PATH=/nowhere "$clef" runserver
says "no compiler named by CC" "a C compiler" env CC=/nowhere/cc "$clef" runserver
says "Clef is not found" "PKG_CONFIG_PATH" env PKG_CONFIG_PATH=/nowhere "$clef" runserver
says "no place to listen" "no place to listen" clef runserver nowhere
says "an address of another machine" "not an address of this machine" clef runserver 192.0.2.1:8000
says "a database in a folder that is not there" "its folder does not exist" env DATABASE_URL=sqlite:///nowhere/db.sqlite3 clef migrate
says "a database that is a folder" "it is a folder" env DATABASE_URL=sqlite:///blog clef migrate
says "a database of a kind that is not there" "must begin with one of" env DATABASE_URL=paper://x clef migrate
cp pages/views.c "$root/views.c"
sed -i 's/"heading", /"heading" /' pages/views.c
says "a missing comma in RENDER, at the terminal" "clef: .*RENDER takes pairs" clef check
if grep -q "pages/views.c:.*requires" "$root/log" && [ "$(wc -l <"$root/log")" -lt 60 ]; then ok; else
    tail -n 5 "$root/log"
    bad "a missing comma in RENDER gives $(wc -l <"$root/log") lines at the terminal"
fi
cp "$root/views.c" pages/views.c
says "environments that are not there" "development, production" clef check --settings prod
mv .env env
says "no SECRET_KEY" "SECRET_KEY" clef check
mv env .env

# Somebody else builds: it is said, and waited for. A lock that was left behind by who has ended holds nobody up.
flock build/.dev.lock sleep 1 &
sleep 0.2
try "a build beside another one" clef check
if grep -q "another build of this project is running" "$root/log"; then ok; else bad "waiting for another build is not said"; fi
flock build/.dev.lock sleep 1 &
sleep 0.2
try "make beside another one" make -s
if grep -q "another build of this project is running" "$root/log"; then ok; else bad "make does not say that it waits"; fi
wait

rm -f "$root/port"
python3 -c 'import os, socket, sys, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
with open(sys.argv[1] + ".new", "w") as f:
    f.write(str(s.getsockname()[1]))
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(600)' "$root/port" &
holder=$!
tries=0
until [ -e "$root/port" ] || [ $tries = 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
port=$(cat "$root/port")
says "serve at a port that is in use" "another process listens there: stop it" timeout 60 ./build/dev/shop serve --listen "127.0.0.1:$port"
says "runserver at a port that is in use" "Stop that, or take another port" timeout 60 clef runserver "$port"
kill $holder
wait $holder 2>/dev/null

# ---- what the system refuses: to nobody in particular, because root may do everything
as=
[ "$(id -u)" != 0 ] || as="setpriv --reuid=65534 --regid=65534 --clear-groups"
# shellcheck disable=SC2086 # $as is a command of several words
if $as test -x "$clef" 2>/dev/null && $as test -r Makefile; then
    cp -a . "$work/theirs"
    [ -z "$as" ] || chown -R 65534:65534 "$work/theirs"
    cd "$work/theirs" || exit 1
    if [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 80 ]; then
        says "a port that needs root" "ports below 1024 need root. Take another port" timeout 60 $as "$clef" runserver 80
        says "serve at a port that needs root" "ports below 1024 need CAP_NET_BIND_SERVICE" timeout 60 $as build/dev/shop serve --listen 127.0.0.1:80
    else echo "skipped ports below 1024: this system gives them to everybody"; fi
    mkdir locked
    touch empty.sqlite3
    chmod 555 locked
    chmod 444 empty.sqlite3
    says "a database in a read-only folder" "unable to open database file: locked/db.sqlite3 (you may not write to its folder" \
        $as env DATABASE_URL=sqlite:///locked/db.sqlite3 build/dev/shop migrate
    says "a read-only database" "attempt to write a readonly database: empty.sqlite3 (you may not write it: chmod u+w" \
        $as env DATABASE_URL=sqlite:///empty.sqlite3 build/dev/shop migrate
    rm -rf build
    chmod 555 .
    says "a project in a read-only folder" "The folder build cannot be made.*Work on a copy of the project" $as "$clef" check
    says "an application in a read-only folder" "Work on a copy that is your own" $as "$clef" startapp later
    chmod 755 .
    mkdir build
    chmod 555 build
    says "what another user has built" "sudo rm -r build" $as "$clef" check
    chmod 755 build
    [ -z "$as" ] || chown 65534 build
    mkdir build/dev
    chmod 555 build/dev
    says "what another user has built in part" "The folder build/dev cannot be written to" $as "$clef" check
    cd "$work/shop" || exit 1
else echo "skipped what the system refuses: setpriv does not give up root's rights here"; fi

# ---- a full disk
mkdir -p "$root/small"
if mount -t tmpfs -o size=512k tmpfs "$root/small" 2>/dev/null; then
    cp -r Makefile main.c urls.c urls.h settings pages blog templates .env "$root/small/"
    head -c 1000000 /dev/zero >"$root/small/filler" 2>/dev/null
    says "startapp on a full disk" "The disk is full: make room" env -C "$root/small" "$clef" startapp later
    says "a build on a full disk" "make room" env -C "$root/small" "$clef" check
    truncate -s -49152 "$root/small/filler"
    says "a database on a full disk" "db.sqlite3 (there is no room where the file is" env DATABASE_URL="sqlite:///$root/small/db.sqlite3" clef migrate
    umount "$root/small"
else echo "skipped a full disk: only root may mount a small one"; fi
echo "something else, and not a database" >notes.txt
says "a database that is something else" "file is not a database: notes.txt (it holds something else" env DATABASE_URL=sqlite:///notes.txt clef migrate
rm notes.txt

# ---- the server
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# (Its make takes the program away after a build, as another build may do, when the file `take` is there.)
mkdir -p "$root/bin"
cat >"$root/bin/make" <<MAKE
#!/bin/sh
/usr/bin/make "\$@" || exit
[ ! -e "$root/take" ] || rm "$root/take" build/dev/shop
MAKE
chmod +x "$root/bin/make"
PATH="$root/bin:$PATH" clef runserver "$port" >"$root/server.log" 2>&1 &
server=$!
tries=0
until curl -s -o "$root/page" -m 30 "http://127.0.0.1:$port/" || [ $tries = 50 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
says "a port that is in use" "is in use" clef runserver "$port"
# The text of the page, without its style and markup.
page_words() {
    python3 -c 'import html, re, sys
text = open(sys.argv[1], errors="replace").read()
text = re.sub(r"(?s)<(style|script)\b.*?</\1>", "", text)
print(re.sub(r"\s*\n\s*\n\s*", "\n", html.unescape(re.sub(r"<[^>]*>", "", text))))' "$root/page"
}
# page PATH PATTERN WHAT: the page is fetched at once, while a build may be running.
page() {
    sleep 0.05
    curl -s -m 30 -o "$root/page" -w '%{http_code}' "http://127.0.0.1:$port$1" >"$root/status" 2>"$root/curl.log"
    pages=$((pages + 1))
    cp "$root/page" "$root/pages/$pages.html"
    if grep -q "$2" "$root/page"; then ok; else
        page_words | head -c 2000
        cat "$root/curl.log"
        tail -n 5 "$root/server.log"
        bad "$3: no \"$2\" in the page"
    fi
}
page / "It works" "the first page"
page / 'src="/__clef__/live.js' "live reload"
page /nowhere "URL patterns that were tried" "a path that is not there"
page /blog/ "blog" "the second application"
sed -i 's/It works/It changed/' pages/views.c
page / "It changed" "an edit"
sed -i 's/return RENDER/retrun RENDER/' pages/views.c
page / "The build failed" "a typing error"
page / "pages/views.c:5:5: error:.*retrun" "a typing error"
page / '<li class="at".*retrun' "the source of the error"
if [ "$(cat "$root/status")" = 500 ]; then ok; else bad "a failed build is answered by $(cat "$root/status")"; fi
sed -i 's/retrun RENDER/return RENDER/' pages/views.c
page / "It changed" "the typing error mended"
sed -i 's|^    return RENDER|    if (r->query_string.n)\n        RAISE(r, 500, "asked_for", "this went wrong");\n    return RENDER|' pages/views.c
page "/?x" "<h1>this went wrong</h1>" "an error"
page "/?x" 'SECRET_KEY</th><td>\*\*\*' "the settings, without secrets"
if grep -qF "$(sed -n 's/^SECRET_KEY=//p' .env)" "$root/page"; then bad "the page shows the SECRET_KEY"; else ok; fi
page / "It changed" "the same view without the error"
sed -i 's|RAISE(r, 500, "asked_for", "this went wrong")|{ int a[2] = { 1, 2 }; volatile int i = 7; a[i] = 3; return HttpResponse(r, "%d", .status = a[i]); }|' pages/views.c
page / "It changed" "before a memory error"
page "/?x" "[Ii]ndex 7 out of bounds" "a memory error"
if grep -q "<code>pages_index</code>" "$root/page"; then ok; else bad "the page of a memory error does not name the function"; fi
page / "It changed" "after a memory error"
sed -i 's|{ int a\[2\].*|{ int *nowhere = NULL; *(volatile int *)nowhere = r->method; }|' pages/views.c
page / "It changed" "before a null pointer"
page "/?x" "null pointer" "a null pointer"
page / "It changed" "after a null pointer"
# Slips in the tables: the place is the project's, although the compiler stumbles over a macro of Clef.
cp pages/urls.c "$root/urls.c"
sed -i 's/"index"),/"index")/' pages/urls.c
page / "<h1>pages/urls.c:5:5: error: expected" "a missing comma"
page / "A comma is missing behind the row before" "the remedy for a missing comma"
cp "$root/urls.c" pages/urls.c
sed -i '/URLS_END/d' pages/urls.c
page / "The table of URLs pages_urls does not end with URLS_END" "a table without its end"
cp "$root/urls.c" pages/urls.c
sed -i 's/pages_index,/pages_nothing,/' pages/urls.c
page / "<h1>pages/urls.c:4:.*pages_nothing.*undeclared" "a view that is not declared"
page / "A view is declared in its application" "the remedy for a view that is not declared"
cp "$root/urls.c" pages/urls.c
cp settings/base.c "$root/base.c"
sed -i 's/APPS(&pages_app/APPS(pages_app/' settings/base.c
page / "APPS takes the addresses" "an application without &amp;"
cp "$root/base.c" settings/base.c
cp pages/views.c "$root/views.c"
sed -i 's/"heading", /"heading" /' pages/views.c
page / "RENDER takes pairs" "a missing comma in RENDER"
page / "<h1>pages/views.c:.*requires" "the place of a missing comma in RENDER"
if grep -q "in [a-z]* of macro .*CLEF_" "$root/page" || [ "$(wc -c <"$root/page")" -gt 40000 ]; then
    bad "the page shows the steps in Clef's own macros ($(wc -c <"$root/page") bytes)"
else ok; fi
cp "$root/views.c" pages/views.c
sed -i 's/"heading", .*);/"heading", *r);/' pages/views.c
page / "<h1>pages/views.c:.*this_is_no_value" "a struct that is no value"
page / "give the members of the struct one by one" "the remedy for a struct that is no value"
sed -i 's/"heading", .*);/"heading", r);/' pages/views.c
page / "row_state" "a pointer to what is no row"
page / "what is no row of a model is given to a template" "the remedy for a pointer to what is no row"
cp "$root/views.c" pages/views.c
page / "It changed" "the slips mended"
cp Makefile "$root/Makefile"
sed -i '1a PACKAGES = nosuchlibrary' Makefile
page / "nosuchlibrary" "a missing library"
page / "apt search nosuchlibrary" "the remedy for a missing library"
cp "$root/Makefile" Makefile
sed -i '1a LDLIBS = -lpq_not_there' Makefile
page / "apt search pq_not_there" "a missing library of the linker"
cp "$root/Makefile" Makefile
# Each linker says in its own words what is missing.
for linker in bfd gold mold; do
    [ -e "/usr/bin/ld.$linker" ] || { echo "skipped the messages of $linker: it is not installed"; continue; }
    sed -i "1a LDFLAGS = -fuse-ld=$linker" Makefile
    page / "It changed" "linked by $linker"
    sed -i '1a LDLIBS = -lpq_not_there' Makefile
    page / "apt search pq_not_there" "a missing library of $linker"
    sed -i 2d Makefile
    echo '#include "pages.h"
Response *pages_other(Request *r);
Response *pages_other(Request *r) { return pages_index(r); }' | tee pages/other.c >pages/twice.c
    page / "pages_other is defined in two files" "a definition twice, by $linker"
    rm pages/twice.c
    sed -i 's/pages_index(r)/pages_nothing(r)/; 2s/.*/&\nResponse *pages_nothing(Request *r);/' pages/other.c
    page / "pages_nothing is declared and used, but defined nowhere" "a definition that is not there, by $linker"
    rm pages/other.c
    mv main.c main.txt
    page / "No file of the project defines main" "no main, by $linker"
    mv main.txt main.c
    page / "It changed" "mended under $linker"
    cp "$root/Makefile" Makefile
done
page / "It changed" "the Makefile mended"
mv settings/development.c "$root/development.c"
page / "development" "a source that went"
mv "$root/development.c" settings/development.c
page / "It changed" "a source that came back"
sed -i 's/^SECRET_KEY=/NO_KEY=/' .env
page / "SECRET_KEY" "settings that are refused"
sed -i 's/^NO_KEY=/SECRET_KEY=/' .env
page / "It changed" "settings mended"
touch "$root/take" pages/views.c
page / "It changed" "a program that was taken away behind its build"
if [ -e "$root/take" ]; then bad "the program was not taken away"; else ok; fi

# A template: an edit, a tag that is not there, a URL name that is not there, a template that is not there.
sed -i 's|<h1>|<h1>Edited: |' templates/pages/index.html
page / "<h1>Edited: It changed" "an edit of a template"
sed -i 's|<h1>|<h1>{% nosuchtag %}|' templates/pages/index.html
page / "Invalid block tag on line 6" "a tag that is not there"
page / 'class="at"[^>]*>.*nosuchtag' "the source of a template"
sed -i 's|{% nosuchtag %}|{% url "nowhere" %}|' templates/pages/index.html
page / "Reverse for .*nowhere.* not found" "a URL name that is not there"
sed -i 's|{% url "nowhere" %}|{% include "pages/missing.html" %}|' templates/pages/index.html
page / "pages/missing.html" "a template that is not there"
page / "Source does not exist" "where a template was looked for"
sed -i 's|{% include "pages/missing.html" %}||' templates/pages/index.html
page / "Edited: It changed" "the template mended"

# A model: declared, migrated, listed, broken.
cat >pages/models.h <<'C'
#include <clef/clef.h>
typedef struct Book {
    MODEL_HEAD;
    Str title;
} Book;
extern const Model Book_model;
C
cat >pages/models.c <<'C'
#include "models.h"
const Model Book_model = { MODEL(Book), FIELDS(Book, CharField(title, .max_length = 40)) };
C
sed -i 's/MODELS()/MODELS(Book)/' pages/apps.c
sed -i 's|^    return RENDER.*|    return RENDER(r, "pages/index.html", "heading", str_format(r->cx.arena, "It changed, %zu books", COUNT(OBJECTS(r, Book))));|' pages/views.c
page / "no such table" "a table that is not there"
page / "migrate" "the remedy for a table that is not there"
page / 'SELECT COUNT' "the SQL of the request"
try "makemigrations" clef makemigrations
if [ -f pages/migrations/0001_initial.c ]; then ok; else bad "makemigrations wrote no pages/migrations/0001_initial.c"; fi
try "migrate" clef migrate
page / "It changed, 0 books" "a page with a query"
try "nothing more to migrate" sh -c 'clef makemigrations --check && clef migrate --check'
sed -i 's/    Str title;/&\n    int64_t pages;/' pages/models.h
sed -i 's/CharField(title, .max_length = 40)/&, IntegerField(pages)/' pages/models.c
says "a new column without a default" "impossible to add a non-nullable field" clef makemigrations
sed -i 's/IntegerField(pages)/IntegerField(pages, .default_value = DEFAULT(7))/' pages/models.c
try "makemigrations with a default" clef makemigrations
if [ -f pages/migrations/0002_book_pages.c ]; then ok; else bad "the second migration has another name"; fi
if clef sqlmigrate pages 0002 2>/dev/null | grep -q 'SELECT "id", "title", 7 FROM "pages_book"'; then ok; else bad "sqlmigrate"; fi
try "migrate again" clef migrate
try "back" clef migrate pages 0001
if clef showmigrations | grep -q '\[ \] 0002_book_pages'; then ok; else bad "showmigrations"; fi
try "and forwards" clef migrate
says "a migration that is not there" "Cannot find a migration matching '0009'" clef migrate pages 0009
sed -i 's/IntegerField(pages, /IntegerField(pagse, /' pages/models.c
page / "pagse" "a typing error in the name of a field"
sed -i 's/pagse/pages/' pages/models.c
sed -i 's/COUNT(OBJECTS(r, Book))/COUNT(FILTER(OBJECTS(r, Book), Q(Book, pages, EQ, "many")))/' pages/views.c
page / "it_is_an_integer" "a wrong type in a query"
sed -i 's/COUNT(FILTER(OBJECTS(r, Book), Q(Book, pages, EQ, "many")))/COUNT(OBJECTS(r, Book))/' pages/views.c
page / "It changed, 0 books" "the query mended"
try "a row by the shell" clef shell -c 'Book.objects.create(title="First", pages=3)'
page / "It changed, 1 books" "the row on the page"
if clef help | grep -q runserver && ./build/dev/shop test --help >/dev/null; then ok; else bad "runserver and test are no commands of the project"; fi

# From the save on nobody gets the old page, however long the saving goes on; neither that of a program nor that of a failure.
cat >"$root/saving.py" <<'PY'
import os, sys, threading, time, urllib.error, urllib.request
port, source, old, new, wanted, unwanted = sys.argv[1:]
def ask(got):
    time.sleep(0.15)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
            got.append(answer.read().decode())
    except urllib.error.HTTPError as error:
        got.append(error.read().decode())
text, got = open(source).read(), []
assert old in text
asking = threading.Thread(target=ask, args=[got])
asking.start()
open(source, "w").write(text.replace(old, new))
until = time.monotonic() + 0.4
while time.monotonic() < until:
    os.utime(source)
    time.sleep(0.001)
asking.join()
assert wanted in got[0] and unwanted not in got[0], got[0][-1500:]
PY
try "a save that takes its time" python3 "$root/saving.py" "$port" pages/views.c "It changed" "It settled" "It settled, 1" "It changed"
try "a mistake that is saved slowly" python3 "$root/saving.py" "$port" pages/views.c "return RENDER" "retrun RENDER" "The build failed" "It settled, 1 books"
try "and mended slowly" python3 "$root/saving.py" "$port" pages/views.c "retrun RENDER" "return RENDER" "It settled, 1" "The build failed"
sed -i 's/It settled/It changed/' pages/views.c
page / "It changed, 1 books" "after slow saves"

# While it is built again and again nobody is refused, and nobody gets an old page after the save.
cat >"$root/hammer.py" <<'PY'
import sys, time, urllib.request
port, until, asked = sys.argv[1], time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < until:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
        assert answer.status == 200 and b"It changed" in answer.read()
    asked += 1
print(asked)
PY
python3 "$root/hammer.py" "$port" 4 >"$root/hammer.log" 2>&1 &
hammer=$!
for _ in 1 2 3 4; do
    touch pages/views.c
    sleep 0.8
done
if wait $hammer; then ok; else
    tail -n 3 "$root/hammer.log"
    bad "a request was refused or cut during a rebuild"
fi

kill "$server"
if wait "$server"; then ok; else bad "runserver ends with $?"; fi
server=
if curl -s -m 2 "http://127.0.0.1:$port/" >/dev/null; then bad "something still serves after the end"; else ok; fi

# ---- every page that was seen is valid HTML
if python3 - "$top" "$root/pages" <<'PY'; then ok; else bad "pages that are no valid HTML"; fi
import os, sys
sys.path.insert(0, os.path.join(sys.argv[1], "tests/integration/lib"))
from html_check import problems
wrong = 0
for name in sorted(os.listdir(sys.argv[2])):
    with open(os.path.join(sys.argv[2], name), encoding="utf-8", errors="replace") as f:
        found = problems(f.read())
    if found:
        wrong += 1
        print(name, found[:3])
sys.exit(wrong > 0)
PY

# ---- elsewhere: the one file and the database
try "make release" make -s release
mkdir "$work/elsewhere"
cp build/release/shop shop.sqlite3 "$work/elsewhere/"
cd "$work/elsewhere" || exit 1
says "production without a SECRET_KEY" "SECRET_KEY" env -i PATH="$PATH" ./shop serve --settings production
SECRET_KEY=a-key-of-fifty-letters-and-more-for-this-one-test-only ALLOWED_HOSTS=localhost ./shop serve --settings production --listen "127.0.0.1:$port" >"$root/server.log" 2>&1 &
server=$!
tries=0
until curl -s -o /dev/null -m 30 "http://127.0.0.1:$port/" || [ $tries = 50 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
if curl -s -H 'Host: localhost' -H 'X-Forwarded-Proto: https' "http://127.0.0.1:$port/" -o "$root/page" -w '%{http_code}' | grep -q 301; then ok; else bad "production does not lead to https"; fi
kill "$server"
wait "$server"
server=
SECRET_KEY=a-key ./shop serve --settings development --listen "127.0.0.1:$port" >"$root/server.log" 2>&1 &
server=$!
tries=0
until curl -s -o "$root/page" -m 30 "http://127.0.0.1:$port/" || [ $tries = 50 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
if grep -q "Edited: It changed, 1 books" "$root/page"; then ok; else
    page_words | head -c 1000
    bad "the copied file does not show the page"
fi
kill "$server"
wait "$server"
server=
end
