// What all deeds need: what they answer, and the Secrets of their cluster.
#pragma once

#include <expected>
#include <string>

#include "actions/cluster_identity.h"
#include "base/concat.h"
#include "tests/simulation/world.h"

namespace annals::simulation {

// What an action answers: the object as it is now, or why it was not done.
using Answer = std::expected<Snapshot, std::string>;

inline std::unexpected<std::string> refuse(int status, const std::string& why) {
  return std::unexpected(concat("refused: ", status, " ", why));
}

inline Snapshot find_secret(const World& world, const actions::ClusterIdentity& cluster,
                            const std::string& name) {
  return world.server.find({"Secret", cluster.name_space, name});
}

}  // namespace annals::simulation
