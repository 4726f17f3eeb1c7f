#include "manifests/instance/startup.h"

#include "base/concat.h"
#include "manifests/containers.h"
#include "manifests/instance/source_login.h"
#include "manifests/names.h"

namespace annals::manifests {
namespace {

// Arguments: major version, data folder, WAL folder, then a folder for each tablespace.
// own_folder: PostgreSQL wants its folders to belong to its user. One of another user, but of a
// group that we are in, is made again under our user with everything that was in it. link_wal:
// pg_wal is a link to the WAL folder, on whatever volume the specification has put it. What an
// interrupted move has left behind is moved by the next start.
constexpr const char* kPrepare = R"bash(
major=$1 data=$2 wal=$3
shift 3
halt() { printf 'postgres-startup: %s\n' "$@" >&2; exit 1; }
permissions() { stat --format='%A %u:%g %n' "$@" 2>/dev/null || true; }

own_folder() {
  local folder=$1 fresh
  if [[ ! -e $folder || -O $folder ]]; then
    install --directory --mode=0700 "$folder"
  elif [[ -w $folder && -g $folder ]]; then
    fresh=$(mktemp --directory --tmpdir="$(dirname "$folder")" .own.XXXXXX)
    chmod 0700 "$fresh"
    find "$folder" -mindepth 1 -maxdepth 1 -exec mv --target-directory="$fresh" {} +
    rmdir "$folder"
    mv --no-target-directory "$fresh" "$folder"
  else
    halt "$folder belongs to another user and cannot be taken over" "$(permissions "$folder" "$(dirname "$folder")")"
  fi
}

link_wal() {
  local current
  current=$(realpath --canonicalize-missing "$data/pg_wal")
  if [[ $current != "$wal" ]]; then
    echo "moving WAL from $current to $wal"
    if [[ -d $current ]]; then
      find "$current" -mindepth 1 -maxdepth 1 -exec mv --target-directory="$wal" {} +
      rmdir "$current"
    elif [[ ! -d $wal/archive_status ]]; then
      halt "the WAL of $data is in $current, which is not mounted; put its volume back"
    fi
    ln --symbolic --force --no-dereference "$wal" "$data/pg_wal"
  fi
}

link_spool() {
  [[ $wal == /pgwal/* ]] || return 0
  mkdir --parents /pgwal/pgbackrest-spool
  [[ -L /pgdata/pgbackrest-spool ]] || rm --recursive --force /pgdata/pgbackrest-spool
  ln --symbolic --force --no-dereference /pgwal/pgbackrest-spool /pgdata/pgbackrest-spool
}

echo "user $(id -u), groups $(id -G), PostgreSQL $major in $data"
if [[ ! -d /pgwal && -L /pgdata/pgbackrest-spool ]]; then rm /pgdata/pgbackrest-spool; fi
link_spool
[[ $(postgres --version) =~ \)\ ([0-9]+) && ${BASH_REMATCH[1]} == "$major" ]] ||
  halt "PostgreSQL $major is wanted, and the image has $(postgres --version)"
if [[ ! -e $data && -d ${data}_bootstrap ]]; then data=${data}_bootstrap; fi
own_folder "$data"
for folder in "$@"; do own_folder "$folder"; done
mkdir --parents /pgdata/pgbackrest/log /pgdata/patroni/log /pgdata/logs/postgres /tmp/postgres
install -D --mode=0600 --target-directory=/tmp/replication /pgconf/tls/replication/{tls.crt,tls.key,ca.crt}
)bash";

constexpr const char* kStartData = R"bash(
[[ -f $data/PG_VERSION ]] || { echo "no data yet"; exit 0; }
read -r found <"$data/PG_VERSION"
[[ $found == "$major" ]] || halt "the data is of PostgreSQL $found, and $major is wanted; upgrade with a PGUpgrade"
touch "$data/postgresql.conf"
[[ $(postgres -C data_directory -D "$data") == "$data" ]] ||
  halt "data_directory in $data/postgresql.conf must be $data, or not be there"
own_folder "$wal"
link_wal
rm --force "$data/recovery.signal"
)bash";

// The login at the source is there before Patroni asks for it.
std::string script_of(const spec::PostgresCluster& cluster) {
  if (spec::source_login(cluster).empty()) return concat(kPrepare, kStartData);
  return concat(kPrepare, kCopySourceLogin, "copy_source\n", kStartData);
}

}  // namespace

Json startup_container(const spec::PostgresCluster& cluster, const spec::InstanceSet& set,
                       const std::string& image, const Json& mounts) {
  const int major = cluster.spec.postgres_version;
  std::vector<std::string> arguments{std::to_string(major), paths::data(major),
                                     paths::wal(major, set.wal_volume_claim_spec.has_value())};
  for (const spec::TablespaceVolume& volume : set.tablespace_volumes) {
    arguments.push_back(concat("/tablespaces/", volume.name, "/data"));
  }
  Json init = container(cluster, kStartupContainer, image, set.resources);
  init["command"] = bash_command(kStartupContainer, script_of(cluster), arguments);
  init["volumeMounts"] = mounts;
  return init;
}

}  // namespace annals::manifests
