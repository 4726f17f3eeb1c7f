#include "fsm/model/operation.h"

namespace annals::fsm {

bool is_synchronous(const MemberSeen& member) { return member.role == "sync_standby"; }

std::string name_of(const Operation& operation) {
  if (const auto* plain = std::get_if<PlainOperation>(&operation)) return plain->name;
  return std::string(kOperationNames.at(operation.index()));
}

}  // namespace annals::fsm
