#!/bin/sh
# mistakes.sh: wrong programs, each with what the compiler must say of it. The first line of tests/mistakes/NAME.c is
# /* expect: TEXT */; with both compilers, as gnu17 and gnu2x, with the flags of clef.mk and warnings as errors, the program
# must be refused, and the text must be in what is said. "nothing": the program is right.
set -u
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0
strict="-Wall -Wextra -Werror -Werror=int-conversion -Werror=incompatible-pointer-types -Werror=implicit-function-declaration
        -Werror=implicit-int"
for compiler in gcc clang; do
    command -v "$compiler" >/dev/null || { echo "skipped mistakes with $compiler: it is not installed"; continue; }
    for file in tests/mistakes/*.c; do
        expected=$(sed -n '1s,^/\* expect: \(.*\) \*/$,\1,p' "$file")
        for standard in gnu17 gnu2x; do
            # shellcheck disable=SC2086 # a list of options
            said=$("$compiler" -std=$standard $strict -O1 -Iinclude -c "$file" -o /dev/null 2>&1)
            code=$?
            if [ "$expected" = nothing ]; then
                ok=$([ $code = 0 ] && echo yes)
            else
                ok=$([ -n "$expected" ] && [ $code != 0 ] && printf '%s\n' "$said" | grep -E 'error|warning' | grep -qF -- "$expected" && echo yes)
            fi
            if [ "$ok" = yes ]; then passed=$((passed + 1)); else
                failed=$((failed + 1))
                printf 'FAILED %s with %s -std=%s: expected "%s"\n%s\n' "$file" "$compiler" "$standard" "$expected" \
                    "$(printf '%s\n' "$said" | grep -E 'error|warning' | head -n 5)"
            fi
        done
    done
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
