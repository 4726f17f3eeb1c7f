// Object stores over TLS beside the cluster, as pods reach them: the servers of script/s3,
// script/azure and script/gcs, and clusters that have backups there.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {

// A server by the name of its script; pods know it as NAME.object-store.
struct Store {
  const char* name;
  int port;
  const char* repository;  // what stands behind the name of an element of `repos`
  // What else pgBackRest needs of it, as "azure-uri-style: path"; without the repository's name.
  const char* options;
  const char* more = "";  // another one
  int second_port = 0;
};

inline constexpr Store kS3{
    "s3", 8334,
    "s3: {bucket: backups, endpoint: s3.object-store.svc.cluster.local, region: us-east-1}",
    "s3-uri-style: path"};
inline constexpr Store kAzure{"azure", 10443, "azure: {container: backups}",
                              "azure-uri-style: path",
                              "azure-endpoint: azure.object-store.svc.cluster.local"};
// It takes a file in one piece only. The second port gives tokens.
inline constexpr Store kGcs{"gcs",
                            10444,
                            "gcs: {bucket: backups}",
                            "gcs-endpoint: gcs.object-store.svc.cluster.local",
                            "storage-upload-chunk-size: 64MiB",
                            10445};

class ObjectStore : public Operator {
 protected:
  static constexpr const char* kClaim =
      "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}";

  // --- the server
  // A new one that is empty, the name by which pods reach it, and the Secrets NAME-keys-1 and
  // NAME-keys-2 with what pgBackRest needs for a repository of that number.
  static void start_store(const Store& store = kS3);
  // The name and the Secrets alone.
  static void let_pods_reach(const Store& store);
  static void end_store(const Store& store = kS3);
  // Its objects stay.
  static void stop_server(const Store& store = kS3);
  static void start_server(const Store& store = kS3);
  // From now on it takes other credentials alone; the Secrets have them only after
  // update_secrets().
  static void rotate_keys(const Store& store = kS3);
  static void update_secrets(const Store& store = kS3);
  // Where its script has the server's own files.
  static std::string files_of(const Store& store) {
    return std::string("/var/lib/annals-") + store.name + "/";
  }

  // --- clusters with backups in it
  // An element of `repos`, and what else that repository needs: keys, path and how it is reached.
  // `global` is more of that, "io-timeout: '10'".
  static std::string bucket(const std::string& repo, const Store& store = kS3,
                            const std::string& rest = "");
  static std::string access(const std::string& number, const std::string& path,
                            const Store& store = kS3,
                            const std::string& global = "io-timeout: '10'");
  struct Wish {
    std::string name;
    std::string backups;      // of spec.backups.pgbackrest
    std::string data_source;  // of spec.dataSource: "pgbackrest:" or "postgresCluster:" and so on
    std::string standby{};    // of spec.standby: "repoName: repo1"
  };
  static void apply_cluster(const Wish& wish);
  // Ready with its first backup and all replicas.
  static void await_open(const std::string& cluster, int replicas = 1);
  // From this repository, as one change of the resource.
  static void ask_restore(const std::string& cluster, const std::string& id,
                          const std::string& repo, const std::string& options = "");
  static void await_restored(const std::string& cluster, const std::string& id);
  static std::string trouble(const std::string& cluster);
  // Asks for a backup, and awaits its end.
  static void ask_backup(const std::string& cluster, const std::string& id, const std::string& repo,
                         const std::string& type);
  static void await_backed_up(const std::string& cluster, const std::string& id,
                              std::chrono::seconds limit = 240s);

  // --- what they hold
  static void make_notes(const std::string& cluster);
  static void note(const std::string& cluster, const std::string& text);
  static std::string notes(const std::string& cluster);
  // Between what has been written and what will be.
  static std::string a_time_between(const std::string& cluster);
  // The name of the segment that ends with it.
  static std::string switch_wal(const std::string& cluster);
  static void await_archived(const std::string& cluster, const std::string& segment,
                             std::chrono::seconds limit = 120s);
};

}  // namespace annals::e2e
