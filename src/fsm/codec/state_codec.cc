#include "fsm/codec/state_codec.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/codec/action_codec.h"
#include "fsm/codec/codec.h"
#include "fsm/codec/message_codec.h"
#include "fsm/codec/operation_codec.h"
#include "fsm/model/behaviour.h"
#include "manifests/secrets/recipe_codec.h"
#include "manifests/whole_number.h"

namespace annals::fsm {
namespace {

using manifests::Json;  // what is written
using nlohmann::json;   // what is read

// Facts have a form already; a state holds them in it.
Json fact_json(const Input& fact) { return payload_of(fact); }

template <class Fact>
Fact fact_of(std::string_view type, const json& from) {
  return std::get<Fact>(input_of(type, from));
}

std::int64_t time_json(Timestamp time) { return time.time_since_epoch().count(); }
Timestamp time_of(const json& from) {
  return Timestamp(Duration(manifests::whole_number<std::int64_t>(from)));
}

std::string text(const json& from, const char* key) { return from.at(key).get<std::string>(); }

Json to_json(const Written& x) {
  const auto& [asked, result] = x;
  return {{"asked", asked}, {"result", result}};
}
Json to_json(const Retry& x) {
  const auto& [failures, due, error] = x;
  return {{"failures", failures}, {"due", time_json(due)}, {"error", message_to_json(error)}};
}
Json to_json(const Refusal& x) {
  const auto& [asked, error] = x;
  return {{"asked", asked}, {"error", error}};
}
Json to_json(const Blocker& x) {
  const auto& [transition, waits_for, cure, since, deadline] = x;
  return {{"transition", transition},
          {"waitsFor", message_to_json(waits_for)},
          {"cure", message_to_json(cure)},
          {"since", time_json(since)},
          {"deadline", time_json(deadline)}};
}
Json to_json(const Condition& x) {
  const auto& [status, reason, message, changed] = x;
  return {{"status", status},
          {"reason", reason},
          {"message", message_to_json(message)},
          {"changed", time_json(changed)}};
}

void read(const json& from, Written& x) {
  x = {.asked = text(from, "asked"), .result = text(from, "result")};
}
void read(const json& from, Retry& x) {
  x = {.failures = manifests::whole_number<int>(from.at("failures")),
       .due = time_of(from.at("due")),
       .error = message_from_json(from.at("error"))};
}
void read(const json& from, Refusal& x) {
  x = {.asked = text(from, "asked"), .error = text(from, "error")};
}
void read(const json& from, Blocker& x) {
  x = {.transition = text(from, "transition"),
       .waits_for = message_from_json(from.at("waitsFor")),
       .cure = message_from_json(from.at("cure")),
       .since = time_of(from.at("since")),
       .deadline = time_of(from.at("deadline"))};
}
void read(const json& from, Condition& x) {
  x = {.status = from.at("status").get<bool>(),
       .reason = text(from, "reason"),
       .message = message_from_json(from.at("message")),
       .changed = time_of(from.at("changed"))};
}

Json to_json(const Attempts& x) {
  const auto& [made, due] = x;
  return {{"made", made}, {"due", time_json(due)}};
}
void read(const json& from, Attempts& x) {
  x = {.made = manifests::whole_number<int>(from.at("made")), .due = time_of(from.at("due"))};
}

Json to_json(const StalledReplica& x) {
  const auto& [recreated, due, lag] = x;
  Json document = {{"recreated", recreated}, {"due", time_json(due)}};
  if (lag) document["lag"] = lag->bytes ? Json(*lag->bytes) : Json(nullptr);
  return document;
}
void read(const json& from, StalledReplica& x) {
  x = {.recreated = manifests::whole_number<int>(from.at("recreated")),
       .due = time_of(from.at("due")),
       .lag = {}};
  if (!from.contains("lag")) return;
  x.lag.emplace();
  if (!from.at("lag").is_null())
    x.lag->bytes = manifests::whole_number<std::int64_t>(from.at("lag"));
}

template <class Value>
Json map_json(const std::map<std::string, Value>& map) {
  Json document = Json::object();
  for (const auto& [key, value] : map) document[key] = to_json(value);
  return document;
}
template <class Value>
void read(const json& from, std::map<std::string, Value>& map) {
  for (const auto& [key, value] : from.items()) read(value, map[key]);
}

Json instances_json(const std::map<std::string, std::vector<std::string>>& instances) {
  Json document = Json::object();
  for (const auto& [set, names] : instances) document[set] = names;
  return document;
}

Json healed_json(const std::map<std::string, std::vector<Timestamp>>& healed) {
  Json document = Json::object();
  for (const auto& [target, times] : healed) {
    Json all = Json::array();
    for (const Timestamp time : times) all.push_back(time_json(time));
    document[target] = std::move(all);
  }
  return document;
}

Json times_json(const std::map<std::string, Timestamp>& times) {
  Json document = Json::object();
  for (const auto& [what, time] : times) document[what] = time_json(time);
  return document;
}

// Nothing where nothing is counted.
Json to_json(const Counters& x) {
  const auto& [restarts_again, stalled, checkpoints, jobs_without_pod] = x;
  Json document = Json::object();
  if (!restarts_again.empty()) document["restartsAgain"] = map_json(restarts_again);
  if (!stalled.empty()) document["stalled"] = map_json(stalled);
  if (!checkpoints.empty()) document["checkpoints"] = map_json(checkpoints);
  if (!jobs_without_pod.empty()) document["jobsWithoutPod"] = times_json(jobs_without_pod);
  return document;
}
void read_times(const json& from, std::map<std::string, Timestamp>& times) {
  for (const auto& [what, time] : from.items()) times[what] = time_of(time);
}
void read(const json& from, Counters& x) {
  if (from.contains("restartsAgain")) read(from.at("restartsAgain"), x.restarts_again);
  if (from.contains("stalled")) read(from.at("stalled"), x.stalled);
  if (from.contains("checkpoints")) read(from.at("checkpoints"), x.checkpoints);
  if (from.contains("jobsWithoutPod")) read_times(from.at("jobsWithoutPod"), x.jobs_without_pod);
}

Json pending_json(const std::map<IntentId, Action>& pending) {
  Json all = Json::array();
  for (const auto& [id, action] : pending) {
    Json each = action_to_json(action);
    each["id"] = id.value();
    all.push_back(std::move(each));
  }
  return all;
}

Json set_json(const std::set<std::string>& names) {
  return std::vector<std::string>(names.begin(), names.end());
}

Json to_json(const Telling& x) {
  const auto& [reason, message, digest, warning, lasting] = x;
  return {{"reason", reason},
          {"message", message_to_json(message)},
          {"digest", digest},
          {"warning", warning},
          {"lasting", lasting}};
}
Json untold_json(const std::vector<Telling>& untold) {
  Json all = Json::array();
  for (const Telling& telling : untold) all.push_back(to_json(telling));
  return all;
}
Telling telling_of(const json& from) {
  return {.reason = text(from, "reason"),
          .message = message_from_json(from.at("message")),
          .digest = text(from, "digest"),
          .warning = from.at("warning").get<bool>(),
          .lasting = from.at("lasting").get<bool>()};
}

Json told_json(const std::map<std::string, Message>& told) {
  Json document = Json::object();
  for (const auto& [event, message] : told) document[event] = message_to_json(message);
  return document;
}

Json to_json(const SpecChanges& x) {
  const auto& [text, actor] = x;
  return {{"text", text}, {"actor", actor}};
}
void read(const json& from, SpecChanges& x) {
  x = {.text = text(from, "text"), .actor = text(from, "actor")};
}

template <class Facts>
Json facts_json(const Facts& facts) {
  Json all = Json::array();
  for (const auto& [key, fact] : facts) all.push_back(fact_json(fact));
  return all;
}

constexpr std::array kPhases{ProvisionPhase::kNew, ProvisionPhase::kPreparing,
                             ProvisionPhase::kStarting, ProvisionPhase::kOpening,
                             ProvisionPhase::kDone};

ProvisionPhase phase_of(const std::string& word) {
  for (const ProvisionPhase phase : kPhases) {
    if (to_string(phase) == word) return phase;
  }
  throw Unreadable{{Errc::kCorrupt, "no phase is called '" + word + "'"}};
}

constexpr std::array kBackupPhases{BackupPhase::kStanza, BackupPhase::kFirstBackup,
                                   BackupPhase::kDone};

Json to_json(const BackupProgress& x) {
  const auto& [phase, attempt, repositories, retry_at] = x;
  Json document = {
      {"phase", to_string(phase)}, {"attempt", attempt}, {"repositories", repositories}};
  if (retry_at) document["retryAt"] = time_json(*retry_at);
  return document;
}
void read(const json& from, BackupProgress& x) {
  x.attempt = manifests::whole_number<int>(from.at("attempt"));
  x.repositories = text(from, "repositories");
  if (from.contains("retryAt")) x.retry_at = time_of(from.at("retryAt"));
  for (const BackupPhase phase : kBackupPhases) {
    if (to_string(phase) == text(from, "phase")) x.phase = phase;
  }
}

// Every member by name: a new one does not compile until it is written here and read below, and
// then kStateFormat grows.
Json state_json(const ClusterState& state) {
  const auto& [uid, now, synced, gone, config, spec, objects, pods, instances, last_intent, pending,
               written, asked_before, retries, counters, refused, healed, phase, backup,
               manual_backup, operation, goals_since, hand_over, members, retired, stopped,
               startup_instance, handled_trigger, changes, operator_changed, lenient, told, untold,
               look_again, trust_renewed, certificates_checked, init_sql_ran, server_trouble,
               patroni_store, foreign_from, begun_here, blockers, conditions, rendered,
               rendered_status] = state;
  Json document = {{"uid", uid.value()},
                   {"now", time_json(now)},
                   {"synced", synced},
                   {"gone", gone},
                   {"objects", facts_json(objects)},
                   {"pods", facts_json(pods)},
                   {"instances", instances_json(instances)},
                   {"lastIntent", last_intent.value()},
                   {"pending", pending_json(pending)},
                   {"written", map_json(written)},
                   {"retries", map_json(retries)},
                   {"refused", map_json(refused)},
                   {"healed", healed_json(healed)},
                   {"phase", to_string(phase)},
                   {"backup", to_json(backup)},
                   {"operation", operation_to_json(operation)},
                   {"retired", retired_to_json(retired)},
                   {"stopped", set_json(stopped)},
                   {"startupInstance", startup_instance},
                   {"operatorChanged", operator_changed},
                   {"lenient", set_json(lenient)},
                   {"told", told_json(told)},
                   {"changes", to_json(changes)},
                   {"conditions", map_json(conditions)}};
  if (config) document["config"] = fact_json(*config);
  if (spec) document["spec"] = fact_json(*spec);
  if (!blockers.empty()) document["blockers"] = map_json(blockers);
  if (!asked_before.empty()) document["askedBefore"] = asked_before;
  if (manual_backup) document["manualBackup"] = manual_backup_to_json(*manual_backup);
  if (counters != Counters()) document["counters"] = to_json(counters);
  for (const auto& [kind, goals] : goals_since) document["goalsSince"][kind] = times_json(goals);
  if (hand_over) document["handOver"] = hand_over_to_json(*hand_over);
  if (members) document["members"] = members_to_json(*members);
  if (handled_trigger) document["handledTrigger"] = *handled_trigger;
  if (!untold.empty()) document["untold"] = untold_json(untold);
  if (look_again) document["lookAgain"] = time_json(*look_again);
  if (init_sql_ran) document["initSqlRan"] = *init_sql_ran;
  if (!server_trouble.empty()) document["serverTrouble"] = server_trouble;
  if (!patroni_store.empty()) document["patroniStore"] = patroni_store;
  if (foreign_from) document["foreignFrom"] = time_json(*foreign_from);
  if (begun_here) document["begunHere"] = true;
  if (trust_renewed) document["trustRenewed"] = time_json(*trust_renewed);
  if (certificates_checked) document["certificatesChecked"] = time_json(*certificates_checked);
  return document;
}

void read_facts(const json& from, ClusterState& state) {
  if (from.contains("config"))
    state.config = fact_of<OperatorConfigured>("operator-configured", from.at("config"));
  if (from.contains("spec")) state.spec = fact_of<SpecObserved>("spec-observed", from.at("spec"));
  for (const json& each : from.at("objects")) {
    ObjectObserved object = fact_of<ObjectObserved>("object-observed", each);
    ObjectRef ref = object.ref;
    state.objects.emplace(std::move(ref), std::move(object));
  }
  for (const json& each : from.at("pods")) {
    PodObserved pod = fact_of<PodObserved>("pod-observed", each);
    std::string name = pod.name;
    state.pods.emplace(std::move(name), std::move(pod));
  }
}

void read_operations(const json& from, ClusterState& state) {
  state.operation = operation_from_json(from.at("operation"));
  if (from.contains("goalsSince")) {
    for (const auto& [kind, goals] : from.at("goalsSince").items()) {
      // Format 5 did not say of which operation; each goal has its whole limit again.
      if (goals.is_object()) read_times(goals, state.goals_since[kind]);
    }
  }
  state.retired = retired_from_json(from.at("retired"));
  state.stopped = from.at("stopped").get<std::set<std::string>>();
  state.operator_changed = from.at("operatorChanged").get<bool>();
  state.lenient = from.at("lenient").get<std::set<std::string>>();
  state.startup_instance = text(from, "startupInstance");
  for (const auto& [event, message] : from.at("told").items())
    state.told[event] = message_from_json(message);
  if (from.contains("untold")) {
    for (const json& each : from.at("untold")) state.untold.push_back(telling_of(each));
  }
  read(from.at("changes"), state.changes);
  if (from.contains("handOver")) state.hand_over = hand_over_from_json(from.at("handOver"));
  if (from.contains("members")) state.members = members_from_json(from.at("members"));
  if (from.contains("handledTrigger")) state.handled_trigger = text(from, "handledTrigger");
  if (from.contains("lookAgain")) state.look_again = time_of(from.at("lookAgain"));
  if (from.contains("initSqlRan")) state.init_sql_ran = text(from, "initSqlRan");
  if (from.contains("serverTrouble")) state.server_trouble = text(from, "serverTrouble");
  if (from.contains("patroniStore")) state.patroni_store = text(from, "patroniStore");
  if (from.contains("foreignFrom")) state.foreign_from = time_of(from.at("foreignFrom"));
  state.begun_here = from.contains("begunHere");
  if (from.contains("trustRenewed")) state.trust_renewed = time_of(from.at("trustRenewed"));
  if (from.contains("certificatesChecked"))
    state.certificates_checked = time_of(from.at("certificatesChecked"));
}

ClusterState state_of(const json& from) {
  ClusterState state;
  state.uid = ClusterUid(text(from, "uid"));
  state.now = time_of(from.at("now"));
  state.synced = from.at("synced").get<bool>();
  state.gone = from.at("gone").get<bool>();
  read_facts(from, state);
  state.instances = from.at("instances").get<std::map<std::string, std::vector<std::string>>>();
  state.last_intent = IntentId(manifests::whole_number<std::uint64_t>(from.at("lastIntent")));
  for (const json& each : from.at("pending"))
    state.pending.emplace(IntentId(manifests::whole_number<std::uint64_t>(each.at("id"))),
                          action_from_json(each));
  read(from.at("written"), state.written);
  if (from.contains("askedBefore"))
    state.asked_before = from.at("askedBefore").get<std::map<std::string, std::string>>();
  read(from.at("retries"), state.retries);
  if (from.contains("counters")) read(from.at("counters"), state.counters);
  read(from.at("refused"), state.refused);
  for (const auto& [target, times] : from.at("healed").items()) {
    for (const json& time : times) state.healed[target].push_back(time_of(time));
    state.healed.try_emplace(target);
  }
  state.phase = phase_of(text(from, "phase"));
  read(from.at("backup"), state.backup);
  if (from.contains("manualBackup"))
    state.manual_backup = manual_backup_from_json(from.at("manualBackup"));
  read_operations(from, state);
  // Format 4 had one, of whichever machine; the next step says again what is waited for.
  if (from.contains("blockers")) read(from.at("blockers"), state.blockers);
  read(from.at("conditions"), state.conditions);
  return state;
}

DecodedSnapshot snapshot_of(std::string_view content) {
  const json document = json::parse(content);
  const int format = manifests::whole_number<int>(document.at("format"));
  if (format < kOldestStateFormat || format > kStateFormat) {
    throw Unreadable{
        {Errc::kInvalid, concat("the state has format ", format, "; this program reads ",
                                kOldestStateFormat, " to ", kStateFormat)}};
  }
  return {.behaviour = manifests::whole_number<int>(document.at("behaviour")),
          .state = state_of(document.at("state"))};
}

}  // namespace

std::string encode_state(const ClusterState& state) { return state_json(state).dump(); }

std::string state_hash(const ClusterState& state) { return sha256_hex(encode_state(state)); }

std::string encode_snapshot(const ClusterState& state) {
  const Json snapshot = {
      {"format", kStateFormat}, {"behaviour", kBehaviour}, {"state", state_json(state)}};
  return snapshot.dump();
}

Result<DecodedSnapshot> decode_snapshot(std::string_view content) {
  try {
    return snapshot_of(content);
  } catch (const json::exception& error) {
    return fail(Errc::kCorrupt, "a snapshot: ", error.what());
  } catch (Unreadable& unreadable) {
    return fail(std::move(unreadable.error).while_doing("a snapshot"));
  }
}

}  // namespace annals::fsm
