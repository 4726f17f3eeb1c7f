#!/usr/bin/env bash
# Two repositories, of which the first is taken out of pgBackRest's configuration and one of its options is forgotten. A
# guess: an option of a store says nothing while there is no such store, so the second repository is there as before. Seen:
# with some options nothing changes, others bring the first back as one in /var/lib/pgbackrest, and with an option that
# only object stores have, the second is gone: `--repo=2` ends with 32, and archive-push writes to the first alone.
set -euo pipefail
: "${PGBACKREST_VERSION:=2.45-1}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/packages" "$work/root" && cd "$work/packages"
apt-get download "pgbackrest=$PGBACKREST_VERSION" libpq5 libssh2-1 &>/dev/null
for package in *.deb; do dpkg -x "$package" "$work/root"; done
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu

# pgbackrest OPTION ARGUMENT...: with the forgotten option in the file.
pgbackrest() {
  local option=$1
  shift
  printf '%s\n' '[global]' "$option" "repo2-path=$work/repository" log-level-file=off '[db]' pg1-path=/none >"$work/conf"
  "$work/root/usr/bin/pgbackrest" --config="$work/conf" --stanza=db "$@" 2>&1
}
# Numbers of the repositories that `info` knows.
known() { pgbackrest "$1" info --output=json | grep -o '"key":[0-9]' | grep -o '[0-9]' | xargs; }

"$work/root/usr/bin/pgbackrest" version
for option in repo1-retention-full=2 repo1-path=/old repo1-s3-uri-style=path repo1-storage-verify-tls=n; do
  echo "$option: repositories $(known "$option")"
done
refused=$(pgbackrest repo1-s3-uri-style=path --repo=2 info || true)
echo "with repo1-s3-uri-style and --repo=2: $refused"
[[ $(known repo1-retention-full=2) == 2 && $(known repo1-path=/old) == "1 2" && $(known repo1-s3-uri-style=path) == 1 &&
  $(known repo1-storage-verify-tls=n) == 1 && $refused == *"key '2' is not valid for 'repo' option"* ]] ||
  { echo "this has changed" >&2 && exit 1; }
