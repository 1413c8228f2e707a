#!/bin/sh
# The checkers of ./dev check, each run on a small tree with a mistake that it must name. Ends with `N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
tree=$top/build/checkers-test
passed=0 failed=0
fresh() {
    rm -rf "$tree"
    mkdir -p "$tree/tools" "$tree/include/clef/base" "$tree/src/base" "$tree/src/rt" "$tree/tests/fuzz"
    cp tools/floors tools/check-* "$tree/tools/"
    : >"$tree/tools/allowed"
    : >"$tree/tools/long-files"
    : >"$tree/tests/fuzz/meson.build"
    printf '0 base\n1 rt codec\n2 net\n' >"$tree/FLOORS"
    echo '#include <stddef.h>' >"$tree/include/clef/base/a.h"
    echo '#include <clef/base/a.h>' >"$tree/include/clef/clef.h"
    printf '#include <clef/base/a.h>\n#include "rt/own.h"\n/* malloc( */\nchar *s = "free(";\n' >"$tree/src/rt/a.c"
    : >"$tree/src/rt/own.h"
    : >"$tree/src/rt/README.md"
}
# expect CODE WORDS COMMAND...: the exit code, and words in the output.
expect() {
    code=$1 words=$2
    shift 2
    out=$("$@" 2>&1)
    got=$?
    if [ $got = "$code" ] && printf '%s' "$out" | grep -qF -- "$words"; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        printf 'FAILED checkers: %s: exit code %s with "%s" expected, got %s:\n%s\n' "$*" "$code" "$words" $got "$out"
    fi
}

fresh
expect 0 "3 passed, 0 failed" "$tree/tools/floors"
expect 0 "7 passed, 0 failed" "$tree/tools/check-sources"
expect 0 "4 passed, 0 failed" "$tree/tools/check-headers" gcc

echo '#include <clef/rt/x.h>' >>"$tree/include/clef/base/a.h"
expect 1 "include/clef/base/a.h:2: base (floor 0) includes rt/x.h of rt (floor 1)" "$tree/tools/floors"
expect 1 "does not compile alone with gcc -std=gnu17" "$tree/tools/check-headers" gcc
fresh
echo '#include "codec/x.h"' >>"$tree/src/rt/a.c"
expect 1 "src/rt/a.c:5: rt (floor 1) includes codec/x.h of codec (floor 1)" "$tree/tools/floors"
fresh
echo '#include "base/x.h"' >>"$tree/include/clef/base/a.h"
expect 1 "a public header includes the private" "$tree/tools/floors"
fresh
mkdir "$tree/src/shop" && : >"$tree/src/shop/a.c" && echo x >"$tree/src/shop/a.c"
expect 1 'src/shop/a.c:1: the domain "shop" is not in FLOORS' "$tree/tools/floors"
expect 1 "src/shop/README.md" "$tree/tools/check-sources"
fresh
echo 'void *p = malloc(1); int n = my_atoi(x) + atoi (x);' >>"$tree/src/rt/a.c"
expect 1 "src/rt/a.c:5: malloc" "$tree/tools/check-sources"
expect 1 "src/rt/a.c:5: atoi" "$tree/tools/check-sources"
printf 'src/rt/a.c malloc why\nsrc/rt/a.c atoi why\n' >"$tree/tools/allowed"
expect 0 "7 passed, 0 failed" "$tree/tools/check-sources"
seq 1001 >"$tree/src/rt/long.c"
expect 1 "src/rt/long.c: 1001 lines" "$tree/tools/check-sources"
echo src/rt/long.c >"$tree/tools/long-files"
expect 0 "7 passed, 0 failed" "$tree/tools/check-sources"
seq 601 >"$tree/src/rt/middle.c"
expect 0 "note: src/rt/middle.c has 601 lines" "$tree/tools/check-sources"
fresh
printf 'int x(void) __asm__("clef_" "x");\nstatic inline int clef_x(void) { return 1; }\n' >>"$tree/include/clef/base/a.h"
expect 1 "clef_x" "$tree/tools/check-sources"
fresh
printf '/* %0125d */\n' 0 >>"$tree/src/rt/a.c"
expect 1 "src/rt/a.c:5" "$tree/tools/check-sources"
fresh
echo '#if CLEF_HAVE_CURL' >>"$tree/include/clef/base/a.h"
expect 1 "include/clef/base/a.h:2:#if CLEF_HAVE_CURL" "$tree/tools/check-sources"
fresh
: >"$tree/tests/fuzz/thing.c"
expect 1 "tests/fuzz/thing.c tests/fuzz/corpus/thing/" "$tree/tools/check-sources"
fresh
echo 'struct Missing { NoSuchType x; };' >>"$tree/include/clef/base/a.h"
expect 1 "NoSuchType" "$tree/tools/check-headers" gcc
fresh
mkdir "$tree/lib" && echo 'int clef_good(void) { return 0; } int bad(void) { return 0; }' >"$tree/lib/a.c"
gcc -fPIC -c "$tree/lib/a.c" -o "$tree/lib/a.o" && ar rc "$tree/lib/libclef.a" "$tree/lib/a.o"
gcc -shared "$tree/lib/a.o" -o "$tree/lib/libclef.so"
expect 1 "a.o: bad" "$tree/tools/check-symbols" lib
expect 1 "0 passed, 2 failed" "$tree/tools/check-symbols" lib
rm -rf "$tree"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
