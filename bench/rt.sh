#!/bin/sh
# rt: what fibers, attempts, timers and waits cost; then the instructions of three of them, counted by callgrind as the
# difference of two runs.
set -eu
build=${BUILD:-build/release}
for name in fibers echo; do
    ${CC:-cc} -std=gnu2x -O2 -Iinclude "bench/rt/$name.c" "$build/libclef.a" -o "$build/bench-rt-$name"
    "$build/bench-rt-$name"
done
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$build/bench-rt-fibers" "$1" "$2" 2>&1 |
        sed -n 's/.*Collected : //p'
}
each() {
    few=$(count "$1" 2000)
    many=$(count "$1" 12000)
    echo $(((many - few) / 10000))
}
fiber=$(each fiber) yield=$(each yield) attempt=$(each attempt)
echo "rt: $fiber user instructions to start and end a fiber, $yield to yield for a turn of the loop, $attempt for an attempt"
