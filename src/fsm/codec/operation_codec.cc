#include "fsm/codec/operation_codec.h"

#include <array>
#include <nlohmann/json.hpp>

#include "fsm/codec/action_codec.h"
#include "fsm/codec/message_codec.h"
#include "manifests/whole_number.h"

namespace annals::fsm {
namespace {

using manifests::Json;  // what is written
using nlohmann::json;   // what is read

std::int64_t time_json(Timestamp time) { return time.time_since_epoch().count(); }
Timestamp time_of(const json& from) {
  return Timestamp(Duration(manifests::whole_number<std::int64_t>(from)));
}
std::string text(const json& from, const char* key) { return from.at(key).get<std::string>(); }

// The bindings name every member, so that a new one does not compile until it stands here.
Json to_json(const std::monostate&) { return Json::object(); }
Json to_json(const RollingUpdate& x) {
  const auto& [reason, since] = x;
  return {{"reason", message_to_json(reason)}, {"since", time_json(since)}};
}
Json to_json(const ScaleDown& x) {
  const auto& [reason, since, set, instance] = x;
  return {{"reason", message_to_json(reason)},
          {"since", time_json(since)},
          {"set", set},
          {"instance", instance}};
}
Json to_json(const Switchover& x) {
  const auto& [reason, since, trigger, from, target, forced] = x;
  return {{"reason", message_to_json(reason)},
          {"since", time_json(since)},
          {"trigger", trigger},
          {"from", from},
          {"target", target},
          {"forced", forced}};
}
Json to_json(const Restart& x) {
  const auto& [reason, since] = x;
  return {{"reason", message_to_json(reason)}, {"since", time_json(since)}};
}
Json to_json(const Shutdown& x) {
  const auto& [reason, since] = x;
  return {{"reason", message_to_json(reason)}, {"since", time_json(since)}};
}
Json to_json(const Startup& x) {
  const auto& [reason, since] = x;
  return {{"reason", message_to_json(reason)}, {"since", time_json(since)}};
}
Json to_json(const PlainOperation& x) {
  const auto& [name, reason, since] = x;
  return {{"name", name}, {"reason", message_to_json(reason)}, {"since", time_json(since)}};
}

ScaleDown read_scale_down(const json& from) {
  return {.reason = message_from_json(from.at("reason")),
          .since = time_of(from.at("since")),
          .set = text(from, "set"),
          .instance = text(from, "instance")};
}
Switchover read_switchover(const json& from) {
  return {.reason = message_from_json(from.at("reason")),
          .since = time_of(from.at("since")),
          .trigger = text(from, "trigger"),
          .from = text(from, "from"),
          .target = text(from, "target"),
          .forced = from.at("forced").get<bool>()};
}

// Those that are told by why and since when alone.
template <class Plain>
Plain read_plain(const json& from) {
  return {.reason = message_from_json(from.at("reason")), .since = time_of(from.at("since"))};
}

constexpr std::array kBackupPhases{ManualBackupPhase::kAnswered, ManualBackupPhase::kWaiting,
                                   ManualBackupPhase::kRunning, ManualBackupPhase::kSucceeded,
                                   ManualBackupPhase::kFailed};

ManualBackupPhase backup_phase_of(const std::string& word) {
  for (const ManualBackupPhase phase : kBackupPhases) {
    if (to_string(phase) == word) return phase;
  }
  throw Unreadable{{Errc::kCorrupt, "no phase of a backup is called '" + word + "'"}};
}

}  // namespace

manifests::Json operation_to_json(const Operation& operation) {
  Json document = std::visit([](const auto& each) { return to_json(each); }, operation);
  document["name"] = name_of(operation);
  return document;
}

Operation operation_from_json(const json& from) {
  const std::string name = text(from, "name");
  if (name.empty()) return {};
  if (name == name_of(RollingUpdate{})) return read_plain<RollingUpdate>(from);
  if (name == name_of(ScaleDown{})) return read_scale_down(from);
  if (name == name_of(Switchover{})) return read_switchover(from);
  if (name == name_of(Restart{})) return read_plain<Restart>(from);
  if (name == name_of(Shutdown{})) return read_plain<Shutdown>(from);
  if (name == name_of(Startup{})) return read_plain<Startup>(from);
  // Of a table that this version has or has not: the engine knows.
  return PlainOperation{.name = name,
                        .reason = message_from_json(from.at("reason")),
                        .since = time_of(from.at("since"))};
}

manifests::Json hand_over_to_json(const HandOver& hand_over) {
  const auto& [from, to, asked] = hand_over;
  return {{"from", from}, {"to", to}, {"asked", time_json(asked)}};
}

HandOver hand_over_from_json(const json& from) {
  return {.from = text(from, "from"), .to = text(from, "to"), .asked = time_of(from.at("asked"))};
}

manifests::Json members_to_json(const MembersSeen& members) {
  Json all = Json::object();
  for (const auto& [pod, member] : members.members) {
    const auto& [role, state, lag] = member;
    all[pod] = {{"role", role}, {"state", state}};
    if (lag) all[pod]["lag"] = *lag;
  }
  return {{"at", time_json(members.at)}, {"members", std::move(all)}};
}

MembersSeen members_from_json(const json& from) {
  MembersSeen seen{.at = time_of(from.at("at")), .members = {}};
  for (const auto& [pod, each] : from.at("members").items()) {
    MemberSeen& member = seen.members[pod];
    member = {.role = text(each, "role"), .state = text(each, "state"), .lag = {}};
    if (each.contains("lag")) member.lag = manifests::whole_number<std::int64_t>(each.at("lag"));
  }
  return seen;
}

manifests::Json retired_to_json(const std::map<std::string, Retired>& retired) {
  Json all = Json::object();
  for (const auto& [instance, one] : retired) {
    const auto& [set, since, reason] = one;
    all[instance] = {
        {"set", set}, {"since", time_json(since)}, {"reason", message_to_json(reason)}};
  }
  return all;
}

std::map<std::string, Retired> retired_from_json(const json& from) {
  std::map<std::string, Retired> retired;
  for (const auto& [instance, each] : from.items()) {
    retired[instance] = {.set = text(each, "set"),
                         .since = time_of(each.at("since")),
                         .reason = message_from_json(each.at("reason"))};
  }
  return retired;
}

// The binding names every member, so that a new one does not compile until it stands here.
Json manual_backup_to_json(const ManualBackup& backup) {
  const auto& [phase, id, writer, repo, job, mistake, failure, seen] = backup;
  return {{"phase", to_string(phase)},
          {"id", id},
          {"writer", writer},
          {"repo", repo},
          {"job", job},
          {"mistake", message_to_json(mistake)},
          {"failure", message_to_json(failure)},
          {"seen", Json(seen)}};
}

ManualBackup manual_backup_from_json(const json& from) {
  return {.phase = backup_phase_of(text(from, "phase")),
          .id = text(from, "id"),
          .writer = text(from, "writer"),
          .repo = text(from, "repo"),
          .job = text(from, "job"),
          .mistake = message_from_json(from.at("mistake")),
          .failure = message_from_json(from.at("failure")),
          .seen = from.at("seen").get<std::map<std::string, std::string>>()};
}

}  // namespace annals::fsm
