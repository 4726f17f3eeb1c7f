#include "runtime/facts.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "actions/owned_fields.h"
#include "base/concat.h"
#include "fsm/codec.h"
#include "fsm/deletion.h"
#include "k8s/lens/object.h"
#include "spec/redaction.h"

namespace annals::runtime {
namespace {

using nlohmann::json;

constexpr const char* kOurManager = "annals";
constexpr const char* kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

// What a fact says, as the text that its record will hold: two views that give the same record are
// the same.
void add_record(k8s::Fingerprint& fingerprint, const fsm::Input& fact) {
  fingerprint.add(fsm::encode(fact).payload);
}

std::string text_at(const json& object, const char* pointer) {
  const json::json_pointer place(pointer);
  if (!object.contains(place)) return {};
  const json& value = object.at(place);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// Who wrote the spec last: where an explanation ends in a person or a tool.
fsm::Actor writer_of_spec(const json& metadata) {
  fsm::Actor actor;
  for (const json& entry : metadata.value("managedFields", json::array())) {
    const bool wrote_spec = entry.contains("fieldsV1") && entry.at("fieldsV1").contains("f:spec");
    if (!wrote_spec || entry.value("manager", "") == kOurManager ||
        entry.value("time", "") < actor.time)
      continue;
    actor = {.manager = entry.value("manager", ""),
             .operation = entry.value("operation", ""),
             .time = entry.value("time", "")};
  }
  return actor;
}

fsm::SpecObserved cluster_fact(const json& object) {
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
  const json finalizers = metadata.value("finalizers", json::array());
  fact.finalized = std::ranges::find(finalizers, json(fsm::kFinalizer)) != finalizers.end();
  fact.resource = spec::redacted(reduced.dump());
  fact.actor = writer_of_spec(metadata);
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

fsm::PodObserved pod_fact(const json& object) {
  const json& metadata = object.at("metadata");
  const json labels = metadata.value("labels", json::object());
  fsm::PodObserved fact;
  fact.name = metadata.at("name").get<std::string>();
  fact.uid = metadata.at("uid").get<std::string>();
  fact.instance = labels.value(concat(k8s::kLabelPrefix, "instance"), "");
  fact.role = labels.value(concat(k8s::kLabelPrefix, "role"), "");
  fact.node = text_at(object, "/spec/nodeName");
  fact.phase = text_at(object, "/status/phase");
  fact.ready = holds(object, "Ready");
  fact.deleting = metadata.contains("deletionTimestamp");
  fact.problem = problem_of(object);
  return fact;
}

// Runs a reader over the object's JSON; what the JSON library throws becomes an Error.
template <class View, class Read>
Result<View> read_view(k8s::JsonReader& reader, std::string_view object, const Read& read) {
  Result<k8s::ObjectView> identity = k8s::read_object_view(reader, object);
  if (!identity) return fail(std::move(identity).error());
  try {
    return View{.meta = std::move(identity->meta), .fact = read(json::parse(object))};
  } catch (const json::exception& error) {
    return fail(Errc::kInvalid, "read a watched object: ", error.what());
  }
}

}  // namespace

void add_to(k8s::Fingerprint& fingerprint, const ClusterView& view) {
  add_record(fingerprint, view.fact);
}
void add_to(k8s::Fingerprint& fingerprint, const PodView& view) {
  add_record(fingerprint, view.fact);
}
void add_to(k8s::Fingerprint& fingerprint, const OwnedView& view) {
  add_record(fingerprint, view.fact);
}

Result<ClusterView> read_cluster_view(k8s::JsonReader& reader, std::string_view object) {
  return read_view<ClusterView>(reader, object, cluster_fact);
}

Result<PodView> read_pod_view(k8s::JsonReader& reader, std::string_view object) {
  return read_view<PodView>(reader, object, pod_fact);
}

Result<OwnedView> read_owned_view(k8s::JsonReader& reader, std::string_view object) {
  Result<k8s::ObjectView> identity = k8s::read_object_view(reader, object);
  if (!identity) return fail(std::move(identity).error());
  Result<actions::OwnedObject> owned = actions::read_owned_object(object);
  if (!owned) return fail(std::move(owned).error());
  OwnedView view{.meta = std::move(identity->meta), .fact = {}};
  view.fact.ref.name_space = view.meta.key.name_space;
  view.fact.ref.name = view.meta.key.name;
  view.fact.uid = std::move(owned->written.uid);
  view.fact.digest = std::move(owned->written.digest);
  view.fact.fields = std::move(owned->written.fields);
  view.fact.actor = {.manager = std::move(owned->last_writer.manager),
                     .operation = std::move(owned->last_writer.operation),
                     .time = std::move(owned->last_writer.time)};
  return view;
}

}  // namespace annals::runtime
