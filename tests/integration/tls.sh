#!/bin/sh
# HTTPS judged by other programs: curl and openssl s_client talk to our server. Ends with `N passed, N failed`.
# usage: tls.sh [PROGRAM], the program being clef-tests-tls of a build
set -u
cd "$(dirname "$0")/../.." || exit 1
program=${1:-${BUILD:-build/dev}/tests/clef-tests-tls}
root=$(mktemp -d) || exit 1
passed=0 failed=0 pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$root"' EXIT
for need in curl openssl; do
    command -v $need >/dev/null || { echo "SKIPPED tls: $need is not installed"; echo "0 passed, 0 failed"; exit 0; }
done

# same WHAT GOT WANTED
same() {
    if [ "$2" = "$3" ]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        printf 'FAILED tls: %s\n  got    %s\n  wanted %s\n' "$1" "$2" "$3"
    fi
}
# has WHAT TEXT PART
has() {
    case $2 in
    *"$3"*) passed=$((passed + 1)) ;;
    *) failed=$((failed + 1)); printf 'FAILED tls: %s\n  %s\n  is not in: %s\n' "$1" "$3" "$2" ;;
    esac
}
# certificate FILE NAME
certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$2" \
        -addext "subjectAltName=DNS:$2" -keyout "$root/$1.key" -out "$root/$1.crt" 2>/dev/null
    chmod 600 "$root/$1.key"
}
certificate one localhost
certificate two www.example.org
certificate three localhost
cp "$root/one.crt" "$root/live.crt"
cp "$root/one.key" "$root/live.key"

"$program" "$root/live.crt" "$root/live.key" "www.example.org=$root/two.crt" "$root/two.key" >"$root/ports" 2>"$root/log" &
pid=$!
tries=0
until [ -s "$root/ports" ] || [ $tries = 100 ]; do sleep 0.1; tries=$((tries + 1)); done
read -r port plain <"$root/ports"
get() { curl -sS --max-time 20 --cacert "$root/$1" "$2" -o - "https://localhost:$port/" 2>&1; }
client() { openssl s_client -connect "127.0.0.1:$port" "$@" </dev/null 2>&1; }

same "curl, TLS 1.2" "$(curl -sS --tls-max 1.2 --cacert "$root/one.crt" "https://localhost:$port/" 2>&1)" hello
same "curl, TLS 1.3" "$(get one.crt --tlsv1.3)" hello
has "an unknown authority" "$(get two.crt -s)" "certificate"
same "the plain port" "$(curl -sS "http://127.0.0.1:$plain/")" hello
has "HTTP on the TLS port" "$(curl -sS -i "http://127.0.0.1:$port/")" "HTTP/1.1 400"
head -c 5000000 /dev/urandom >"$root/large"
curl -sS --cacert "$root/one.crt" --data-binary "@$root/large" -o "$root/back" "https://localhost:$port/"
same "5 MB there and back" "$(cmp "$root/large" "$root/back" && echo same)" same
has "keep-alive" "$(curl -sSv --cacert "$root/one.crt" "https://localhost:$port/" "https://localhost:$port/" 2>&1)" "Re-using existing connection"

has "SNI" "$(client -servername www.example.org)" "CN = www.example.org"
has "no SNI" "$(client -noservername)" "CN = localhost"
has "ALPN" "$(client -alpn h2,http/1.1)" "ALPN protocol: http/1.1"
has "ALPN without http/1.1" "$(client -alpn h2)" "alert no application protocol"
has "TLS 1.1" "$(client -tls1_1 -cipher DEFAULT@SECLEVEL=0)" "alert protocol version"
has "renegotiation" "$(client -tls1_2)" "Secure Renegotiation IS supported"
openssl s_client -connect "127.0.0.1:$port" -tls1_2 -sess_out "$root/session" </dev/null >/dev/null 2>&1
has "resumption, TLS 1.2" "$(client -tls1_2 -sess_in "$root/session")" "Reused, TLSv1.2"
printf 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' >"$root/request"
(cat "$root/request"; sleep 0.5) | openssl s_client -connect "127.0.0.1:$port" -tls1_3 -quiet -no_ign_eof -sess_out "$root/session13" >/dev/null 2>&1
has "no early data" "$(openssl sess_id -in "$root/session13" -noout -text)" "Max Early Data: 0"
has "resumption, TLS 1.3" "$(client -tls1_3 -sess_in "$root/session13")" "Reused, TLSv1.3"

# Reload: a good pair, then one that does not fit together.
cp "$root/three.crt" "$root/live.crt"
cp "$root/three.key" "$root/live.key"
kill -HUP "$pid"
sleep 0.5
same "after a reload" "$(get three.crt --tlsv1.3)" hello
cp "$root/two.key" "$root/live.key"
kill -HUP "$pid"
sleep 0.5
has "a bad reload is refused" "$(cat "$root/log")" "does not belong to the certificate"
same "and the old certificate stays" "$(get three.crt --tlsv1.3)" hello

kill "$pid"
wait "$pid"
same "exit status" $? 0
pid=
has "a key that others may read" "$(chmod 644 "$root/one.key"; timeout 2 "$program" "$root/one.crt" "$root/one.key" 2>&1)" "Run: chmod 600"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
