// spec.instances: the sets of PostgreSQL instances, alike within a set.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spec/kubernetes.h"
#include "spec/metadata.h"

namespace annals::spec {

class Fields;

struct TablespaceVolume {
  std::string name;
  VolumeClaim data_volume_claim_spec;

  friend bool operator==(const TablespaceVolume&, const TablespaceVolume&) = default;
};

void describe(Fields& fields, TablespaceVolume& volume);

struct InstanceVolumes {
  std::optional<VolumeClaim> temp;  // mounted at /pgtmp, lives as long as its pod
  Opaque additional;

  friend bool operator==(const InstanceVolumes&, const InstanceVolumes&) = default;
};

void describe(Fields& fields, InstanceVolumes& volumes);

struct InstanceSidecars {
  std::optional<Sidecar> replica_cert_copy;

  friend bool operator==(const InstanceSidecars&, const InstanceSidecars&) = default;
};

void describe(Fields& fields, InstanceSidecars& sidecars);

struct InstanceSet {
  std::string name;  // never empty once read: "00", "01", ... by position
  Metadata metadata;
  std::int32_t replicas = 1;
  Opaque min_available;  // a number or a percentage
  Resources resources;
  Scheduling scheduling;
  VolumeClaim data_volume_claim_spec;
  std::optional<VolumeClaim> wal_volume_claim_spec;
  std::vector<TablespaceVolume> tablespace_volumes;
  InstanceVolumes volumes;
  InstanceSidecars sidecars;
  Opaque containers;  // further containers, as Kubernetes defines them

  friend bool operator==(const InstanceSet&, const InstanceSet&) = default;
};

void describe(Fields& fields, InstanceSet& set);

}  // namespace annals::spec
