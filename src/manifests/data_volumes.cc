#include "manifests/data_volumes.h"

#include <string>

#include "base/concat.h"
#include "manifests/containers.h"
#include "manifests/names.h"

namespace annals::manifests {
namespace {

constexpr const char* kDataVolume = "postgres-data";
constexpr const char* kWalVolume = "postgres-wal";

std::string tablespace_volume(const spec::TablespaceVolume& volume) {
  return concat("tablespace-", volume.name);
}

}  // namespace

Json data_volume(const Instance& instance) {
  return claim_volume(kDataVolume, names::data_volume(instance.name));
}

Json further_data_volumes(const spec::InstanceSet& set, const Instance& instance) {
  Json volumes = Json::array();
  if (set.wal_volume_claim_spec) {
    volumes.push_back(claim_volume(kWalVolume, names::wal_volume(instance.name)));
  }
  for (const spec::TablespaceVolume& volume : set.tablespace_volumes) {
    volumes.push_back(claim_volume(tablespace_volume(volume),
                                   names::tablespace_volume(instance.name, volume.name)));
  }
  return volumes;
}

Json data_mounts(const spec::InstanceSet& set) {
  Json mounts = Json::array({mount(kDataVolume, "/pgdata")});
  if (set.wal_volume_claim_spec) mounts.push_back(mount(kWalVolume, "/pgwal"));
  for (const spec::TablespaceVolume& volume : set.tablespace_volumes) {
    mounts.push_back(mount(tablespace_volume(volume), "/tablespaces/" + volume.name));
  }
  return mounts;
}

}  // namespace annals::manifests
