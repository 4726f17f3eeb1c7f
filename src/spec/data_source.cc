#include "spec/data_source.h"

#include "spec/fields.h"

namespace annals::spec {

void describe(Fields& fields, DataSource& source) {
  fields.part("postgresCluster", source.postgres_cluster);
  fields.not_yet("pgbackrest", source.pgbackrest);
  fields.not_yet("volumes", source.volumes);
}

}  // namespace annals::spec
