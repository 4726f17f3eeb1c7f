#include "fsm/model/intent.h"

namespace annals::fsm {
namespace {

struct Target {
  std::string operator()(const ApplyObject& action) const { return to_string(action.ref); }
  std::string operator()(const EnsureSecret& action) const { return to_string(action.ref); }
  std::string operator()(const RunSql&) const { return kSqlTarget; }
  std::string operator()(const PatchStatus& action) const {
    return to_string(action.ref) + "/status";
  }
  std::string operator()(const DeleteObject& action) const { return to_string(action.ref); }
  std::string operator()(const SetFinalizer& action) const {
    return to_string(action.ref) + "/finalizer";
  }
  std::string operator()(const ConfigurePatroni&) const { return kPatroniTarget; }
  std::string operator()(const AskPatroni&) const { return kMembersTarget; }
  std::string operator()(const SwitchOver&) const { return kLeaderTarget; }
  std::string operator()(const RestartPostgres& action) const { return "postgres/" + action.pod; }
  std::string operator()(const Checkpoint&) const { return kCheckpointTarget; }
  std::string operator()(const RunInitSql&) const { return kInitSqlTarget; }
  std::string operator()(const EmitEvent& action) const { return "event/" + action.reason; }
};

struct Content {
  const std::string* operator()(const ApplyObject& action) const { return &action.manifest; }
  const std::string* operator()(const PatchStatus& action) const { return &action.manifest; }
  const std::string* operator()(const ConfigurePatroni& action) const {
    return &action.configuration;
  }
  template <class Other>
  const std::string* operator()(const Other&) const {
    return nullptr;
  }
};

}  // namespace

std::string target_of(const Action& action) { return std::visit(Target{}, action); }
std::string_view signer_of(const EnsureSecret& intent) {
  const std::string_view digest = intent.digest;
  const std::size_t at = digest.find(kSignedBy);
  return at == std::string_view::npos ? std::string_view() : digest.substr(at + kSignedBy.size());
}

std::string asked_by(const Action& action) {
  return std::visit([](const auto& each) { return each.digest; }, action);
}
std::string type_of(const Action& action) { return std::string(kActionTypes.at(action.index())); }
const std::string* content_of(const Action& action) { return std::visit(Content{}, action); }

}  // namespace annals::fsm
