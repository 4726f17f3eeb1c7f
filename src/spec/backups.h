// spec.backups: pgBackRest, its repositories and jobs. A cluster without this part has no backups.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "spec/kubernetes.h"
#include "spec/metadata.h"
#include "spec/repository.h"
#include "spec/restore.h"

namespace annals::spec {

class Fields;

struct BackupJobs {
  Resources resources;
  Scheduling scheduling;
  std::optional<std::int32_t> ttl_seconds_after_finished;
  Opaque log;
  Opaque volumes;

  friend bool operator==(const BackupJobs&, const BackupJobs&) = default;
};

void describe(Fields& fields, BackupJobs& jobs);

struct ManualBackup {
  std::string repo_name;
  std::vector<std::string> options;  // of the command `pgbackrest backup`

  friend bool operator==(const ManualBackup&, const ManualBackup&) = default;
};

void describe(Fields& fields, ManualBackup& manual);

struct RepoHost {
  Resources resources;
  Scheduling scheduling;
  Opaque log;
  Opaque volumes;
  Opaque ssh_config_map;  // of versions before 5.1; without effect
  Opaque ssh_secret;      // likewise

  friend bool operator==(const RepoHost&, const RepoHost&) = default;
};

void describe(Fields& fields, RepoHost& host);

struct BackupSidecars {
  std::optional<Sidecar> pgbackrest;
  std::optional<Sidecar> pgbackrest_config;

  friend bool operator==(const BackupSidecars&, const BackupSidecars&) = default;
};

void describe(Fields& fields, BackupSidecars& sidecars);

struct PgBackRest {
  Metadata metadata;
  std::string image;
  Opaque configuration;  // projections, mounted beside our own in /etc/pgbackrest/conf.d
  std::map<std::string, std::string> global;
  BackupJobs jobs;
  std::optional<ManualBackup> manual;
  std::optional<RepoHost> repo_host;
  std::vector<Repository> repos;
  std::optional<Restore> restore;
  BackupSidecars sidecars;
  Opaque log;

  friend bool operator==(const PgBackRest&, const PgBackRest&) = default;
};

void describe(Fields& fields, PgBackRest& pgbackrest);

struct Backups {
  std::optional<PgBackRest> pgbackrest;
  Opaque snapshots;

  friend bool operator==(const Backups&, const Backups&) = default;
};

void describe(Fields& fields, Backups& backups);

}  // namespace annals::spec
