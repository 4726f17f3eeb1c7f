// PGO's feature gates: `Name=true,Other=false`, with AllAlpha and AllBeta. Annals has no gates of
// its own: a field of the specification is acted upon or reported, whatever a gate says. So the
// gates are read, for what runs with PGO's manifests, and each that has no effect is named once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace annals::process {

struct FeatureGates {
  std::vector<std::string> without_effect;  // known to PGO: "AutoGrowVolumes=true"
  std::vector<std::string> unknown;         // most likely a misspelling
  std::vector<std::string> malformed;       // not Name=true or Name=false
};

FeatureGates read_feature_gates(std::string_view text);

}  // namespace annals::process
