#!/bin/sh
# Installs a release build into a folder of its own, builds a user's project with the installed clef.mk in every kind, runs
# it, then uninstalls and looks for what is left; and does it once more as a user without rights, into a home folder.
# Ends with `N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
root=$top/build/install-test
passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED install: $1"; }
# try WHAT COMMAND...: the command must succeed; its output is shown when it does not.
try() {
    what=$1
    shift
    if "$@" >"$root/log" 2>&1; then ok; else tail -n 30 "$root/log"; bad "$what"; fi
}
end() {
    echo "$passed passed, $failed failed"
    [ $failed = 0 ]
    exit
}

. tests/integration/lib/installed.sh
chmod -R u+w "$root" 2>/dev/null
mkdir -p "$root"
rm -rf "$prefix" "${root:?}/project" "${root:?}/site" "${root:?}/home"
install_clef
[ $failed = 0 ] || end

for file in lib/libclef.a lib/libclef.so lib/libclef-dev.a lib/pkgconfig/clef.pc share/clef/clef.mk bin/clef include/clef/base/str.h; do
    if [ -e "$prefix/$file" ]; then ok; else bad "$file is not installed"; fi
done
private=$(cd "$prefix/include/clef" && find . -type f | while read -r f; do [ -e "$top/include/clef/$f" ] || echo "$f"; done)
if [ -z "$private" ]; then ok; else bad "installed headers that are not public: $private"; fi

export PKG_CONFIG_PATH="$prefix/lib/pkgconfig" LD_LIBRARY_PATH="$prefix/lib"
project=$root/project
mkdir -p "$project/app" "$project/tests"
cat >"$project/Makefile" <<'MAKE'
APP = sample
include $(shell pkg-config --variable=makefile clef)
MAKE
cat >"$project/main.c" <<'C'
#include "app/greet.h"

#include <clef/base.h>
#include <clef/rt.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    Arena *a = arena_create(NULL, 0, 0);
    Str s = greet(a, str_c(argc > 1 ? argv[1] : "world"));
    printf("%.*s\n", STR_FMT(s));
    if (str_eq(str_c(argv[argc - 1]), STR("trace"))) {
        void *frames[32];
        Frame *list;
        size_t n = backtrace_resolve(a, frames, backtrace_capture(frames, 32, 0), &list);
        Buf b = BUF_INIT(a, 65536);
        backtrace_format(&b, list, n);
        fputs(b.p, stdout);
    } else if (argc > 2) {
        volatile char *p = malloc(4);
        p[argc + 1] = 1; /* past the end when argc is 3 */
        free((void *)p);
    }
    arena_destroy(a);
    return 0;
}
C
cat >"$project/app/greet.h" <<'C'
#include <clef/base.h>
Str greet(Arena *a, Str name);
C
cat >"$project/app/greet.c" <<'C'
#include "greet.h"
Str greet(Arena *a, Str name) { return str_format(a, "hello %.*s", STR_FMT(name)); }
C
cat >"$project/tests/greet.c" <<'C'
#include "app/greet.h"
#include <clef/test.h>
TEST(greet, names_its_guest) { CHECK_STR(greet(test_arena(), STR("x")), STR("hello x")); }
int main(int argc, char **argv) { return test_main(argc, argv); }
C
make="make --no-print-directory -C $project"
# shellcheck disable=SC2086 # a command of several words
{
    try "make" $make
    try "make test" $make test
    if "$project/build/dev/sample" you 2>&1 | grep -qx 'hello you'; then ok; else bad "the dev kind does not run"; fi
    if "$project/build/dev/sample" a b 2>&1 | grep -Eq 'AddressSanitizer: heap-buffer-overflow|runtime error: store'; then ok; else
        bad "the dev kind is not sanitised"
    fi
    try "make release" $make release
    if [ "$("$project/build/release/sample" you)" = "hello you" ]; then ok; else bad "the release kind does not run"; fi
    if ldd "$project/build/release/sample" | grep -q libclef; then bad "the release kind needs libclef.so"; else ok; fi
    if nm "$project/build/release/sample" 2>&1 | grep -q 'no symbols'; then ok; else bad "the release kind is not stripped"; fi

    # What was stripped lies beside it and is found from there.
    debug=$project/build/release/sample.debug
    if nm "$debug" 2>/dev/null | grep -q ' [Tt] main$'; then ok; else bad "sample.debug has no symbols"; fi
    if readelf -p .gnu_debuglink "$project/build/release/sample" | grep -q 'sample\.debug'; then ok; else bad "no link to sample.debug"; fi
    "$project/build/release/sample" trace >"$root/trace"
    if grep -q ' main at .*/main\.c:' "$root/trace"; then ok; else bad "no lines in a backtrace: $(cat "$root/trace")"; fi
    mv "$debug" "$debug.away"
    "$project/build/release/sample" trace >"$root/trace"
    if grep -q ' main at ' "$root/trace"; then bad "the stripped program has lines"; else ok; fi

    # Everything in one file, which needs no library of the machine. (Optimising the whole of it is tested above, and with a whole
    # project by startproject.sh.)
    mkdir -p "$root/site"
    cp examples/hello/main.c "$root/site/main.c"
    sed 's/sample/hello/' "$project/Makefile" >"$root/site/Makefile"
    try "make release STATIC=1" make --no-print-directory -C "$root/site" release STATIC=1 CFLAGS=-fno-lto LDFLAGS=-fno-lto
    if readelf -l "$root/site/build/release/hello" | grep -q INTERP; then bad "the static program has an interpreter"; else ok; fi
    if readelf -h "$root/site/build/release/hello" | grep -q 'Type: *DYN'; then ok; else bad "the static program is not position-independent"; fi
    if readelf -d "$root/site/build/release/hello" | grep -q NEEDED; then bad "the static program needs libraries"; else ok; fi
    try "the static program checks itself" env -i "$root/site/build/release/hello" check
    try "the static program answers" env -u LD_LIBRARY_PATH python3 tests/integration/lib/one_answer.py "$root/site/build/release/hello"

    # A header that changed rebuilds what includes it; a wrong declaration is an error, not a warning.
    sleep 1
    touch "$project/app/greet.h"
    if [ "$($make -n | grep -o -e '-c -o [^ ]*\.o ' | sort -u | wc -l)" = 2 ]; then ok; else bad "a changed header does not rebuild its users"; fi
    echo 'int *wrong(void) { return 7; }' >>"$project/app/greet.c"
    if $make >"$root/log" 2>&1; then bad "a wrong declaration compiles"; else ok; fi
}
cat >"$root/shared.c" <<'C'
#include <clef/base.h>
int main(void) { return str_eq(str_trim(STR(" a ")), STR("a")) ? 0 : 1; }
C
# shellcheck disable=SC2046 # a list of flags
try "link with libclef.so" gcc -std=gnu17 "$root/shared.c" -o "$root/shared" $(pkg-config --cflags --libs clef)
try "run with libclef.so" "$root/shared"

