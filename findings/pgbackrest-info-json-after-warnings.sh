#!/usr/bin/env bash
# pgBackRest's `info --output=json` in an environment as Kubernetes gives it to a pod beside a Service of the name
# "pgbackrest" (enableServiceLinks is true unless a pod says otherwise). A guess: standard output is JSON, and warnings
# are on standard error, as 2.45 of Debian 12 does it. Seen with 2.55.1 of Debian 13: every variable PGBACKREST_... is
# read as an option, the Service's are none, and each is a warning on standard output before the JSON, since
# log-level-stderr is off by default now; the exit status is 0. So is any line of a file that a release does not know.
set -euo pipefail
: "${OLD:=2.45-1}" "${NEW:=2.55.1-1}" "${MIRROR:=http://deb.debian.org/debian}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
changed() { echo "this has changed: $1" >&2 && exit 1; }

# With lists of its own, so that the machine's stay as they are.
fetch() {
  local release=$1 root=$work/$1
  shift
  mkdir -p "$root/state/lists/partial" "$root/cache/archives/partial" "$root/packages" "$root/files"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $MIRROR $release main" >"$root/sources.list"
  local options=(-o "Dir::Etc::SourceList=$root/sources.list" -o Dir::Etc::SourceParts=- -o APT::Sandbox::User=root
    -o "Dir::State=$root/state" -o "Dir::Cache=$root/cache" -o Dir::State::status=/dev/null)
  apt-get "${options[@]}" update >/dev/null
  (cd "$root/packages" && apt-get "${options[@]}" download "$@" >/dev/null 2>&1)
  for package in "$root"/packages/*.deb; do dpkg -x "$package" "$root/files"; done
}
# The program with the C library of its own release.
run() {
  local files=$work/$1/files libraries
  shift
  libraries=$(find "$files" -type d -name x86_64-linux-gnu -printf '%p:')
  "$(find "$files" -name 'ld-linux-x86-64.so.2' | head -n 1)" --library-path "$libraries" "$files/usr/bin/pgbackrest" "$@"
}

libraries=(libc6 libpq5 libbz2-1.0 liblz4-1 libzstd1 zlib1g libxml2 liblzma5 libgcc-s1 libgssapi-krb5-2 libkrb5-3
  libkrb5support0 libk5crypto3 libcom-err2 libkeyutils1)
fetch bookworm "pgbackrest=$OLD" "${libraries[@]}" libssl3 libssh2-1 libldap-2.5-0 libsasl2-2 libicu72 libgnutls30 \
  libp11-kit0 libidn2-0 libunistring2 libtasn1-6 libnettle8 libhogweed6 libgmp10 libffi8 libgcrypt20 libgpg-error0
fetch trixie "pgbackrest=$NEW" "${libraries[@]}" libssl3t64 libssh2-1t64 libldap2 libsasl2-2

mkdir "$work/repo"
cat >"$work/pgbackrest.conf" <<END
[global]
repo1-path=$work/repo
lock-path=$work/lock
log-level-file=off
[db]
pg1-path=$work/data
END
export PGBACKREST_CONFIG=$work/pgbackrest.conf

# What Kubernetes adds for a Service with the ClusterIP 10.96.0.9 and one port.
beside_a_service() {
  PGBACKREST_SERVICE_HOST=10.96.0.9 PGBACKREST_SERVICE_PORT=8432 PGBACKREST_PORT=tcp://10.96.0.9:8432 \
    run "$1" info --output=json 2>/dev/null
}
for release in bookworm trixie; do
  run $release version
  echo "standard output alone: $(run $release info --output=json)"
  echo "beside a Service: $(beside_a_service $release)"
done
[[ $(run trixie info --output=json) == '[]' ]] || changed "without the Service it is not JSON alone"
[[ $(beside_a_service bookworm) == '[]' ]] || changed "$OLD writes more than JSON"
[[ $(beside_a_service trixie | head -n 1) == *WARN:* ]] || changed "the first line of $NEW is no warning"
[[ $(beside_a_service trixie | tail -n 1) == '[]' ]] || changed "the last line of $NEW is no JSON"
