#include "spec/data_source.h"

#include <algorithm>
#include <string_view>

#include "spec/fields.h"
#include "spec/pgbackrest_option_rules.h"
#include "spec/text.h"

namespace annals::spec {
namespace {

// It is a folder of the repository and a section of a file, and stands in command lines.
bool is_stanza(std::string_view name) {
  const auto may_be = [](char c) {
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '-' || c == '_' ||
           c == '.';
  };
  return name.front() != '-' && name.front() != '.' && std::ranges::all_of(name, may_be);
}

}  // namespace

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

void describe(Fields& fields, StoredBackups& backups) {
  fields.require("repo", "describe the repository: its name and azure, gcs or s3");
  fields.part("repo", backups.repo);
  fields.check(!backups.repo.volume, "repo",
               "describe azure, gcs or s3; backups on a volume are taken over by "
               "spec.dataSource.volumes or spec.dataSource.postgresCluster");
  fields.text("stanza", backups.stanza);
  fields.check(backups.stanza.empty() || is_stanza(backups.stanza), "stanza",
               "give a name of letters, digits, '-', '_' and '.', such as db");
  fields.texts("options", backups.options);
  fields.map("global", backups.global);
  fields.opaque("configuration", backups.configuration, Shape::kArray);
  describe_resources(fields, backups.resources);
  describe_scheduling(fields, backups.scheduling, Spread::kNo);
  fields.not_yet("volumes", backups.volumes);
  check_restore_options(fields, backups);
}

void describe(Fields& fields, DataSource& source) {
  fields.part("postgresCluster", source.postgres_cluster);
  fields.part("pgbackrest", source.pgbackrest);
  fields.part("volumes", source.volumes);
}

}  // namespace annals::spec
