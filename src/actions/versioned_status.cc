#include "actions/versioned_status.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "k8s/lens/meta.h"
#include "k8s/text/json.h"

namespace annals::actions {

Result<std::string> version_of(std::string_view object, const ClusterIdentity& cluster) {
  k8s::JsonReader reader;
  const Result<k8s::ObjectMeta> meta = k8s::read_meta(reader, object);
  if (!meta) return fail(meta.error().while_doing("read a custom resource"));
  if (meta->key.uid != cluster.uid.value())
    return fail(Errc::kConflict, "it is another cluster's status");
  if (meta->resource_version.empty())
    return fail(Errc::kInvalid, "read a custom resource: metadata.resourceVersion is missing");
  return meta->resource_version;
}

Result<std::string> versioned_status(std::string_view manifest, const std::string& version,
                                     const ClusterIdentity& cluster) {
  try {
    nlohmann::json status = nlohmann::json::parse(manifest);
    nlohmann::json& metadata = status.at("metadata");
    metadata["uid"] = cluster.uid.value();
    metadata["resourceVersion"] = version;
    return status.dump();
  } catch (const nlohmann::json::exception& error) {
    return fail(Errc::kInvalid, "read a status: ", error.what());
  }
}

}  // namespace annals::actions
