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

std::string claim_for(const Observed& observed, const std::string& usual) {
  const auto adopted = observed.adopted.find(usual);
  return adopted == observed.adopted.end() ? usual : adopted->second.name;
}

// With its UID the API server makes none where it is missing.
void take_adopted(Json& claim, const Observed& observed) {
  const auto adopted = observed.adopted.find(claim["metadata"]["name"].text());
  if (adopted == observed.adopted.end()) return;
  claim["metadata"]["name"] = adopted->second.name;
  claim["metadata"]["uid"] = adopted->second.uid;
  if (!adopted->second.fresh) return;
  // What we have written once is removed when we do not write it any more.
  for (const char* label : {"pg-cluster", "vendor"}) claim["metadata"]["labels"][label] = "";
}

Json data_volume(const Observed& observed, const Instance& instance) {
  return claim_volume(kDataVolume, claim_for(observed, names::data_volume(instance.name)));
}

Json further_data_volumes(const Observed& observed, const spec::InstanceSet& set,
                          const Instance& instance) {
  Json volumes = Json::array();
  if (set.wal_volume_claim_spec) {
    volumes.push_back(
        claim_volume(kWalVolume, claim_for(observed, names::wal_volume(instance.name))));
  }
  for (const spec::TablespaceVolume& volume : set.tablespace_volumes) {
    volumes.push_back(claim_volume(tablespace_volume(volume),
                                   names::tablespace_volume(instance.name, volume.name)));
  }
  return volumes;
}

Json read_only_data_mount() { return read_only_mount(kDataVolume, "/pgdata"); }

Json data_mounts(const spec::InstanceSet& set) {
  Json mounts = Json::array({mount(kDataVolume, "/pgdata")});
  if (set.wal_volume_claim_spec) mounts.push_back(mount(kWalVolume, "/pgwal"));
  for (const spec::TablespaceVolume& volume : set.tablespace_volumes) {
    mounts.push_back(mount(tablespace_volume(volume), "/tablespaces/" + volume.name));
  }
  return mounts;
}

}  // namespace annals::manifests
