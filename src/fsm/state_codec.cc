#include "fsm/state_codec.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/sha256.h"
#include "fsm/behaviour.h"
#include "fsm/codec.h"
#include "manifests/recipe_codec.h"

namespace annals::fsm {
namespace {

using manifests::Json;  // what is written
using nlohmann::json;   // what is read

// Facts have a form already; a state holds them in it.
Json fact_json(const Input& fact) { return payload_of(fact); }

// Thrown inside of this file only, like the errors of the JSON library, and caught at its door.
struct Unreadable {
  Error error;
};

template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw Unreadable{std::move(result).error()};
  return std::move(*result);
}

template <class Fact>
Fact fact_of(std::string_view type, const json& from) {
  return std::get<Fact>(value_or_throw(decode_input(type, from.dump())));
}

std::int64_t time_json(Timestamp time) { return time.time_since_epoch().count(); }
Timestamp time_of(const json& from) { return Timestamp(Duration(from.get<std::int64_t>())); }

std::string text(const json& from, const char* key) { return from.at(key).get<std::string>(); }

Json to_json(const ObjectRef& ref) {
  const auto& [api_version, kind, name_space, name] = ref;
  return {{"apiVersion", api_version}, {"kind", kind}, {"namespace", name_space}, {"name", name}};
}
ObjectRef ref_of(const json& from) {
  return {.api_version = text(from, "apiVersion"),
          .kind = text(from, "kind"),
          .name_space = text(from, "namespace"),
          .name = text(from, "name")};
}

// Each alternative of Action: how it is written, and how it is read. The bindings below name every
// member, so that a new one does not compile until it stands here.
Json to_json(const ApplyObject& x) {
  const auto& [ref, digest, manifest] = x;
  return {{"ref", to_json(ref)}, {"digest", digest}, {"manifest", manifest}};
}
Json to_json(const EnsureSecret& x) {
  const auto& [ref, digest, recipe] = x;
  return {{"ref", to_json(ref)}, {"digest", digest}, {"recipe", manifests::recipe_to_json(recipe)}};
}
Json to_json(const SqlUser& x) {
  const auto& [name, secret, databases, options] = x;
  return {{"name", name}, {"secret", secret}, {"databases", databases}, {"options", options}};
}
Json to_json(const RunSql& x) {
  const auto& [digest, host, port, authority_secret, databases, users] = x;
  Json all = Json::array();
  for (const SqlUser& user : users) all.push_back(to_json(user));
  return {{"digest", digest},       {"host", host},
          {"port", port},           {"authoritySecret", authority_secret},
          {"databases", databases}, {"users", std::move(all)}};
}
Json to_json(const PatchStatus& x) {
  const auto& [ref, digest, manifest] = x;
  return {{"ref", to_json(ref)}, {"digest", digest}, {"manifest", manifest}};
}

Json to_json(const DeleteObject& x) {
  const auto& [ref, digest, guard] = x;
  const auto& [lost, other_copy, allowed_by] = guard;
  return {{"ref", to_json(ref)},
          {"digest", digest},
          {"guard", {{"lost", lost}, {"otherCopy", other_copy}, {"allowedBy", allowed_by}}}};
}
Json to_json(const SetFinalizer& x) {
  const auto& [ref, digest, present] = x;
  return {{"ref", to_json(ref)}, {"digest", digest}, {"present", present}};
}
Json to_json(const ConfigurePatroni& x) {
  const auto& [ref, digest, host, authority_secret, configuration] = x;
  return {{"ref", to_json(ref)},
          {"digest", digest},
          {"host", host},
          {"authoritySecret", authority_secret},
          {"configuration", configuration}};
}

Action read_apply(const json& from) {
  return ApplyObject{.ref = ref_of(from.at("ref")),
                     .digest = text(from, "digest"),
                     .manifest = text(from, "manifest")};
}
Action read_secret(const json& from) {
  return EnsureSecret{.ref = ref_of(from.at("ref")),
                      .digest = text(from, "digest"),
                      .recipe = value_or_throw(manifests::recipe_from_json(from.at("recipe")))};
}
Action read_sql(const json& from) {
  RunSql sql{.digest = text(from, "digest"),
             .host = text(from, "host"),
             .port = from.at("port").get<int>(),
             .authority_secret = text(from, "authoritySecret"),
             .databases = from.at("databases").get<std::vector<std::string>>(),
             .users = {}};
  for (const json& user : from.at("users")) {
    sql.users.push_back({.name = text(user, "name"),
                         .secret = text(user, "secret"),
                         .databases = user.at("databases").get<std::vector<std::string>>(),
                         .options = text(user, "options")});
  }
  return sql;
}
Action read_status(const json& from) {
  return PatchStatus{.ref = ref_of(from.at("ref")),
                     .digest = text(from, "digest"),
                     .manifest = text(from, "manifest")};
}

Action read_delete(const json& from) {
  const json& guard = from.at("guard");
  return DeleteObject{.ref = ref_of(from.at("ref")),
                      .digest = text(from, "digest"),
                      .guard = {.lost = text(guard, "lost"),
                                .other_copy = text(guard, "otherCopy"),
                                .allowed_by = text(guard, "allowedBy")}};
}
Action read_finalizer(const json& from) {
  return SetFinalizer{.ref = ref_of(from.at("ref")),
                      .digest = text(from, "digest"),
                      .present = from.at("present").get<bool>()};
}
Action read_patroni(const json& from) {
  return ConfigurePatroni{.ref = ref_of(from.at("ref")),
                          .digest = text(from, "digest"),
                          .host = text(from, "host"),
                          .authority_secret = text(from, "authoritySecret"),
                          .configuration = text(from, "configuration")};
}

// By the alternative's place in the variant; the word is that of its record.
using ReadAction = Action (*)(const json&);
constexpr std::array kActions{
    std::pair<std::string_view, ReadAction>{"apply-object", read_apply},
    std::pair<std::string_view, ReadAction>{"ensure-secret", read_secret},
    std::pair<std::string_view, ReadAction>{"run-sql", read_sql},
    std::pair<std::string_view, ReadAction>{"patch-status", read_status},
    std::pair<std::string_view, ReadAction>{"delete-object", read_delete},
    std::pair<std::string_view, ReadAction>{"set-finalizer", read_finalizer},
    std::pair<std::string_view, ReadAction>{"configure-patroni", read_patroni},
};
static_assert(kActions.size() == std::variant_size_v<Action>, "a new action needs its line here");

Json to_json(const Action& action) {
  Json document = std::visit([](const auto& each) { return to_json(each); }, action);
  document["type"] = type_of(action);
  return document;
}
Action action_of(const json& from) {
  const std::string type = text(from, "type");
  for (const auto& [word, read] : kActions) {
    if (word == type) return read(from);
  }
  throw Unreadable{{Errc::kCorrupt, "no action has the type '" + type + "'"}};
}

Json to_json(const Written& x) {
  const auto& [asked, result] = x;
  return {{"asked", asked}, {"result", result}};
}
Json to_json(const Retry& x) {
  const auto& [failures, due, error] = x;
  return {{"failures", failures}, {"due", time_json(due)}, {"error", error}};
}
Json to_json(const Blocker& x) {
  const auto& [transition, waits_for, cure, since, deadline] = x;
  return {{"transition", transition},
          {"waitsFor", waits_for},
          {"cure", cure},
          {"since", time_json(since)},
          {"deadline", time_json(deadline)}};
}
Json to_json(const Condition& x) {
  const auto& [status, reason, message, changed] = x;
  return {{"status", status},
          {"reason", reason},
          {"message", message},
          {"changed", time_json(changed)}};
}

void read(const json& from, Written& x) {
  x = {.asked = text(from, "asked"), .result = text(from, "result")};
}
void read(const json& from, Retry& x) {
  x = {.failures = from.at("failures").get<int>(),
       .due = time_of(from.at("due")),
       .error = text(from, "error")};
}
void read(const json& from, Blocker& x) {
  x = {.transition = text(from, "transition"),
       .waits_for = text(from, "waitsFor"),
       .cure = text(from, "cure"),
       .since = time_of(from.at("since")),
       .deadline = time_of(from.at("deadline"))};
}
void read(const json& from, Condition& x) {
  x = {.status = from.at("status").get<bool>(),
       .reason = text(from, "reason"),
       .message = text(from, "message"),
       .changed = time_of(from.at("changed"))};
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

Json pending_json(const std::map<IntentId, Action>& pending) {
  Json all = Json::array();
  for (const auto& [id, action] : pending) {
    Json each = to_json(action);
    each["id"] = id.value();
    all.push_back(std::move(each));
  }
  return all;
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
  const auto& [phase, attempt, repositories] = x;
  return {{"phase", to_string(phase)}, {"attempt", attempt}, {"repositories", repositories}};
}
void read(const json& from, BackupProgress& x) {
  x.attempt = from.at("attempt").get<int>();
  x.repositories = text(from, "repositories");
  for (const BackupPhase phase : kBackupPhases) {
    if (to_string(phase) == text(from, "phase")) x.phase = phase;
  }
}

// Every member by name: a new one does not compile until it is written here and read below, and
// then kStateFormat grows.
Json state_json(const ClusterState& state) {
  const auto& [uid, now, synced, gone, config, spec, objects, pods, instances, last_intent, pending,
               written, retries, healed, phase, backup, blocker, conditions, rendered,
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
                   {"healed", healed_json(healed)},
                   {"phase", to_string(phase)},
                   {"backup", to_json(backup)},
                   {"conditions", map_json(conditions)}};
  if (config) document["config"] = fact_json(*config);
  if (spec) document["spec"] = fact_json(*spec);
  if (blocker) document["blocker"] = to_json(*blocker);
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

ClusterState state_of(const json& from) {
  ClusterState state;
  state.uid = ClusterUid(text(from, "uid"));
  state.now = time_of(from.at("now"));
  state.synced = from.at("synced").get<bool>();
  state.gone = from.at("gone").get<bool>();
  read_facts(from, state);
  state.instances = from.at("instances").get<std::map<std::string, std::vector<std::string>>>();
  state.last_intent = IntentId(from.at("lastIntent").get<std::uint64_t>());
  for (const json& each : from.at("pending"))
    state.pending.emplace(IntentId(each.at("id").get<std::uint64_t>()), action_of(each));
  read(from.at("written"), state.written);
  read(from.at("retries"), state.retries);
  for (const auto& [target, times] : from.at("healed").items()) {
    for (const json& time : times) state.healed[target].push_back(time_of(time));
    state.healed.try_emplace(target);
  }
  state.phase = phase_of(text(from, "phase"));
  read(from.at("backup"), state.backup);
  if (from.contains("blocker")) read(from.at("blocker"), state.blocker.emplace());
  read(from.at("conditions"), state.conditions);
  return state;
}

DecodedSnapshot snapshot_of(std::string_view content) {
  const json document = json::parse(content);
  const int format = document.at("format").get<int>();
  if (format != kStateFormat) {
    throw Unreadable{{Errc::kInvalid, "the state has format " + std::to_string(format) +
                                          "; this program reads " + std::to_string(kStateFormat)}};
  }
  return {.behaviour = document.at("behaviour").get<int>(),
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
