// An S3 server over TLS beside the cluster (script/s3), as pods reach it, and clusters that have
// backups there. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {

class ObjectStore : public Operator {
 protected:
  // Where script/s3 has the server's own files.
  static constexpr const char* kServerFiles = "/var/lib/annals-s3/";
  static constexpr const char* kEndpoint = "s3.object-store.svc.cluster.local";
  static constexpr const char* kClaim =
      "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}";

  // --- the server
  // A new one with an empty bucket `backups`, the name by which pods reach it, and the Secrets
  // store-keys-1 and store-keys-2 with what pgBackRest needs for a repository of that number.
  static void start_store();
  static void end_store();
  // Its objects stay.
  static void stop_server() { must("script/s3 stop", 60s); }
  static void start_server() { must("script/s3 up", 120s); }

  // --- clusters with backups in it
  // An element of `repos`, and what else that repository needs: keys, path and how it is reached.
  static std::string bucket(const std::string& repo);
  static std::string access(const std::string& number, const std::string& path);
  struct Wish {
    std::string name;
    std::string backups;      // of spec.backups.pgbackrest
    std::string data_source;  // of spec.dataSource: "pgbackrest:" or "postgresCluster:" and so on
  };
  static void apply_cluster(const Wish& wish);
  // Ready with its first backup and a replica.
  static void await_open(const std::string& cluster);
  // From this repository, as one change of the resource.
  static void ask_restore(const std::string& cluster, const std::string& id,
                          const std::string& repo, const std::string& options = "");
  static void await_restored(const std::string& cluster, const std::string& id);
  static std::string trouble(const std::string& cluster);

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
