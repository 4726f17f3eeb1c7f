#include "manifests/instance/leader_check.h"

#include "base/concat.h"
#include "manifests/names.h"

namespace annals::manifests {
namespace {

// Arguments: hosts, with commas; what else psql needs to log in there. Without single quotes, since
// Patroni reads it as shlex does. PGDATA is the container's. psql's own limit does not cover the
// look-up of a name.
constexpr const char* kLeaderCheck =
    R"sh(while IFS=: read -r key value; do case $key in )sh"
    R"sh("Database system identifier") system=${value// /};; )sh"
    R"sh("Latest checkpoint"?"s TimeLineID"|"Min recovery ending loc"?"s timeline") )sh"
    R"sh(((value > own)) && own=$((value));; )sh"
    R"sh(esac; done < <(LC_ALL=C pg_controldata); )sh"
    R"sh(for host in ${1//,/ }; do )sh"
    R"sh(IFS="|" read -r its file < <(timeout 10 psql -XwAtq -d "host=$host $2" -c )sh"
    R"sh("SELECT s.system_identifier, )sh"
    R"sh(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()) )sh"
    R"sh(FROM pg_catalog.pg_control_system() AS s WHERE NOT pg_catalog.pg_is_in_recovery()" )sh"
    R"sh(2>/dev/null) || continue; )sh"
    R"sh(timeline=$((16#${file:0:8})); )sh"
    R"sh([[ $its == "$system" ]] && ((timeline > own)) || continue; )sh"
    R"sh(echo "another cluster leads: $host takes writes on timeline $timeline, )sh"
    R"sh(and this volume is on timeline $own. This cluster stays without a primary. The )sh"
    R"sh(condition Standby of the PostgresCluster says how to make a standby of it" >&2; exit 1; )sh"
    R"sh(done; exit 0)sh";

// As Patroni itself logs in there. A host may be slow, and Patroni waits for this in a failover.
std::string login(const spec::Standby& other) {
  const std::string folder = paths::kReplicationCertificates;
  return concat("port=", other.port_of_host(), " dbname=postgres user=", kReplicationUser,
                " sslmode=verify-ca sslcert=", folder, "/tls.crt sslkey=", folder,
                "/tls.key sslrootcert=", folder,
                "/ca.crt connect_timeout=3 application_name=annals options=-cstatement_timeout=5s");
}

}  // namespace

std::string leader_check(const spec::Standby& other) {
  return concat("bash -c '", kLeaderCheck, "' annals-leader-check ", other.host, " \"",
                login(other), "\"");
}

}  // namespace annals::manifests
