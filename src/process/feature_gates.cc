#include "process/feature_gates.h"

#include <algorithm>
#include <array>

namespace annals::process {
namespace {

constexpr std::array<std::string_view, 13> kKnown{"AllAlpha",
                                                  "AllBeta",
                                                  "AppendCustomQueries",
                                                  "AutoCreateUserSchema",
                                                  "AutoGrowVolumes",
                                                  "BridgeIdentifiers",
                                                  "InstanceSidecars",
                                                  "OpenTelemetryLogs",
                                                  "OpenTelemetryMetrics",
                                                  "PGBouncerSidecars",
                                                  "PGUpgradeCPUConcurrency",
                                                  "TablespaceVolumes",
                                                  "VolumeSnapshots"};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

void read_gate(std::string_view gate, FeatureGates& gates) {
  const std::size_t equals = gate.find('=');
  const std::string_view name = trimmed(gate.substr(0, equals));
  const std::string_view value =
      equals == std::string_view::npos ? "" : trimmed(gate.substr(equals + 1));
  if (name.empty() || (value != "true" && value != "false")) {
    gates.malformed.emplace_back(gate);
  } else if (std::ranges::find(kKnown, name) == kKnown.end()) {
    gates.unknown.emplace_back(name);
  } else {
    gates.without_effect.emplace_back(gate);
  }
}

}  // namespace

FeatureGates read_feature_gates(std::string_view text) {
  FeatureGates gates;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view gate = trimmed(text.substr(0, comma));
    if (!gate.empty()) read_gate(gate, gates);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return gates;
}

}  // namespace annals::process
