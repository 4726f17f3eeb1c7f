#include "fsm/codec/state_pack.h"

#include <utility>

#include "base/assert.h"
#include "fsm/codec/packing.h"

namespace annals::fsm {

std::string pack_state(const ClusterState& state) {
  Packer packer;
  packer.put(state);
  return std::move(packer).take();
}

ClusterState unpack_state(std::string_view packed) {
  Unpacker unpacker(packed);
  ClusterState state;
  unpacker.get(state);
  ANNALS_ASSERT(unpacker.is_at_end(), "a packed state goes on behind its end");
  return state;
}

}  // namespace annals::fsm