try "uninstall" ninja -C "$tree" uninstall
left=$(find "$prefix" ! -type d 2>/dev/null)
if [ -z "$left" ]; then ok; else bad "uninstall leaves: $left"; fi

# Without root, into a folder of one's own, as README says. (The build is that user's meanwhile.)
as=
[ "$(id -u)" != 0 ] || as="setpriv --reuid=65534 --regid=65534 --clear-groups"
unset PKG_CONFIG_PATH LD_LIBRARY_PATH
mkdir -p "$root/home"
if ! $as test -r "$top/meson.build" 2>/dev/null; then echo "skipped installing without root: setpriv does not give up root's rights here"; else
    [ -z "$as" ] || chown -R 65534:65534 "$tree" "$root/home"
    # shellcheck disable=SC2317,SC2086 # called by try; a command of several words
    own() { $as env HOME="$root/home" PATH="$root/home/clef/bin:$PATH" PKG_CONFIG_PATH="$root/home/clef/lib/pkgconfig" "$@"; }
    try "meson configure with a folder of one's own" own meson configure "$tree" --prefix "$root/home/clef" --libdir lib
    try "install without root" own meson install -C "$tree"
    if grep 'Compiling C' "$root/log"; then bad "another folder compiles everything again"; else ok; fi
    # shellcheck disable=SC2016 # for the inner shell
    try "a project without root" own sh -c 'cd && clef startproject site && cd site && make -s && make -s test'
    try "uninstall without root" own ninja -C "$tree" uninstall
    left=$(find "$root/home/clef" ! -type d 2>/dev/null)
    if [ -z "$left" ]; then ok; else bad "uninstall without root leaves: $left"; fi
    [ -z "$as" ] || chown -R "$(id -u):$(id -g)" "$tree" "$root/home"
    try "meson configure back" meson configure "$tree" --prefix "$prefix" --libdir lib
fi
end
