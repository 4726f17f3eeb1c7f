#include "tests/unit/lens/reference.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "lens/label.h"
#include "spec/redaction.h"

namespace annals::lens::reference {
namespace {

using nlohmann::json;

constexpr const char* kOurManager = "annals";
constexpr const char* kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr std::string_view kManager = "annals";

std::string text_at(const json& object, const char* pointer) {
  const json::json_pointer place(pointer);
  if (!object.contains(place)) return {};
  const json& value = object.at(place);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// The spec, or an annotation by which something is asked for.
bool wrote_what_is_asked_for(const json& entry) {
  const json fields = entry.value("fieldsV1", json::object());
  const json annotations =
      fields.value(json::json_pointer("/f:metadata/f:annotations"), json::object());
  return fields.contains("f:spec") ||
         std::ranges::any_of(annotations.items(), [](const auto& field) {
           return field.key().starts_with("f:postgres-operator.crunchydata.com/");
         });
}

// Who wrote the spec last: where an explanation ends in a person or a tool.
fsm::Actor writer_of_spec(const json& metadata) {
  fsm::Actor actor;
  for (const json& entry : metadata.value("managedFields", json::array())) {
    if (!wrote_what_is_asked_for(entry) || entry.value("manager", "") == kOurManager ||
        entry.value("time", "") < actor.time)
      continue;
    actor = {.manager = entry.value("manager", ""),
             .operation = entry.value("operation", ""),
             .time = entry.value("time", "")};
  }
  return actor;
}

fsm::SpecObserved fact_of_cluster(const json& object) {
  const json& metadata = object.at("metadata");
  json annotations = metadata.value("annotations", json::object());
  annotations.erase(kLastApplied);
  json reduced = {{"metadata",
                   {{"name", metadata.at("name")},
                    {"namespace", metadata.at("namespace")},
                    {"annotations", std::move(annotations)}}},
                  {"spec", object.value("spec", json::object())}};
  fsm::SpecObserved fact;
  fact.name_space = metadata.at("namespace").get<std::string>();
  fact.name = metadata.at("name").get<std::string>();
  fact.generation = metadata.value("generation", std::int64_t{0});
  fact.deleting = metadata.contains("deletionTimestamp");
  fact.deleted_at = metadata.value("deletionTimestamp", "");
  const json finalizers = metadata.value("finalizers", json::array());
  fact.finalized = std::ranges::find(finalizers, json(fsm::kFinalizer)) != finalizers.end();
  fact.resource = spec::redacted(reduced.dump());
  fact.actor = writer_of_spec(metadata);
  const json::json_pointer repositories("/status/pgbackrest/repos");
  if (!object.contains(repositories)) return fact;
  for (const json& repository : object.at(repositories)) {
    if (repository.value("stanzaCreated", false))
      fact.stanzas.insert(repository.at("name").get<std::string>());
  }
  return fact;
}

const json* condition_of(const json& object, std::string_view type) {
  static const json kNone = json::array();
  const json::json_pointer place("/status/conditions");
  const json& conditions = object.contains(place) ? object.at(place) : kNone;
  for (const json& condition : conditions) {
    if (condition.value("type", "") == type) return &condition;
  }
  return nullptr;
}

bool holds(const json& object, std::string_view type) {
  const json* condition = condition_of(object, type);
  return condition != nullptr && condition->value("status", "") == "True";
}

// Why a pod is not running: it cannot be placed, or the first container that waits says why.
std::string problem_of(const json& pod) {
  const json* scheduled = condition_of(pod, "PodScheduled");
  if (scheduled != nullptr && scheduled->value("status", "") == "False") {
    return concat(scheduled->value("reason", ""), ": ", scheduled->value("message", ""));
  }
  for (const char* list : {"/status/initContainerStatuses", "/status/containerStatuses"}) {
    const json::json_pointer place(list);
    if (!pod.contains(place)) continue;
    for (const json& container : pod.at(place)) {
      const std::string reason = text_at(container, "/state/waiting/reason");
      if (reason.empty() || reason == "PodInitializing" || reason == "ContainerCreating") continue;
      return concat(container.value("name", ""), ": ", reason);
    }
  }
  return {};
}

// What Patroni says of its member.
void add_member(fsm::PodObserved& fact, const std::string& status) {
  const json member = json::parse(status, nullptr, false);
  if (!member.is_object()) return;
  fact.member = member.value("replication_state", member.value("state", ""));
  if (member.value("role", "") == fsm::kNoDatabase && fact.member == "stopped")
    fact.member = fsm::kNoDatabase;
  fact.timeline = member.value("timeline", std::int64_t{0});
  fact.standby_leader = member.value("role", "") == "standby_leader";
  for (const auto& [parameter, change] :
       member.value("pending_restart_reason", json::object()).items()) {
    fact.pending_restart +=
        concat(fact.pending_restart.empty() ? "" : ", ", parameter, " ",
               change.value("old_value", ""), " -> ", change.value("new_value", ""));
  }
}

// Of Jobs that work on repositories: whose pod it is, and how its one container ended.
void add_restore(fsm::PodObserved& fact, const json& object) {
  const json labels = object.at("metadata").value("labels", json::object());
  if (!labels.contains(concat(kLabelPrefix, "pgbackrest-restore")) &&
      !labels.contains(concat(kLabelPrefix, "pgbackrest-backup")) &&
      !labels.contains(concat(kLabelPrefix, "restore-drill")) &&
      !labels.contains(concat(kLabelPrefix, "shutdown-receipt")))
    return;
  fact.job = labels.value("job-name", "");
  const json::json_pointer place("/status/containerStatuses/0/state/terminated");
  if (!object.contains(place)) return;
  const json& ended = object.at(place);
  fact.end = {.exit_code = ended.value("exitCode", std::int64_t{0}),
              .message = spec::redacted_text(ended.value("message", ""))};
}

fsm::PodObserved fact_of_pod(const json& object) {
  const json& metadata = object.at("metadata");
  const json labels = metadata.value("labels", json::object());
  fsm::PodObserved fact;
  fact.name = metadata.at("name").get<std::string>();
  fact.uid = metadata.at("uid").get<std::string>();
  fact.instance = labels.value(concat(kLabelPrefix, "instance"), "");
  fact.role = labels.value(concat(kLabelPrefix, "role"), "");
  fact.node = text_at(object, "/spec/nodeName");
  fact.phase = text_at(object, "/status/phase");
  fact.ready = holds(object, "Ready");
  fact.deleting = metadata.contains("deletionTimestamp");
  fact.problem = problem_of(object);
  fact.revision = labels.value("controller-revision-hash", "");
  add_member(fact, text_at(object, "/metadata/annotations/status"));
  add_restore(fact, object);
  return fact;
}

// The element of a list that a key such as k:{"name":"postgres"} stands for; null when there is
// none.
const json* element_of(const json& list, const json& key) {
  if (!list.is_array()) return nullptr;
  for (const json& element : list) {
    const bool same =
        element.is_object() && std::ranges::all_of(key.items(), [&](const auto& part) {
          return element.contains(part.key()) && element.at(part.key()) == part.value();
        });
    if (same) return &element;
  }
  return nullptr;
}

// "f:NAME" is a member, "k:{...}" an element by its keys, "v:VALUE" an element by its value, "."
// the thing itself.
json select(const json& fields, const json& value) {
  if (fields.empty()) return value;
  json chosen = json::object();
  for (const auto& [path, inner] : fields.items()) {
    const std::string rest = path.size() > 2 ? path.substr(2) : std::string();
    if (path.starts_with("f:")) {
      if (value.is_object() && value.contains(rest)) chosen[path] = select(inner, value.at(rest));
    } else if (path.starts_with("k:")) {
      const json* element = element_of(value, json::parse(rest));
      if (element != nullptr) chosen[path] = select(inner, *element);
    } else if (path.starts_with("v:")) {
      const json wanted = json::parse(rest);
      if (value.is_array() && std::ranges::find(value, wanted) != value.end()) chosen[path] = true;
    }
  }
  return chosen;
}

bool is_ours(const json& entry) {
  return entry.value("manager", "") == kManager && entry.value("operation", "") == "Apply" &&
         entry.value("subresource", "").empty();
}

bool is_of_status(const json& entry) {
  return entry.contains("fieldsV1") && entry.at("fieldsV1").size() == 1 &&
         entry.at("fieldsV1").contains("f:status");
}

void add_field(fsm::ObjectObserved& fact, const json& object, const char* name,
               const char* pointer) {
  const json::json_pointer place(pointer);
  if (!object.contains(place)) return;
  const json& value = object.at(place);
  set_field(fact.fields, name, value.is_string() ? value.get<std::string>() : value.dump());
}

std::string digest_of_json(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return {};
  return sha256_hex(document.dump(-1, ' ', false, json::error_handler_t::replace));
}

// A Job has ended when it says so by one of these.
void add_job_end(fsm::ObjectObserved& fact, const json& object) {
  const json::json_pointer place("/status/conditions");
  if (!object.contains(place)) return;
  for (const json& condition : object.at(place)) {
    if (condition.value("status", "") != "True") continue;
    if (condition.value("type", "") == "Complete") set_field(fact.fields, "complete", "true");
    if (condition.value("type", "") == "Failed")
      set_field(fact.fields, "failed", condition.value("message", "true"));
  }
}

// Of a backup that was asked for, of a schedule that has begun, of a restore or a drill.
void add_job(fsm::ObjectObserved& fact, const json& object) {
  constexpr const char* kRequest =
      "/metadata/annotations/postgres-operator.crunchydata.com~1pgbackrest-backup";
  constexpr const char* kSchedule =
      "/metadata/labels/postgres-operator.crunchydata.com~1pgbackrest-cronjob";
  constexpr const char* kRestore =
      "/metadata/labels/postgres-operator.crunchydata.com~1pgbackrest-restore";
  constexpr const char* kDrill =
      "/metadata/labels/postgres-operator.crunchydata.com~1restore-drill";
  constexpr const char* kReceipt =
      "/metadata/labels/postgres-operator.crunchydata.com~1shutdown-receipt";
  constexpr const char* kHash =
      "/metadata/annotations/postgres-operator.crunchydata.com~1pgbackrest-hash";
  constexpr const char* kPurpose =
      "/metadata/labels/postgres-operator.crunchydata.com~1pgbackrest-backup";
  const bool has_begun = object.contains(json::json_pointer("/status/startTime"));
  const bool is_labelled = object.contains(json::json_pointer(kRestore)) ||
                           object.contains(json::json_pointer(kDrill)) ||
                           object.contains(json::json_pointer(kReceipt));
  const bool restores = is_labelled && object.contains(json::json_pointer(kHash));
  add_field(fact, object, "startTime", "/status/startTime");
  if (restores) add_field(fact, object, "restore", kHash);
  if (has_begun || restores || object.contains(json::json_pointer(kRequest))) {
    add_field(fact, object, "active", "/status/active");
    add_field(fact, object, "succeeded", "/status/succeeded");
    add_field(fact, object, "failures", "/status/failed");
  }
  const bool fills_a_gap = has_begun && object.contains(json::json_pointer(kPurpose)) &&
                           object.at(json::json_pointer(kPurpose)) == "missing-wal";
  if (!restores && !fills_a_gap && !object.contains(json::json_pointer(kRequest)) &&
      !(has_begun && object.contains(json::json_pointer(kSchedule))))
    return;
  add_field(fact, object, "request", kRequest);
  if (has_begun) add_field(fact, object, "schedule", kSchedule);
  add_field(fact, object, "repo",
            "/metadata/labels/postgres-operator.crunchydata.com~1pgbackrest-repo");
  add_field(fact, object, "completionTime", "/status/completionTime");
}

// Where Patroni keeps its state; it writes the same configuration again with other whitespace.
void add_patroni_state(fsm::ObjectObserved& fact, const json& object) {
  add_field(fact, object, "initialize", "/metadata/annotations/initialize");
  add_field(fact, object, "leader", "/metadata/annotations/leader");
  const json::json_pointer place("/metadata/annotations/config");
  if (!object.contains(place) || !object.at(place).is_string()) return;
  const std::string text = object.at(place).get<std::string>();
  set_field(fact.fields, "config", digest_of_json(text));
  const json configuration = json::parse(text, nullptr, false);
  if (!configuration.is_object()) return;
  add_field(fact, configuration, "failsafe", "/failsafe_mode");
  const json standby = configuration.value("standby_cluster", json());
  const bool follows =
      standby.is_object() &&
      (standby.contains("host") || standby.contains("port") || standby.contains("restore_command"));
  if (follows) set_field(fact.fields, "standby", "true");
  add_field(fact, configuration, "keptTimeline", "/annals_keep_timeline");
}

}  // namespace

fsm::SpecObserved cluster_fact(const std::string& object) {
  return fact_of_cluster(json::parse(object));
}

fsm::PodObserved pod_fact(const std::string& object) { return fact_of_pod(json::parse(object)); }

fsm::ObjectObserved owned_fact(const std::string& text) {
  const json object = json::parse(text);
  const json& metadata = object.at("metadata");
  fsm::ObjectObserved fact;
  fact.ref.name_space = metadata.value("namespace", "");
  fact.ref.name = metadata.at("name").get<std::string>();
  fact.uid = metadata.at("uid").get<std::string>();
  fact.version = std::stoull(metadata.value("resourceVersion", "0"));
  for (const json& entry : metadata.value("managedFields", json::array())) {
    if (is_ours(entry)) {
      fact.digest = sha256_hex(select(entry.at("fieldsV1"), object).dump());
    } else if (entry.value("time", "") >= fact.actor.time &&
               entry.value("manager", "") != kManager && !is_of_status(entry)) {
      fact.actor = {.manager = entry.value("manager", ""),
                    .operation = entry.value("operation", ""),
                    .time = entry.value("time", "")};
    }
  }
  const std::string kind = object.value("kind", "");
  if (kind == "Job") add_job_end(fact, object);
  if (kind == "Job") add_job(fact, object);
  if (kind == "Endpoints" || kind == "ConfigMap") add_patroni_state(fact, object);
  add_field(fact, object, "clusterIP", "/spec/clusterIP");
  add_field(fact, object, "instance-set",
            "/metadata/labels/postgres-operator.crunchydata.com~1instance-set");
  add_field(fact, object, "instance",
            "/metadata/labels/postgres-operator.crunchydata.com~1instance");
  if (kind == "PersistentVolumeClaim") {
    add_field(fact, object, "requested", "/spec/resources/requests/storage");
    add_field(fact, object, "capacity", "/status/capacity/storage");
    if (object.value("/status/phase"_json_pointer, "") == "Bound")
      add_field(fact, object, "volume", "/spec/volumeName");
    add_field(fact, object, "ledFor",
              "/metadata/annotations/postgres-operator.crunchydata.com~1led-when-deleted");
    if (metadata.value("ownerReferences", json::array()).empty()) {
      add_field(fact, object, "keptFor",
                "/metadata/labels/postgres-operator.crunchydata.com~1kept-for");
      add_field(fact, object, "keptUntil",
                "/metadata/annotations/postgres-operator.crunchydata.com~1kept-until");
    }
  }
  // It speaks of the latest template only when its controller has seen it.
  if (kind == "StatefulSet" && metadata.contains("generation") &&
      metadata.at("generation") ==
          object.value(json::json_pointer("/status/observedGeneration"), 0))
    add_field(fact, object, "revision", "/status/updateRevision");
  return fact;
}

}  // namespace annals::lens::reference
