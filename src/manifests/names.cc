#include "manifests/names.h"

#include "base/concat.h"

namespace annals::manifests {
namespace names {

std::string pods(std::string_view cluster) { return concat(cluster, "-pods"); }
std::string leader(std::string_view cluster) { return concat(cluster, "-ha"); }
std::string leader_config(std::string_view cluster) { return concat(cluster, "-ha-config"); }
std::string primary(std::string_view cluster) { return concat(cluster, "-primary"); }
std::string replicas(std::string_view cluster) { return concat(cluster, "-replicas"); }
std::string config(std::string_view cluster) { return concat(cluster, "-config"); }
std::string instance_account(std::string_view cluster) { return concat(cluster, "-instance"); }
std::string server_certificate(std::string_view cluster) {
  return concat(cluster, "-cluster-cert");
}
std::string replication_certificate(std::string_view cluster) {
  return concat(cluster, "-replication-cert");
}
std::string user_secret(std::string_view cluster, std::string_view user) {
  return concat(cluster, "-pguser-", user);
}
std::string disruption_budget(std::string_view cluster, std::string_view set) {
  return concat(cluster, "-set-", set);
}
std::string pgbackrest_config(std::string_view cluster) {
  return concat(cluster, "-pgbackrest-config");
}
std::string pgbackrest_secret(std::string_view cluster) { return concat(cluster, "-pgbackrest"); }
std::string pgbackrest_account(std::string_view cluster) { return concat(cluster, "-pgbackrest"); }
std::string repo_host(std::string_view cluster) { return concat(cluster, "-repo-host"); }
std::string repo_host_account(std::string_view cluster) { return concat(cluster, "-repohost"); }
std::string repo_volume(std::string_view cluster, std::string_view repo) {
  return concat(cluster, "-", repo);
}
std::string backup_cron_job(std::string_view cluster, std::string_view repo,
                            std::string_view type) {
  return concat(cluster, "-", repo, "-", type);
}
std::string archive_job(std::string_view cluster) { return concat(cluster, "-pgbackrest-archive"); }
std::string restore_job(std::string_view cluster) { return concat(cluster, "-pgbackrest-restore"); }
std::string restore_permit(std::string_view cluster, std::string_view hash) {
  return concat(cluster, kRestorePermit, hash);
}
std::string restore_drill(std::string_view cluster) { return concat(cluster, "-restore-drill"); }
std::string receipt_job(std::string_view cluster) { return concat(cluster, "-shutdown-receipt"); }
std::string move_data_job(std::string_view cluster) { return concat(cluster, "-move-pgdata-dir"); }
std::string move_repository_job(std::string_view cluster) {
  return concat(cluster, "-move-pgbackrest-repo-dir");
}
std::string clone_source(std::string_view cluster) { return concat(cluster, "-pgbackrest-source"); }
std::string repository_reader(std::string_view cluster) { return concat(cluster, "-reader-"); }
std::string pgbouncer(std::string_view cluster) { return concat(cluster, "-pgbouncer"); }

std::string instance(std::string_view cluster, std::string_view set, std::string_view suffix) {
  return concat(cluster, "-", set, "-", suffix);
}
std::string instance_pod(std::string_view instance) { return concat(instance, "-0"); }
std::string instance_config(std::string_view instance) { return concat(instance, "-config"); }
std::string instance_certificates(std::string_view instance) { return concat(instance, "-certs"); }
std::string data_volume(std::string_view instance) { return concat(instance, "-pgdata"); }
std::string wal_volume(std::string_view instance) { return concat(instance, "-pgwal"); }
std::string tablespace_volume(std::string_view instance, std::string_view tablespace) {
  return concat(instance, "-", tablespace, "-tablespace");
}

}  // namespace names

namespace paths {

std::string data(int postgres_version) { return concat("/pgdata/pg", postgres_version); }
std::string wal(int postgres_version, bool has_wal_volume) {
  return concat(has_wal_volume ? "/pgwal/pg" : "/pgdata/pg", postgres_version, "_wal");
}
std::string restored(int postgres_version) { return concat(data(postgres_version), "_bootstrap"); }
std::string cloning(int postgres_version) { return concat(data(postgres_version), "_cloning"); }

}  // namespace paths
}  // namespace annals::manifests
