// What asks for the removal of one backup, and what speaks against it.
#pragma once

#include <string>
#include <vector>

#include "fsm/model/state.h"

namespace annals::fsm {

// "repo1/20260131-080500F", taken apart. `id` is the annotation's whole value; empty: none is asked
// for. Repository and label are empty where the value is no such text.
struct RemovalRequest {
  std::string id{};
  std::string repo{};
  std::string set{};
  bool consented = false;  // to lose also what is protected
};
RemovalRequest removal_request(const spec::PostgresCluster& cluster);

// Labels of those that need it, directly or by one of these, in the order in which they ended.
std::vector<std::string> dependents_of(const RepositoryContents& contents, const std::string& set);

// Why it is not done, with the remedy; empty where nothing speaks against it. The repository has
// been read.
struct RemovalObjection {
  const char* reason = "";
  Message text{};
};
RemovalObjection objection_to(ClusterState& state, const RemovalRequest& request);

// Where copies of the same database are besides; for the guard.
Message copies_besides(const ClusterState& state, const RemovalRequest& request);

}  // namespace annals::fsm
