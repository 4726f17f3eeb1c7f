#include "fsm/model/intent.h"

#include <array>

#include "base/concat.h"

namespace annals::fsm {
namespace {

// A target's text in pieces: it is compared far more often than it is told.
using Pieces = std::array<std::string_view, 4>;

struct Target {
  Pieces operator()(const ApplyObject& action) const { return object(action.ref); }
  Pieces operator()(const EnsureSecret& action) const { return object(action.ref); }
  Pieces operator()(const RunSql&) const { return {kSqlTarget}; }
  Pieces operator()(const PatchStatus& action) const { return object(action.ref, "/status"); }
  Pieces operator()(const DeleteObject& action) const { return object(action.ref); }
  Pieces operator()(const SetFinalizer& action) const { return object(action.ref, "/finalizer"); }
  Pieces operator()(const ConfigurePatroni&) const { return {kPatroniTarget}; }
  Pieces operator()(const WriteConfiguration&) const { return {kPatroniTarget}; }
  Pieces operator()(const AskPatroni&) const { return {kMembersTarget}; }
  Pieces operator()(const SwitchOver&) const { return {kLeaderTarget}; }
  Pieces operator()(const RestartPostgres& action) const { return {"postgres/", action.pod}; }
  Pieces operator()(const Checkpoint&) const { return {kCheckpointTarget}; }
  Pieces operator()(const RunInitSql&) const { return {kInitSqlTarget}; }
  Pieces operator()(const ReadRepository& action) const { return {kRepositoryTarget, action.repo}; }
  Pieces operator()(const MakeRestorePoint&) const { return {kRestorePointTarget}; }
  Pieces operator()(const CheckArchived&) const { return {kArchivedTarget}; }
  Pieces operator()(const ReadSource&) const { return {kSourceTarget}; }
  Pieces operator()(const ReadVolumes&) const { return {kVolumesTarget}; }
  Pieces operator()(const KeepClaim& action) const { return object(action.ref, "/kept"); }
  Pieces operator()(const ReadCollations&) const { return {kCollationsTarget}; }
  Pieces operator()(const ReadArchiver&) const { return {kArchiverTarget}; }
  Pieces operator()(const ReadStandby& action) const {
    return {action.volume_only ? kOtherTarget : kStandbyTarget};
  }
  Pieces operator()(const WithdrawReceipt& action) const { return {kReceiptTarget, action.repo}; }
  Pieces operator()(const EmitEvent& action) const { return {"event/", action.reason}; }

 private:
  // As to_string() of the object has it.
  static Pieces object(const ObjectRef& ref, std::string_view part = {}) {
    return {ref.kind, "/", ref.name, part};
  }
};

struct Content {
  const std::string* operator()(const ApplyObject& action) const { return &action.manifest; }
  const std::string* operator()(const PatchStatus& action) const { return &action.manifest; }
  const std::string* operator()(const ConfigurePatroni& action) const {
    return &action.configuration;
  }
  const std::string* operator()(const WriteConfiguration& action) const {
    return &action.configuration;
  }
  template <class Other>
  const std::string* operator()(const Other&) const {
    return nullptr;
  }
};

}  // namespace

std::string target_of(const Action& action) {
  const auto [one, two, three, four] = std::visit(Target{}, action);
  return concat(one, two, three, four);
}

bool works_on(const Action& action, std::string_view target) {
  for (const std::string_view piece : std::visit(Target{}, action)) {
    if (!target.starts_with(piece)) return false;
    target.remove_prefix(piece.size());
  }
  return target.empty();
}

std::string kept_as(const std::string& deleted_uid, const std::string& until) {
  return concat(deleted_uid, " until ", until);
}

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
