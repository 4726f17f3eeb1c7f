// spec.dataSource: where the data of a new cluster comes from. It is looked at until there is a
// database, and may be taken out of the specification afterwards.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "spec/opaque.h"
#include "spec/repository.h"
#include "spec/restore.h"

namespace annals::spec {

// A volume claim that was there before the cluster, of the cluster's namespace.
struct ExistingVolume {
  std::string claim;
  std::string directory;  // in it, which goes where the cluster looks for it; empty: it is there

  friend bool operator==(const ExistingVolume&, const ExistingVolume&) = default;
};

// They become volumes of the first instance, and of the repository repo1.
struct ExistingVolumes {
  std::optional<ExistingVolume> data;
  std::optional<ExistingVolume> wal;
  std::optional<ExistingVolume> repository;

  friend bool operator==(const ExistingVolumes&, const ExistingVolumes&) = default;
};

// Backups in an object store, whoever made them: that cluster may be gone.
struct StoredBackups {
  Repository repo;                            // not on a volume
  std::string stanza;                         // empty: db
  std::vector<std::string> options;           // of the command `pgbackrest restore`
  std::map<std::string, std::string> global;  // of pgBackRest's configuration
  Opaque configuration;                       // projections of more files for it: keys of the store
  Resources resources;
  Scheduling scheduling;  // of the Job, without spread constraints
  Opaque volumes;

  friend bool operator==(const StoredBackups&, const StoredBackups&) = default;
};

struct DataSource {
  std::optional<RestoreSource> postgres_cluster;  // backups of another cluster, or of this one
  std::optional<StoredBackups> pgbackrest;
  std::optional<ExistingVolumes> volumes;

  friend bool operator==(const DataSource&, const DataSource&) = default;
};

void describe(Fields& fields, ExistingVolume& volume);
void describe(Fields& fields, ExistingVolumes& volumes);
void describe(Fields& fields, StoredBackups& backups);
void describe(Fields& fields, DataSource& source);

}  // namespace annals::spec
