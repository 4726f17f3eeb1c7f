// Volumes: their sizes, which Kubernetes lets grow and never shrink, and whether they were there
// before.
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

// Whether the spec of a claim (JSON) chooses a volume by its name or its labels: one that may hold
// a database already.
bool chooses_volume(const std::string& claim_spec);

// The name that it gives; empty where it chooses by labels, or not at all.
std::string volume_chosen_by_name(const std::string& claim_spec);

}  // namespace annals::manifests
