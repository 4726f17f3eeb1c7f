#!/usr/bin/env bash
# Server-side apply of an object that does not exist, with metadata.resourceVersion in it. A guess: a conflict or 404, as
# an update with a version of something that is not there. Seen: it is made (201), whatever the version says; where the
# object exists, the same apply is refused (409). So an apply can ask for "only if nothing stands there".
set -euo pipefail
source "$(dirname "$(readlink -f "$0")")/support/api_server.sh"

secrets=/api/v1/namespaces/default/secrets
object() { printf '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"%s","resourceVersion":"%s"},"stringData":{"key":"%s"}}' "$@"; }

apply $secrets/new "$(object new 1 first)" >/dev/null
absent=$(status)
apply $secrets/new "$(object new 1 second)" >/dev/null
present=$(status)
apply $secrets/new "$(object new 0 third)" >/dev/null
zero=$(status)
kept=$(ask GET $secrets/new | jq -r '.data.key | @base64d')
echo "absent with version 1: $absent; present with version 1: $present; present with version 0: $zero, key is now '$kept'"
[[ $absent == 201 && $present == 409 && $zero == 200 && $kept == third ]] || { echo "this has changed" >&2 && exit 1; }
