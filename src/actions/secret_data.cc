#include "actions/secret_data.h"

#include <boost/beast/core/detail/base64.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/assert.h"
#include "k8s/text/text.h"

namespace annals::actions {
namespace {

using nlohmann::json;

constexpr const char* kClusterApiVersion = "postgres-operator.crunchydata.com/v1beta1";
constexpr const char* kClusterKind = "PostgresCluster";

json owner_json(const OwnerReference& owner, bool controller) {
  json reference = {{"apiVersion", owner.api_version},
                    {"kind", owner.kind},
                    {"name", owner.name},
                    {"uid", owner.uid}};
  if (controller) {
    reference["controller"] = true;
    reference["blockOwnerDeletion"] = true;
  }
  return reference;
}

OwnerReference owner_of(const ClusterIdentity& cluster) {
  return {.api_version = kClusterApiVersion,
          .kind = kClusterKind,
          .name = cluster.name,
          .uid = cluster.uid.value()};
}

json owners_json(const manifests::SecretObject& object, std::vector<OwnerReference> owners,
                 const std::vector<ClusterIdentity>& clusters) {
  if (object.ownership == manifests::Ownership::kController) {
    ANNALS_ASSERT(clusters.size() == 1, object.name, " for ", clusters.size(), " clusters");
    return json::array({owner_json(owner_of(clusters.front()), true)});
  }
  std::set<std::string> listed;
  for (const OwnerReference& owner : owners) listed.insert(owner.uid);
  for (const ClusterIdentity& cluster : clusters) {
    if (listed.insert(cluster.uid.value()).second) owners.push_back(owner_of(cluster));
  }
  json list = json::array();
  for (const OwnerReference& owner : owners) list.push_back(owner_json(owner, false));
  return list;
}

}  // namespace

std::string base64_encoded(std::string_view bytes) {
  namespace base64 = boost::beast::detail::base64;
  std::string text(base64::encoded_size(bytes.size()), '\0');
  text.resize(base64::encode(text.data(), bytes.data(), bytes.size()));
  return text;
}

Result<StoredSecret> read_secret(std::string_view object) {
  // The parser's own words would quote what it read last, and that may be a password.
  const json secret = json::parse(object, nullptr, false);
  if (secret.is_discarded()) return fail(Errc::kInvalid, "read a Secret: it is no JSON");
  try {
    StoredSecret stored;
    for (const auto& [key, value] : secret.value("data", json::object()).items()) {
      std::optional<std::string> bytes = k8s::base64_decoded(value.get_ref<const std::string&>());
      if (!bytes) return fail(Errc::kInvalid, "key ", key, " is not base64");
      stored.data.emplace(key, Secret(std::move(*bytes)));
    }
    const json& metadata = secret.at("metadata");
    stored.version = metadata.value("resourceVersion", "");
    stored.holder.deleting = metadata.contains("deletionTimestamp");
    for (const json& owner : metadata.value("ownerReferences", json::array())) {
      if (owner.value("controller", false)) stored.holder.controller_uid = owner.at("uid");
      stored.owners.push_back({.api_version = owner.at("apiVersion").get<std::string>(),
                               .kind = owner.at("kind").get<std::string>(),
                               .name = owner.at("name").get<std::string>(),
                               .uid = owner.at("uid").get<std::string>()});
    }
    return stored;
  } catch (const json::exception& error) {
    return fail(Errc::kInvalid, "read a Secret: ", error.what());
  }
}

Result<StoredSecret> read_config_map(std::string_view object) {
  const json map = json::parse(object, nullptr, false);
  if (map.is_discarded()) return fail(Errc::kInvalid, "read a ConfigMap: it is no JSON");
  try {
    StoredSecret stored;
    for (const auto& [key, value] : map.value("data", json::object()).items())
      stored.data.emplace(key, Secret(value.get<std::string>()));
    for (const auto& [key, value] : map.value("binaryData", json::object()).items()) {
      std::optional<std::string> bytes = k8s::base64_decoded(value.get_ref<const std::string&>());
      if (!bytes) return fail(Errc::kInvalid, "key ", key, " is not base64");
      stored.data.emplace(key, Secret(std::move(*bytes)));
    }
    stored.version = map.at("metadata").value("resourceVersion", "");
    return stored;
  } catch (const json::exception& error) {
    return fail(Errc::kInvalid, "read a ConfigMap: ", error.what());
  }
}

std::string secret_manifest(const manifests::SecretObject& object, const SecretData& data,
                            const std::vector<OwnerReference>& owners,
                            const std::vector<ClusterIdentity>& clusters,
                            const std::string& version) {
  json content = json::object();
  for (const auto& [key, value] : data) content[key] = base64_encoded(value.reveal());
  json metadata = {{"name", object.name},
                   {"namespace", object.namespace_name},
                   {"ownerReferences", owners_json(object, owners, clusters)}};
  if (!version.empty()) metadata["resourceVersion"] = version;
  if (!object.labels.empty()) metadata["labels"] = object.labels;
  if (!object.annotations.empty()) metadata["annotations"] = object.annotations;
  const json manifest = {{"apiVersion", "v1"},
                         {"kind", "Secret"},
                         {"type", "Opaque"},
                         {"metadata", std::move(metadata)},
                         {"data", std::move(content)}};
  return manifest.dump();
}

Secret value_of(const SecretData& data, const std::string& key) {
  const auto found = data.find(key);
  return found == data.end() ? Secret() : found->second;
}

}  // namespace annals::actions
