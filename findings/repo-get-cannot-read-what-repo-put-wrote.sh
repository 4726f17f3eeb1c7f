#!/usr/bin/env bash
# A file of one's own in an encrypted repository: `pgbackrest repo-put` writes it and `repo-get` reads it. A guess: what
# the one wrote the other can read, as in a repository without a cipher. Seen: repo-put ends with 0, and repo-get of the
# same file with 32, "unable to determine cipher passphrase": it knows passphrases only for the files that pgBackRest
# itself lays out. With --raw on both sides the file is there, and is not encrypted.
set -euo pipefail
source "$(dirname "$(readlink -f "$0")")/support/pgbackrest.sh"

mkdir "$work"/{repo,lock}
chown 65534:65534 "$work"/{repo,lock}
cat >"$work/pgbackrest.conf" <<END
[global]
repo1-path=$work/repo
repo1-cipher-type=aes-256-cbc
repo1-cipher-pass=a passphrase of this test
lock-path=$work/lock
log-level-file=off
log-level-console=warn
END
repository() { as_user "$work/root/usr/bin/pgbackrest" "$@"; }
put=0 get=0
repository repo-put notes/one.txt <<<"a note" || put=$?
said=$(repository repo-get notes/one.txt 2>&1) || get=$?
repository repo-put --raw notes/two.txt <<<"another note"
raw=$(repository repo-get --raw notes/two.txt)
echo "$(repository version): repo-put: exit $put; repo-get: exit $get: $said"
echo "raw: $raw"
[[ $put == 0 && $get == 32 && $said == *"unable to determine cipher passphrase"* && $raw == "another note" ]] ||
  { echo "this has changed" >&2 && exit 1; }
