# shellcheck shell=bash
# pgBackRest and PostgreSQL from Debian's packages, in a temporary folder that goes with the script, and with it the
# server of $work/data. Sourced. The script writes $work/pgbackrest.conf, or gives pgBackRest another one by --config.
: "${PGBACKREST_VERSION:=2.45-1}" "${POSTGRES_MAJOR:=15}"
work=$(mktemp -d)
chmod 755 "$work"
finish() {
  [[ ! -f $work/data/postmaster.pid ]] || as_user "$bin/pg_ctl" stop -m immediate -D "$work/data" >/dev/null
  rm -rf "$work"
}
trap finish EXIT

mkdir "$work/packages" "$work/root" && cd "$work/packages"
apt-get download "pgbackrest=$PGBACKREST_VERSION" "postgresql-$POSTGRES_MAJOR" \
  "postgresql-client-$POSTGRES_MAJOR" libpq5 libssh2-1 &>/dev/null
for package in *.deb; do dpkg -x "$package" "$work/root"; done
bin=$work/root/usr/lib/postgresql/$POSTGRES_MAJOR/bin
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu PGHOST=$work PGBACKREST_CONFIG=$work/pgbackrest.conf

# Neither program works as root.
as_user() { setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$work" "$@"; }
pgbackrest() { as_user "$work/root/usr/bin/pgbackrest" --stanza=db "$@"; }
sql() { as_user "$bin/psql" -XqAt -d postgres -c "$1"; }
