#include "fsm/intent.h"

namespace annals::fsm {
namespace {

struct Target {
  std::string operator()(const ApplyObject& action) const { return to_string(action.ref); }
  std::string operator()(const EnsureSecret& action) const { return to_string(action.ref); }
  std::string operator()(const RunSql&) const { return "sql"; }
  std::string operator()(const PatchStatus& action) const {
    return to_string(action.ref) + "/status";
  }
};

struct Type {
  std::string operator()(const ApplyObject&) const { return "apply-object"; }
  std::string operator()(const EnsureSecret&) const { return "ensure-secret"; }
  std::string operator()(const RunSql&) const { return "run-sql"; }
  std::string operator()(const PatchStatus&) const { return "patch-status"; }
};

}  // namespace

std::string target_of(const Action& action) { return std::visit(Target{}, action); }
std::string type_of(const Action& action) { return std::visit(Type{}, action); }

}  // namespace annals::fsm
