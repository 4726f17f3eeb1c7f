#include "fsm/codec/codec.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/assert.h"
#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/codec/action_codec.h"
#include "fsm/codec/message_codec.h"
#include "manifests/secrets/recipe_codec.h"
#include "manifests/whole_number.h"

namespace annals::fsm {
namespace {

using manifests::Json;  // what is written
using nlohmann::json;   // what is read

Json to_json(const ObjectRef& ref) {
  return {{"apiVersion", ref.api_version},
          {"kind", ref.kind},
          {"namespace", ref.name_space},
          {"name", ref.name}};
}

Json to_json(const Actor& actor) {
  return {{"manager", actor.manager}, {"operation", actor.operation}, {"time", actor.time}};
}

Json to_json(const OperatorStarted& x) {
  Json document = {{"identity", x.identity}, {"journalReset", x.journal_reset}};
  if (x.goes_on) document["goesOn"] = true;
  return document;
}
Json to_json(const OperatorConfigured& x) {
  Json document = {{"version", x.version},
                   {"namespace", x.name_space},
                   {"images", x.images},
                   {"behaviour", x.behaviour},
                   {"served", x.served}};
  if (!x.rules.empty()) document["rules"] = x.rules;
  return document;
}
Json to_json(const SpecObserved& x) {
  return {{"namespace", x.name_space}, {"name", x.name},         {"generation", x.generation},
          {"deleting", x.deleting},    {"resource", x.resource}, {"actor", to_json(x.actor)},
          {"finalized", x.finalized}};
}
Json to_json(const ServerSeen& x) { return {{"trouble", x.trouble}}; }
Json to_json(const SpecGone&) { return Json::object(); }
Json to_json(const ObjectObserved& x) {
  return {{"ref", to_json(x.ref)},     {"uid", x.uid},
          {"digest", x.digest},        {"fields", x.fields},
          {"actor", to_json(x.actor)}, {"version", x.version}};
}
Json to_json(const ObjectGone& x) { return {{"ref", to_json(x.ref)}, {"uid", x.uid}}; }
Json to_json(const PodObserved& x) {
  return {{"name", x.name},
          {"uid", x.uid},
          {"instance", x.instance},
          {"node", x.node},
          {"phase", x.phase},
          {"role", x.role},
          {"ready", x.ready},
          {"problem", x.problem},
          {"deleting", x.deleting},
          {"revision", x.revision},
          {"member", x.member},
          {"timeline", x.timeline},
          {"pendingRestart", x.pending_restart}};
}
Json to_json(const PodGone& x) { return {{"name", x.name}, {"uid", x.uid}}; }
Json to_json(const Synced&) { return Json::object(); }
Json to_json(const TimerFired& x) { return {{"name", x.name}}; }

constexpr std::array kStatuses{std::pair{OutcomeStatus::kDone, "done"},
                               std::pair{OutcomeStatus::kFailed, "failed"},
                               std::pair{OutcomeStatus::kUnknown, "unknown"}};

Json to_json(const Outcome& x) {
  Json document = {{"intent", x.intent.value()}, {"detail", x.detail}, {"uid", x.uid},
                   {"digest", x.digest},         {"fields", x.fields}, {"version", x.version},
                   {"target", x.target},         {"asked", x.asked}};
  for (const auto& [status, word] : kStatuses) {
    if (status == x.status) document["status"] = word;
  }
  if (x.code != 0) document["code"] = x.code;
  if (!x.field.empty()) document["field"] = x.field;
  return document;
}

std::string text(const json& from, const char* key) { return from.at(key).get<std::string>(); }
bool flag(const json& from, const char* key) { return from.at(key).get<bool>(); }
std::map<std::string, std::string> text_map(const json& from, const char* key) {
  return from.at(key).get<std::map<std::string, std::string>>();
}

void read(const json& from, ObjectRef& ref) {
  ref = {.api_version = text(from, "apiVersion"),
         .kind = text(from, "kind"),
         .name_space = text(from, "namespace"),
         .name = text(from, "name")};
}
void read(const json& from, Actor& actor) {
  actor = {.manager = text(from, "manager"),
           .operation = text(from, "operation"),
           .time = text(from, "time")};
}

Input read_started(const json& from) {
  return OperatorStarted{.identity = text(from, "identity"),
                         .journal_reset = flag(from, "journalReset"),
                         .goes_on = from.value("goesOn", false)};
}
Input read_configured(const json& from) {
  return OperatorConfigured{.version = text(from, "version"),
                            .name_space = text(from, "namespace"),
                            .images = text_map(from, "images"),
                            .behaviour = manifests::whole_number(from, "behaviour", 0),
                            .served = from.value("served", std::map<std::string, std::string>()),
                            .rules = from.value("rules", std::string())};
}
Input read_spec(const json& from) {
  SpecObserved spec{.name_space = text(from, "namespace"),
                    .name = text(from, "name"),
                    .generation = manifests::whole_number<std::int64_t>(from.at("generation")),
                    .deleting = flag(from, "deleting"),
                    .finalized = from.value("finalized", false),
                    .resource = text(from, "resource"),
                    .actor = {}};
  read(from.at("actor"), spec.actor);
  return spec;
}
Input read_object(const json& from) {
  ObjectObserved object{.ref = {},
                        .uid = text(from, "uid"),
                        .digest = text(from, "digest"),
                        .fields = text_map(from, "fields"),
                        .actor = {},
                        .version = manifests::whole_number(from, "version", std::uint64_t{0})};
  read(from.at("ref"), object.ref);
  read(from.at("actor"), object.actor);
  return object;
}
Input read_object_gone(const json& from) {
  ObjectGone gone{.ref = {}, .uid = text(from, "uid")};
  read(from.at("ref"), gone.ref);
  return gone;
}
Input read_pod(const json& from) {
  return PodObserved{.name = text(from, "name"),
                     .uid = text(from, "uid"),
                     .instance = text(from, "instance"),
                     .node = text(from, "node"),
                     .phase = text(from, "phase"),
                     .role = text(from, "role"),
                     .problem = text(from, "problem"),
                     .ready = flag(from, "ready"),
                     .deleting = flag(from, "deleting"),
                     .revision = from.value("revision", std::string()),
                     .member = from.value("member", std::string()),
                     .timeline = manifests::whole_number(from, "timeline", std::int64_t{0}),
                     .pending_restart = from.value("pendingRestart", std::string())};
}
Input read_pod_gone(const json& from) {
  return PodGone{.name = text(from, "name"), .uid = text(from, "uid")};
}
Input read_timer(const json& from) { return TimerFired{.name = text(from, "name")}; }
Input read_spec_gone(const json&) { return SpecGone{}; }
Input read_server(const json& from) { return ServerSeen{.trouble = text(from, "trouble")}; }
Input read_synced(const json&) { return Synced{}; }
Input read_outcome(const json& from) {
  Outcome outcome{.intent = IntentId(manifests::whole_number<std::uint64_t>(from.at("intent"))),
                  .detail = text(from, "detail"),
                  .uid = text(from, "uid"),
                  .digest = text(from, "digest"),
                  .fields = text_map(from, "fields"),
                  .version = manifests::whole_number(from, "version", std::uint64_t{0}),
                  .target = from.value("target", std::string()),
                  .asked = from.value("asked", std::string()),
                  .code = manifests::whole_number(from, "code", 0),
                  .field = from.value("field", std::string())};
  const std::string word = text(from, "status");
  for (const auto& [status, its_word] : kStatuses) {
    if (word == its_word) outcome.status = status;
  }
  return outcome;
}

// One line per kind of input, in the order of the variant.
struct InputForm {
  RecordKind kind;
  const char* type;
  Input (*read)(const json&);
};
// clang-format off
constexpr std::array<InputForm, std::variant_size_v<Input>> kForms{{
    {RecordKind::kMarker,  "operator-started",    read_started},
    {RecordKind::kFact,    "operator-configured", read_configured},
    {RecordKind::kFact,    "spec-observed",       read_spec},
    {RecordKind::kFact,    "spec-gone",           read_spec_gone},
    {RecordKind::kFact,    "object-observed",     read_object},
    {RecordKind::kFact,    "object-gone",         read_object_gone},
    {RecordKind::kFact,    "pod-observed",        read_pod},
    {RecordKind::kFact,    "pod-gone",            read_pod_gone},
    {RecordKind::kFact,    "synced",              read_synced},
    {RecordKind::kOutcome, "outcome",             read_outcome},
    {RecordKind::kTimer,   "timer-fired",         read_timer},
    {RecordKind::kFact,    "server-seen",         read_server},
}};
// clang-format on
static_assert(kForms.back().type != nullptr, "a new input needs its line here");

// Texts that are kept by their digests.
Json record_of(const Action& action) {
  Json document = action_to_json(action);
  for (const char* content : {"manifest", "configuration", "type"}) document.erase(content);
  return document;
}

// Runs a reader; what it throws about a missing or mistyped field becomes an Error.
template <class T, class Reader>
Result<T> parse_with(std::string_view payload, const Reader& reader) {
  try {
    return reader(json::parse(payload));
  } catch (const json::exception& error) {
    return fail(Errc::kCorrupt, error.what());
  }
}

}  // namespace

Json payload_of(const Input& input) {
  return std::visit([](const auto& each) { return to_json(each); }, input);
}

Encoded encode(const Input& input) {
  const InputForm& form = kForms.at(input.index());
  return {.kind = form.kind, .type = form.type, .payload = payload_of(input).dump()};
}

Encoded encode(const Decision& decision) {
  Json inputs = Json::array();
  for (const Predicate& predicate : decision.inputs) {
    inputs.push_back(
        {{"name", predicate.name}, {"value", predicate.value}, {"holds", predicate.holds}});
  }
  Json intents = Json::array();
  for (const IntentId id : decision.intents) intents.push_back(id.value());
  const Json document = {{"machine", decision.machine},
                         {"transition", decision.transition},
                         {"reason", message_to_json(decision.reason)},
                         {"inputs", std::move(inputs)},
                         {"intents", std::move(intents)}};
  return {.kind = RecordKind::kDecision, .type = decision.machine, .payload = document.dump()};
}

Encoded encode(const Intent& intent) {
  Json document = record_of(intent.action);
  document["id"] = intent.id.value();
  document["target"] = target_of(intent.action);
  return {.kind = RecordKind::kIntent, .type = type_of(intent.action), .payload = document.dump()};
}

std::string recipe_digest(const manifests::SecretRecipe& recipe) {
  return sha256_hex(manifests::recipe_to_json(recipe).dump());
}

Input input_of(std::string_view type, const json& payload) {
  const auto form = std::ranges::find(kForms, type, &InputForm::type);
  ANNALS_ASSERT(form != kForms.end(), "no input has the type '", type, "'");
  return form->read(payload);
}

Result<Input> decode_input(std::string_view type, std::string_view payload) {
  for (const InputForm& form : kForms) {
    if (type == form.type) return parse_with<Input>(payload, form.read);
  }
  return fail(Errc::kCorrupt, concat("no input has the type '", type, "'"));
}

Result<Decision> decode_decision(std::string_view payload) {
  return parse_with<Decision>(payload, [](const json& from) {
    Decision decision{.machine = text(from, "machine"),
                      .transition = text(from, "transition"),
                      .reason = message_from_json(from.at("reason")),
                      .inputs = {},
                      .intents = {}};
    for (const json& each : from.at("inputs")) {
      decision.inputs.push_back(
          {.name = text(each, "name"), .value = text(each, "value"), .holds = flag(each, "holds")});
    }
    for (const json& id : from.at("intents"))
      decision.intents.emplace_back(manifests::whole_number<std::uint64_t>(id));
    return decision;
  });
}

Result<IntentRecord> decode_intent(std::string_view payload) {
  return parse_with<IntentRecord>(payload, [](const json& from) {
    return IntentRecord{.id = IntentId(manifests::whole_number<std::uint64_t>(from.at("id"))),
                        .target = text(from, "target"),
                        .digest = text(from, "digest")};
  });
}

}  // namespace annals::fsm
