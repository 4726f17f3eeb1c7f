#!/usr/bin/env bash
# Patroni that is told by one SIGHUP of a changed configuration file and of a new certificate of its REST API. A guess: it
# loads both, as it does when each comes alone. Seen: it loads the file and goes on showing the old certificate; a second
# SIGHUP, with nothing changed, brings the new one. Where both come from volumes of one pod, one signal for both is normal.
set -euo pipefail
: "${PATRONI_VERSION:=4.0.7}"
source "$(dirname "$(readlink -f "$0")")/support/patroni.sh"

new_certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -keyout "$work/tls.key" -out "$work/tls.crt" 2>/dev/null
  chown 65534 "$work/tls.key"
}
configure() { # configure PRIORITY: what is in the file besides does not change
  configure_patroni 'dcs: {loop_wait: 2, ttl: 20, retry_timeout: 3}' "certfile: $work/tls.crt, keyfile: $work/tls.key" '' \
    "failover_priority: $1"
}
shown() { openssl s_client -connect 127.0.0.1:18008 </dev/null 2>/dev/null | openssl x509 -noout -serial; }
on_disk() { openssl x509 -noout -serial -in "$work/tls.crt"; }
# The number of loops that it has run, as its log has them.
loops() { grep -c 'no action' "$work/log" || true; }
after_loops() {
  local until=$(($(loops) + $1))
  until (($(loops) >= until)); do sleep 0.5; done
}

new_certificate && configure 1
install_patroni "$PATRONI_VERSION" && start_patroni "$PATRONI_VERSION"

new_certificate && kill -HUP "$patroni" && after_loops 3
[[ $(shown) == "$(on_disk)" ]] && alone=new || alone=old
new_certificate && configure 2 && kill -HUP "$patroni" && after_loops 3
[[ $(shown) == "$(on_disk)" ]] && together=new || together=old
kill -HUP "$patroni" && after_loops 3
[[ $(shown) == "$(on_disk)" ]] && again=new || again=old
echo "$("$work/$PATRONI_VERSION/bin/patroni" --version): after SIGHUP for a certificate alone the $alone one is shown, for a certificate and a" \
  "changed file the $together one, after one more SIGHUP the $again one"
[[ $alone == new && $together == old && $again == new ]] || { echo "this has changed" >&2 && exit 1; }
