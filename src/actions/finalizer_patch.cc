#include "actions/finalizer_patch.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "fsm/machines/deletion.h"

namespace annals::actions {
namespace {

using nlohmann::json;

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

}  // namespace

Result<std::optional<std::string>> finalizer_patch(std::string_view object,
                                                   const fsm::SetFinalizer& intent) {
  try {
    return patch_of(json::parse(object), intent);
  } catch (const json::exception& error) {
    return fail(Errc::kInvalid, "read a custom resource: ", error.what());
  }
}

}  // namespace annals::actions
