#!/bin/sh
# urls: user instructions for resolving one path in a table of 1,000 routes, counted by callgrind as the difference of two runs.
set -eu
program=${BUILD:-build/release}/bench/urls
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" 2>&1 | sed -n 's/.*Collected : //p'
}
[ -x "$program" ] || { echo "urls: $program is not built" >&2; exit 1; }
few=$(count 4000)
many=$(count 24000)
echo "urls: $(((many - few) / 20000)) user instructions per resolve in a table of 1,000 routes"
