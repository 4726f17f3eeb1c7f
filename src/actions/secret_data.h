// A Secret's content between the API server and us: JSON with base64 on one side, named byte
// strings on the other.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "actions/cluster_identity.h"
#include "actions/ownership.h"
#include "base/result.h"
#include "base/secret.h"
#include "fsm/model/intent.h"

namespace annals::actions {

using SecretData = std::map<std::string, Secret>;

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
};

struct StoredSecret {
  SecretData data;
  std::vector<OwnerReference> owners;
  Holder holder;
  std::string version;  // empty: it does not exist
};

// kInvalid when it is not a Secret's JSON.
Result<StoredSecret> read_secret(std::string_view object);
// The same of a ConfigMap that is to be copied: its content and version.
Result<StoredSecret> read_config_map(std::string_view object);

// The version of what does not exist. No object has ever had it, and the API server compares: what
// is applied with it is made, or refused with 409 where something stands, and never changes it.
inline constexpr const char* kNothingThere = "1";

// The manifest to apply; with a version, only to that. A shared Secret keeps the owners that it
// has beside these; any other belongs to one cluster alone, the only one that is given.
std::string secret_manifest(const manifests::SecretObject& object, const SecretData& data,
                            const std::vector<OwnerReference>& owners,
                            const std::vector<ClusterIdentity>& clusters,
                            const std::string& version = {});

std::string base64_encoded(std::string_view bytes);

// The value of a key, or an empty Secret.
Secret value_of(const SecretData& data, const std::string& key);

}  // namespace annals::actions
