#!/bin/sh
# Templates by way of C: recorded cases interpreted and compiled must give the same report, line for line. A sample of them; all with
# CLEF_ALL=1. Ends with `N passed, N failed` (cases that agree, reports that differ).
set -u
cd "$(dirname "$0")/../.." || exit 1
runner=$PWD/build/dev/tests/clef-conformance
shared=${CLEF_SHARED:-../shared}/conformance
[ -d "$shared" ] || { echo "skipped: $shared is not there (CLEF_SHARED names the folder that holds it)"; exit 77; }
[ -x "$runner" ] || { echo "skipped: $runner is not built"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
for file in templates templates_other templates_widgets templates_matrix; do
    if [ "${CLEF_ALL:-}" ]; then cat "$shared/$file.jsonl"; else awk 'NR % 12 == 1' "$shared/$file.jsonl"; fi >"$work/$file.jsonl"
    for way in interpreted compiled; do
        set --
        [ $way = interpreted ] || set -- --compiled
        "$runner" templates "$@" "$work/$file.jsonl" >"$work/out" 2>"$work/log"
        grep -q ' passed, ' "$work/out" || { cat "$work/log"; echo "the runner failed on $file, $way"; }
        grep -v '^note:' "$work/out" >"$work/$way"
    done
    if cmp -s "$work/interpreted" "$work/compiled" && [ -s "$work/compiled" ]; then
        passed=$((passed + $(grep -c . "$work/$file.jsonl")))
    else
        failed=$((failed + 1))
        echo "FAILED $file: what differs:"
        diff "$work/interpreted" "$work/compiled" | head -n 20
    fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
