#include "runtime/facts.h"

#include <algorithm>
#include <utility>

#include "actions/owned_fields.h"
#include "fsm/machines/deletion.h"
#include "k8s/lens/pod_brief.h"
#include "k8s/lens/recorded_resource.h"
#include "spec/redaction.h"

namespace annals::runtime {
namespace {

// Whoever may write an object chooses texts of it, and the journal refuses those that look like
// secrets. Names and UIDs are Kubernetes' own to check.
std::string safe(std::string text) { return spec::redacted_text(std::move(text)); }

fsm::Actor actor_of(k8s::Actor actor) {
  return {.manager = safe(std::move(actor.manager)),
          .operation = safe(std::move(actor.operation)),
          .time = safe(std::move(actor.time))};
}

void add(k8s::Fingerprint& fingerprint, const fsm::Actor& actor) {
  fingerprint.add(actor.manager).add(actor.operation).add(actor.time);
}

}  // namespace

// Labels are read without their prefix.
std::string cluster_of(const k8s::ObjectMeta& meta) {
  const auto label = meta.labels.find("cluster");
  return label == meta.labels.end() ? std::string() : label->second;
}

std::string mark_of(const PodView& view) { return cluster_of(view.meta); }
std::string mark_of(const OwnedView& view) { return cluster_of(view.meta); }

// Two views that give the same record are the same. A field that is added to a fact does not
// compile here until it is named.
void add_to(k8s::Fingerprint& fingerprint, const ClusterView& view) {
  const auto& [name_space, name, generation, deleting, finalized, resource, actor] = view.fact;
  fingerprint.add(name_space).add(name).add(generation).add(deleting).add(finalized).add(resource);
  add(fingerprint, actor);
}

void add_to(k8s::Fingerprint& fingerprint, const PodView& view) {
  const auto& [name, uid, instance, node, phase, role, problem, ready, deleting, revision, member,
               timeline, pending_restart] = view.fact;
  fingerprint.add(name).add(uid).add(instance).add(node).add(phase).add(role).add(problem);
  fingerprint.add(ready).add(deleting).add(revision).add(member).add(timeline);
  fingerprint.add(pending_restart);
}

void add_to(k8s::Fingerprint& fingerprint, const OwnedView& view) {
  const auto& [ref, uid, digest, fields, actor, version] = view.fact;
  (void)version;  // changes with any write, so it is no news by itself
  fingerprint.add(ref.api_version).add(ref.kind).add(ref.name_space).add(ref.name);
  fingerprint.add(uid).add(digest).add(fields);
  add(fingerprint, actor);
}

Result<ClusterView> read_cluster_view(k8s::JsonReader& reader, std::string_view object) {
  Result<k8s::RecordedResource> seen = k8s::read_recorded_resource(reader, object);
  if (!seen) return fail(std::move(seen).error());
  ClusterView view{.meta = std::move(seen->meta), .fact = {}};
  view.fact.name_space = view.meta.key.name_space;
  view.fact.name = view.meta.key.name;
  view.fact.generation = view.meta.generation;
  view.fact.deleting = view.meta.deleting();
  view.fact.finalized =
      std::ranges::find(seen->finalizers, fsm::kFinalizer) != seen->finalizers.end();
  view.fact.resource = spec::redacted(seen->text);
  view.fact.actor = actor_of(std::move(seen->spec_writer));
  return view;
}

Result<PodView> read_pod_view(k8s::JsonReader& reader, std::string_view object) {
  Result<k8s::PodBrief> seen = k8s::read_pod_brief(reader, object);
  if (!seen) return fail(std::move(seen).error());
  const auto label = [&seen](const char* name) {
    const auto found = seen->meta.labels.find(name);
    return found == seen->meta.labels.end() ? std::string() : found->second;
  };
  PodView view;
  view.fact.name = seen->meta.key.name;
  view.fact.uid = seen->meta.key.uid;
  view.fact.instance = safe(label("instance"));
  view.fact.role = safe(label("role"));
  view.fact.node = safe(std::move(seen->node));
  view.fact.phase = safe(std::move(seen->phase));
  view.fact.ready = seen->ready;
  view.fact.deleting = seen->meta.deleting();
  view.fact.problem = safe(std::move(seen->problem));
  view.fact.revision = safe(std::move(seen->revision));
  view.fact.member = safe(std::move(seen->member.state));
  view.fact.timeline = seen->member.timeline;
  view.fact.pending_restart = safe(std::move(seen->member.pending_restart));
  view.meta = std::move(seen->meta);
  return view;
}

Result<OwnedView> read_owned_view(k8s::JsonReader& reader, std::string_view object) {
  Result<k8s::ObjectMeta> meta = k8s::read_meta(reader, object);
  if (!meta) return fail(std::move(meta).error());
  Result<actions::OwnedObject> owned = actions::read_owned_object(reader, object);
  if (!owned) return fail(std::move(owned).error());
  OwnedView view{.meta = *std::move(meta), .fact = {}};
  view.fact.ref.name_space = view.meta.key.name_space;
  view.fact.ref.name = view.meta.key.name;
  view.fact.uid = std::move(owned->written.uid);
  view.fact.digest = std::move(owned->written.digest);
  view.fact.version = owned->written.version;
  for (auto& [name, value] : owned->written.fields)
    view.fact.fields.emplace(name, safe(std::move(value)));
  view.fact.actor = actor_of(std::move(owned->last_writer));
  return view;
}

}  // namespace annals::runtime
