#include "actions/apply_object.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "actions/owned_fields.h"
#include "actions/resources.h"

namespace annals::actions {
namespace {

using nlohmann::json;

Answer<Written> written_from(const std::string& object) {
  k8s::JsonReader reader;
  Result<OwnedObject> owned = read_owned_object(reader, object);
  if (!owned)
    return k8s::refuse(k8s::Trouble::kUnknownOutcome,
                       "the answer cannot be read: ", owned.error().detail);
  return std::move(owned->written);
}

// We are the authority for our fields: a conflict means that somebody else took one, and is undone.
k8s::WriteOptions as_owner() {
  k8s::WriteOptions options;
  options.force = true;
  return options;
}

// The manifest for the object as it is now. Nobody watches a status, so nobody would see that an
// older one came later: with the version, one that was overtaken on its way is refused.
Result<std::string> for_this_version(const std::string& manifest, const std::string& object,
                                     const ClusterIdentity& cluster) {
  try {
    const json metadata = json::parse(object).at("metadata");
    if (metadata.at("uid") != cluster.uid.value())
      return fail(Errc::kConflict, "it is another cluster's status");
    json status = json::parse(manifest);
    status.at("metadata")["uid"] = metadata.at("uid");
    status.at("metadata")["resourceVersion"] = metadata.at("resourceVersion");
    return status.dump();
  } catch (const json::exception& error) {
    return fail(Errc::kInvalid, "read a custom resource: ", error.what());
  }
}

}  // namespace

boost::asio::awaitable<Answer<Written>> apply(fsm::ObjectRef ref, std::string manifest,
                                              k8s::Client& client) {
  const Result<k8s::Resource> resource = resource_of(ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  const k8s::WriteOptions options = as_owner();
  Answer<std::string> object =
      co_await client.apply(*resource, name_of(ref), std::move(manifest), options);
  if (!object) co_return k8s::refuse(std::move(object).error());
  co_return written_from(*object);
}

boost::asio::awaitable<Answer<Written>> run(fsm::ApplyObject intent, k8s::Client& client) {
  Answer<Written> written = co_await apply(intent.ref, std::move(intent.manifest), client);
  co_return written;
}

boost::asio::awaitable<Answer<Written>> run(fsm::PatchStatus intent, ClusterIdentity cluster,
                                            k8s::Client& client) {
  const Result<k8s::Resource> resource = resource_of(intent.ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  Answer<std::string> before = co_await client.get(*resource, name_of(intent.ref));
  if (!before) co_return k8s::refuse(std::move(before).error());
  Result<std::string> manifest = for_this_version(intent.manifest, *before, cluster);
  if (!manifest) co_return k8s::refuse(k8s::Trouble::kUnusable, manifest.error().detail);
  const k8s::WriteOptions options = as_owner();
  Answer<std::string> object =
      co_await client.apply_status(*resource, name_of(intent.ref), *std::move(manifest), options);
  if (!object) co_return k8s::refuse(std::move(object).error());
  co_return Written{};
}

}  // namespace annals::actions
