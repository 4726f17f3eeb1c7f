// spec.dataSource: where the data of a new cluster comes from. It is looked at until there is a
// database, and may be taken out of the specification afterwards.
#pragma once

#include <optional>

#include "spec/opaque.h"
#include "spec/restore.h"

namespace annals::spec {

struct DataSource {
  std::optional<RestoreSource> postgres_cluster;  // backups of another cluster, or of this one
  // Kept for later versions: a cluster that has them does not begin, since an empty database is not
  // what is asked for.
  Opaque pgbackrest;
  Opaque volumes;

  friend bool operator==(const DataSource&, const DataSource&) = default;
};

void describe(Fields& fields, DataSource& source);

}  // namespace annals::spec
