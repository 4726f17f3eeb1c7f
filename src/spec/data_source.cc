#include "spec/data_source.h"

#include "spec/fields.h"

namespace annals::spec {

void describe(Fields& fields, ExistingVolume& volume) {
  fields.require("pvcName", "name the PersistentVolumeClaim");
  fields.text("pvcName", volume.claim);
  fields.text("directory", volume.directory);
}

void describe(Fields& fields, ExistingVolumes& volumes) {
  fields.part("pgDataVolume", volumes.data);
  fields.part("pgWALVolume", volumes.wal);
  fields.part("pgBackRestVolume", volumes.repository);
}

void describe(Fields& fields, DataSource& source) {
  fields.part("postgresCluster", source.postgres_cluster);
  fields.part("volumes", source.volumes);
  fields.not_yet("pgbackrest", source.pgbackrest);
}

}  // namespace annals::spec
