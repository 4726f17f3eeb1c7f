#include "fsm/model/operation.h"

namespace annals::fsm {
namespace {

struct Name {
  std::string operator()(const std::monostate&) const { return {}; }
  std::string operator()(const RollingUpdate&) const { return "rolling-update"; }
  std::string operator()(const ScaleDown&) const { return "scale-down"; }
  std::string operator()(const Switchover&) const { return "switchover"; }
  std::string operator()(const Restart&) const { return "restart"; }
  std::string operator()(const Shutdown&) const { return "shutdown"; }
  std::string operator()(const Startup&) const { return "startup"; }
  std::string operator()(const PlainOperation& x) const { return x.name; }
};

}  // namespace

bool is_synchronous(const MemberSeen& member) { return member.role == "sync_standby"; }

std::string name_of(const Operation& operation) { return std::visit(Name{}, operation); }

}  // namespace annals::fsm
