#!/usr/bin/env bash
# Patroni's GET /config right after a PUT /config that was answered with 200. A guess: it is what was put. Seen: it is the
# configuration before, in most cases, although the store has the new one: the member answers with what it has read last, and
# reads when it hears of a change. A program that asks what became of its write takes the old configuration for the new one.
set -euo pipefail
: "${PATRONI_VERSION:=4.0.7}"
source "$(dirname "$(readlink -f "$0")")/support/patroni.sh"

configure_patroni 'dcs: {loop_wait: 8, ttl: 20, retry_timeout: 3}'
install_patroni "$PATRONI_VERSION" && start_patroni "$PATRONI_VERSION"

cat >"$work/ask.py" <<'END'
import http.client, json, time
api = http.client.HTTPConnection("127.0.0.1", 18008)
def ask(method, body=None):
    api.request(method, "/config", body)
    return json.loads(api.getresponse().read()).get("maximum_lag_on_failover")
stale = 0
for number in range(1000001, 1000011):
    put = ask("PUT", json.dumps({"loop_wait": 8, "ttl": 20, "maximum_lag_on_failover": number}))
    assert put == number
    stale += ask("GET") != number
    while ask("GET") != number:
        time.sleep(0.2)
print(stale)
END
stale=$(python3 "$work/ask.py")
[[ $(etcdctl get --print-value-only /service/finding/config) == *1000010* ]] || { echo "it was not written" >&2 && exit 1; }
echo "$("$work/$PATRONI_VERSION/bin/patroni" --version): of 10 requests right after a PUT, $stale were answered with the configuration before"
((stale > 0)) || { echo "this has changed" >&2 && exit 1; }
