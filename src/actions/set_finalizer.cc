#include "actions/set_finalizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "actions/resources.h"
#include "fsm/deletion.h"

namespace annals::actions {
namespace {

using nlohmann::json;

// The patch that makes it so; nothing when it is so already.
std::optional<std::string> patch_of(const json& object, const fsm::SetFinalizer& intent) {
  const json& metadata = object.at("metadata");
  if (metadata.at("uid") != intent.digest) return std::nullopt;
  json finalizers = metadata.value("finalizers", json::array());
  const auto ours = std::ranges::find(finalizers, json(fsm::kFinalizer));
  if ((ours != finalizers.end()) == intent.present) return std::nullopt;
  if (intent.present) {
    finalizers.push_back(fsm::kFinalizer);
  } else {
    finalizers.erase(ours);
  }
  const json patch = {{"metadata",
                       {{"resourceVersion", metadata.at("resourceVersion")},
                        {"finalizers", std::move(finalizers)}}}};
  return patch.dump();
}

Result<std::optional<std::string>> read_patch(const std::string& object,
                                              const fsm::SetFinalizer& intent) {
  try {
    return patch_of(json::parse(object), intent);
  } catch (const json::exception& error) {
    return fail(Errc::kInvalid, "read a custom resource: ", error.what());
  }
}

}  // namespace

boost::asio::awaitable<Answer<Written>> run(fsm::SetFinalizer intent, k8s::Client& client) {
  const Result<k8s::Resource> resource = resource_of(intent.ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  Answer<std::string> object = co_await client.get(*resource, name_of(intent.ref));
  if (!object && object.error().not_found()) co_return Written{};
  if (!object) co_return k8s::refuse(std::move(object).error());
  Result<std::optional<std::string>> patch = read_patch(*object, intent);
  if (!patch) co_return k8s::refuse(k8s::Trouble::kUnusable, patch.error().detail);
  if (!*patch) co_return Written{};
  const k8s::WriteOptions options;
  Answer<std::string> patched =
      co_await client.merge_patch(*resource, name_of(intent.ref), std::move(**patch), options);
  if (!patched && !patched.error().not_found()) co_return k8s::refuse(std::move(patched).error());
  co_return Written{};
}

}  // namespace annals::actions
