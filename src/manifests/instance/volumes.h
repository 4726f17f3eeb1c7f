// Sizes of volumes: Kubernetes lets them grow, and never shrink.
#pragma once

#include <optional>
#include <string>

namespace annals::manifests {

// What a manifest of a volume claim asks for, "1Gi"; empty for other manifests.
std::string requested_storage(const std::string& manifest);

// The manifest with the size that was asked for before, where its own is smaller; nothing where it
// may stay as it is.
std::optional<std::string> without_shrinking(const std::string& manifest,
                                             const std::string& requested);

}  // namespace annals::manifests
