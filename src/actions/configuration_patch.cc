#include "actions/configuration_patch.h"

#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "k8s/text/rfc3339.h"

namespace annals::actions {
namespace {

using nlohmann::json;

constexpr const char* kConfiguration = "config";
constexpr const char* kClusterLabel = "postgres-operator.crunchydata.com/cluster";
constexpr std::chrono::seconds kTimeToLive{30};  // Patroni's own, where the lock says none

std::string note_in(const json& metadata, const char* part, const char* name) {
  return metadata.value(part, json::object()).value(name, std::string());
}

std::chrono::seconds time_to_live(const std::string& text) {
  const int seconds = text.empty() ? 0 : std::atoi(text.c_str());
  return seconds > 0 ? std::chrono::seconds(seconds) : kTimeToLive;
}

}  // namespace

Result<std::optional<std::string>> configuration_patch(std::string_view object,
                                                       const std::string& configuration,
                                                       const ClusterIdentity& cluster) {
  try {
    const json metadata = json::parse(object).at("metadata");
    const auto name = metadata.at("name").get<std::string>();
    if (note_in(metadata, "labels", kClusterLabel) != cluster.name)
      return fail(Errc::kConflict, name, " is not of this cluster");
    const std::string before = note_in(metadata, "annotations", kConfiguration);
    if (before.empty()) return fail(Errc::kConflict, name, " has no configuration of Patroni's");
    if (json::parse(before) == json::parse(configuration)) return std::nullopt;
    const json patch = {{"metadata",
                         {{"resourceVersion", metadata.at("resourceVersion")},
                          {"annotations", {{kConfiguration, configuration}}}}}};
    return patch.dump();
  } catch (const json::exception& error) {
    return fail(Errc::kInvalid, "read Patroni's configuration: ", error.what());
  }
}

Result<std::string> holder_of_lock(std::string_view object, Timestamp now) {
  try {
    const json metadata = json::parse(object).at("metadata");
    std::string holder = note_in(metadata, "annotations", "leader");
    if (holder.empty()) return holder;
    const Result<Timestamp> renewed =
        k8s::parse_rfc3339(note_in(metadata, "annotations", "renewTime"));
    if (!renewed) return holder;
    const auto limit = 2 * time_to_live(note_in(metadata, "annotations", "ttl"));
    return *renewed + limit < now ? std::string() : holder;
  } catch (const json::exception& error) {
    return fail(Errc::kInvalid, "read Patroni's lock: ", error.what());
  }
}

}  // namespace annals::actions
