#include "fsm/view/known_contents.h"

#include "fsm/codec/codec.h"

namespace annals::fsm {

std::string digest_of_known(const ClusterState& state, const std::string& repo) {
  const auto seen = state.repositories.find(repo);
  return seen == state.repositories.end() ? std::string() : digest_of(seen->second.contents);
}

}  // namespace annals::fsm
