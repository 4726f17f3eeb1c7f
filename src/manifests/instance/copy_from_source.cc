#include "manifests/instance/copy_from_source.h"

#include "base/concat.h"
#include "manifests/labels.h"
#include "manifests/names.h"

namespace annals::manifests {
namespace {

// Arguments: major version, WAL folder, the Secret of the login, the annotation of the pod; then
// Patroni's own.
//
// What the source lacks is told before anything is copied, in an annotation of the pod, and looked
// at again until it is there. Patroni would end for each failure, and Kubernetes would let its
// container wait for minutes.
//
// A server that no operator runs may have its configuration elsewhere or in the data directory, and
// settings of ALTER SYSTEM, which would be stronger than Patroni's: of all of that nothing is taken
// over. Patroni wants a postgresql.conf to be there. What lies in the data directory is complete:
// a copy that was interrupted is none.
constexpr const char* kCopyFromSourceScript = R"bash(#!/bin/bash
set -uo pipefail
major=$1 wal=$2 secret=$3 annotation=$4
shift 4
for argument; do
  if [[ $argument == --connstring=* ]]; then source=${argument#*=}; fi
done
copying=${PGDATA}_copying
complaint=/tmp/replication/complaint
configured() { stat --format=%y /etc/patroni; }
began=$(configured)

# What the server warns of is no answer; why there is none is.
sql() {
  psql --no-psqlrc --no-password --tuples-only --no-align --quiet \
    --dbname="$source connect_timeout=10 application_name=annals $1" --command="$2" 2>"$complaint" ||
    { cat "$complaint"; return 1; }
}

there="there: CREATE ROLE _crunchyrepl LOGIN REPLICATION PASSWORD '...', and in pg_hba.conf: \
hostssl replication,postgres _crunchyrepl ADDRESSES scram-sha-256"

question="SELECT 'PostgreSQL $major: it has ' || pg_catalog.current_setting('server_version') ||
  '; correct spec.postgresVersion'
  WHERE pg_catalog.current_setting('server_version_num')::int / 10000 <> $major
UNION ALL SELECT 'a superuser postgres that may log in; there: CREATE ROLE postgres SUPERUSER LOGIN'
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles
    WHERE rolname = 'postgres' AND rolsuper AND rolcanlogin)
UNION ALL SELECT 'wal_level replica: it has ' || pg_catalog.current_setting('wal_level') ||
  '; there: ALTER SYSTEM SET wal_level = replica, and a restart'
  WHERE pg_catalog.current_setting('wal_level') = 'minimal'
UNION ALL SELECT 'three free connections of replication: max_wal_senders is ' ||
  pg_catalog.current_setting('max_wal_senders') || '; there: ALTER SYSTEM SET max_wal_senders, and a restart'
  WHERE pg_catalog.current_setting('max_wal_senders')::int <
    3 + (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_replication)
UNION ALL SELECT 'all data in one place: tablespace ' || pg_catalog.string_agg(spcname, ', ') ||
  '; move what is there to pg_default, and drop it'
  FROM pg_catalog.pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global') HAVING pg_catalog.count(*) > 0"

locales="SELECT datcollate FROM pg_catalog.pg_database UNION SELECT datctype FROM pg_catalog.pg_database"

size="SELECT (pg_catalog.sum(pg_catalog.pg_database_size(oid)) / 1024)::bigint FROM pg_catalog.pg_database
  WHERE pg_catalog.has_database_privilege(oid, 'CONNECT')"

lacks() {
  local answer each free
  if [[ ! -s /tmp/replication/pgpass ]]; then
    echo "a login: the Secret $secret, which the annotation standby-login names, has no key password"
    return
  fi
  answer=$(sql dbname=postgres "$question") || { echo "a login: $answer; $there"; return; }
  [[ -z $answer ]] || { echo "$answer"; return; }
  answer=$(sql replication=true IDENTIFY_SYSTEM) || { echo "a login for replication: $answer; $there"; return; }
  answer=$(sql dbname=postgres "$locales") || { echo "an answer: $answer"; return; }
  while IFS= read -r each; do
    [[ -z $(LC_ALL=$each locale 2>&1 >/dev/null) ]] ||
      echo "a locale that the image of this cluster has: a database there has $each"
  done <<<"$answer"
  answer=$(sql dbname=postgres "$size") || { echo "an answer: $answer"; return; }
  free=$(df --output=avail --block-size=1K "${PGDATA%/*}" | tail --lines=1)
  ((answer <= free)) ||
    echo "room here: its databases take about $((answer / 1048576 + 1)) GiB, and the volume has $((free / 1048576)) GiB free; use a larger one"
}

# Into an annotation of this pod, as Patroni does what it says; nothing takes that away.
told=unknown
tell() {
  [[ $1 != "$told" ]] || return 0
  echo "${1:-copying from the source}"
  python3 - "$annotation" "${1:0:2000}" <<'PYTHON' && told=$1
import json, os, socket, ssl, sys, urllib.request
folder = "/var/run/secrets/kubernetes.io/serviceaccount/"
read = lambda name: open(folder + name).read()
host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
host = f"[{host}]" if ":" in host else host
pod = f"namespaces/{read('namespace')}/pods/{socket.gethostname()}"
context = ssl.create_default_context(cafile=folder + "ca.crt")
context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # an authority of Kubernetes may be older than that
annotations = {sys.argv[1]: sys.argv[2] or None}
urllib.request.urlopen(
    urllib.request.Request(
        f"https://{host}:{port}/api/v1/{pod}", method="PATCH",
        data=json.dumps({"metadata": {"annotations": annotations}}).encode(),
        headers={"Authorization": "Bearer " + read("token").strip(),
                 "Content-Type": "application/merge-patch+json"}),
    timeout=10, context=context)
PYTHON
}

copy() {
  rm --recursive --force "$copying" "$wal"
  pg_basebackup --dbname="$source" --pgdata="$copying" --waldir="$wal" --checkpoint=fast \
    --wal-method=stream --no-password 2>&1
}

if [[ -e $PGDATA/PG_VERSION ]]; then
  echo "$PGDATA has a database already" >&2
  exit 1
fi
# What Patroni keeps of a copy that did not start takes room.
rm --recursive --force "$copying" "$wal" "$PGDATA.failed" "$wal.failed"
pause=5
while true; do
  # Another host may be asked for by now: Patroni begins anew with that.
  if [[ $(configured) != "$began" ]]; then
    echo "the configuration has changed" >&2
    exit 1
  fi
  words=$(lacks)
  if [[ -n $words ]]; then
    tell "the source of this standby lacks ${words//$'\n'/; }"
  else
    ((pause > 5)) || tell ""
    words=$(copy) && break
    ((${#words} <= 600)) || words=${words: -600}
    tell "copying from the source of this standby failed: ${words//$'\n'/; }"
    pause=$((pause < 300 ? pause * 2 : 600))
  fi
  sleep "$pause"
done
tell ""
# Of Patroni there, which would be taken for this one's own.
rm --force "$copying"/{postgresql.base.conf,patroni.dynamic.json} "$copying"/*.backup
for file in postgresql.conf postgresql.auto.conf pg_hba.conf pg_ident.conf; do
  if [[ -s $copying/$file ]]; then mv "$copying/$file" "$copying/$file.source"; fi
  (umask 0177 && : >"$copying/$file")
done
sync --file-system "$copying"
[[ ! -d $PGDATA ]] || rmdir "$PGDATA"
mv --no-target-directory "$copying" "$PGDATA"
)bash";

}  // namespace

std::string copy_from_source_script() { return kCopyFromSourceScript; }

std::string copy_from_source_command(const spec::PostgresCluster& cluster, const std::string& wal) {
  return concat("bash ", paths::kCopyFromSource, " ", cluster.spec.postgres_version, " ", wal, " ",
                spec::source_login(cluster), " ", annotation::kSourceLacks);
}

}  // namespace annals::manifests
