#!/bin/sh
# rt: what fibers, attempts, timers and waits cost, each with its user-mode instructions where the machine counts them.
set -eu
build=${BUILD:-build/release}
for name in fibers echo; do
    ${CC:-cc} -std=gnu2x -O2 -Iinclude "bench/rt/$name.c" "$build/libclef.a" -o "$build/bench-rt-$name"
    "$build/bench-rt-$name"
done
