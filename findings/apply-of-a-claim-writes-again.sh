#!/usr/bin/env bash
# The very same object is applied twice (server-side, one field manager). A guess: the second apply changes nothing, and
# the resourceVersion stays. Seen: so it is for a ConfigMap and a Service, but a PersistentVolumeClaim is written to etcd
# again by each apply, and whoever watches claims is told each time.
set -euo pipefail
source "$(dirname "$(readlink -f "$0")")/support/api_server.sh"

space=/api/v1/namespaces/default
claim='{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"one"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}'
map='{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"},"data":{"key":"value"}}'
service='{"apiVersion":"v1","kind":"Service","metadata":{"name":"one"},"spec":{"ports":[{"port":5432}]}}'

# versions PATH OBJECT: "same" or "another" after two applies in a row.
versions() {
  local first second
  first=$(apply "$@" | jq -r .metadata.resourceVersion)
  second=$(apply "$@" | jq -r .metadata.resourceVersion)
  if [[ $first == "$second" ]]; then echo same; else echo another; fi
}
of_map=$(versions $space/configmaps/one "$map")
of_service=$(versions $space/services/one "$service")
of_claim=$(versions $space/persistentvolumeclaims/one "$claim")
echo "resourceVersion after the second apply: ConfigMap $of_map, Service $of_service, PersistentVolumeClaim $of_claim"
[[ $of_map == same && $of_service == same && $of_claim == another ]] || { echo "this has changed" >&2 && exit 1; }
