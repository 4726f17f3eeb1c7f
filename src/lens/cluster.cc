#include "lens/cluster.h"

#include <algorithm>
#include <utility>

#include "k8s/client/client.h"
#include "k8s/lens/actor.h"
#include "k8s/lens/canonical_json.ipp"
#include "k8s/lens/dom.ipp"
#include "k8s/text/json_scratch.ipp"
#include "k8s/text/rfc3339.h"
#include "lens/label.h"
#include "lens/safe.h"
#include "spec/redaction.h"

namespace annals::lens {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

// An annotation of ours is a command, as much as the spec.
bool is_command(std::string_view field) {
  return field.starts_with("f:") && field.substr(2).starts_with(kLabelPrefix);
}

bool wrote_what_is_asked_for(dom::element entry) {
  dom::element spec;
  if (entry["fieldsV1"]["f:spec"].get(spec) == simdjson::SUCCESS) return true;
  dom::object annotations;
  const auto error = entry["fieldsV1"]["f:metadata"]["f:annotations"].get(annotations);
  return error == simdjson::SUCCESS &&
         std::ranges::any_of(annotations, [](const auto& field) { return is_command(field.key); });
}

// Other than us.
k8s::Actor writer_of(dom::element metadata) {
  k8s::Actor latest;
  dom::array entries;
  if (metadata["managedFields"].get(entries) != simdjson::SUCCESS) return latest;
  for (const dom::element entry : entries) {
    if (!wrote_what_is_asked_for(entry)) continue;
    k8s::Actor actor{k8s::member_text(entry, "manager"), k8s::member_text(entry, "operation"),
                     k8s::member_text(entry, "time")};
    if (actor.manager == k8s::kFieldManager || actor.time < latest.time) continue;
    latest = std::move(actor);
  }
  return latest;
}

bool is_finalized(dom::element metadata) {
  dom::array finalizers;
  if (metadata["finalizers"].get(finalizers) != simdjson::SUCCESS) return false;
  return std::ranges::any_of(
      finalizers, [](dom::element name) { return std::string_view(name) == fsm::kFinalizer; });
}

// Whoever wrote the status: a restore is not done again because a journal does not know of it.
void read_finished_restore(dom::element root, fsm::SpecObserved& fact) {
  dom::element restore;
  bool is_finished = false;
  std::int64_t succeeded = 0;
  if (root["status"]["pgbackrest"]["restore"].get(restore) != simdjson::SUCCESS) return;
  if (restore["finished"].get(is_finished) != simdjson::SUCCESS || !is_finished) return;
  fact.restored = safe(k8s::member_text(restore, "id"));
  fact.restore_succeeded =
      restore["succeeded"].get(succeeded) == simdjson::SUCCESS && succeeded > 0;
}

std::int64_t number_of(dom::element object, std::string_view name) {
  std::int64_t number = 0;
  return object[name].get(number) == simdjson::SUCCESS ? number : 0;
}

// Without its time it proves nothing.
void read_verified_backup(dom::element repository, fsm::SpecObserved& fact) {
  dom::element proof;
  if (repository["lastVerifiedBackup"].get(proof) != simdjson::SUCCESS) return;
  const Result<Timestamp> at = k8s::parse_rfc3339(k8s::member_text(proof, "verifiedAt"));
  if (!at) return;
  fsm::VerifiedBackup& verified = fact.verified[safe(k8s::member_text(repository, "name"))];
  verified = {.label = safe(k8s::member_text(proof, "label")),
              .type = safe(k8s::member_text(proof, "type")),
              .at = *at,
              .wal_end = safe(k8s::member_text(proof, "walEnd")),
              .last_transaction = safe(k8s::member_text(proof, "lastTransaction")),
              .checks = safe(k8s::member_text(proof, "checks")),
              .databases = number_of(proof, "databases"),
              .tables = number_of(proof, "tables"),
              .rows = number_of(proof, "rows"),
              .seconds = number_of(proof, "seconds"),
              .answer = safe(k8s::member_text(proof, "answer"))};
  std::int64_t age = 0;
  if (proof["newestRowAgeSeconds"].get(age) == simdjson::SUCCESS) verified.age = age;
}

void read_stanza(dom::element repository, fsm::SpecObserved& fact) {
  bool is_created = false;
  if (repository["stanzaCreated"].get(is_created) == simdjson::SUCCESS && is_created)
    fact.stanzas.insert(safe(k8s::member_text(repository, "name")));
}

// What drills have proven: it is not forgotten because a journal is lost.
void read_drills(dom::element root, fsm::SpecObserved& fact) {
  dom::element pgbackrest;
  if (root["status"]["pgbackrest"].get(pgbackrest) != simdjson::SUCCESS) return;
  dom::array repositories;
  if (pgbackrest["repos"].get(repositories) == simdjson::SUCCESS) {
    for (const dom::element repository : repositories) {
      read_verified_backup(repository, fact);
      read_stanza(repository, fact);
    }
  }
  dom::element drill;
  bool is_finished = false;
  if (pgbackrest["restoreDrill"].get(drill) != simdjson::SUCCESS) return;
  if (drill["finished"].get(is_finished) == simdjson::SUCCESS && is_finished)
    fact.drilled = safe(k8s::member_text(drill, "id"));
}

void append_annotations(std::string& text, dom::element metadata) {
  text += '{';
  const char* separator = "";
  dom::object annotations;
  if (metadata["annotations"].get(annotations) == simdjson::SUCCESS) {
    for (const auto& [name, value] : k8s::sorted_fields(annotations)) {
      if (name == kLastApplied) continue;
      text += separator;
      k8s::append_json_string(text, name);
      text += ':';
      k8s::append_canonical_json(text, value);
      separator = ",";
    }
  }
  text += '}';
}

std::string text_of_resource(dom::element root, dom::element metadata) {
  std::string text = R"({"metadata":{"annotations":)";
  append_annotations(text, metadata);
  text += R"(,"name":)";
  k8s::append_canonical_json(text, metadata["name"]);
  text += R"(,"namespace":)";
  k8s::append_canonical_json(text, metadata["namespace"]);
  text += R"(},"spec":)";
  dom::element spec;
  if (root["spec"].get(spec) == simdjson::SUCCESS) {
    k8s::append_canonical_json(text, spec);
  } else {
    text += "{}";
  }
  return text += '}';
}

}  // namespace

// A field that is added to a fact does not compile here until it is named.
// Of its stanzas only the first look counts: that one is made is what we said ourselves.
void add_to(k8s::Fingerprint& fingerprint, const ClusterView& view) {
  const auto& [name_space, name, generation, deleting, finalized, resource, actor, restored,
               restore_succeeded, deleted_at, drilled, verified, stanzas] = view.fact;
  fingerprint.add(name_space).add(name).add(generation).add(deleting).add(finalized).add(resource);
  fingerprint.add(restored).add(restore_succeeded).add(deleted_at).add(drilled);
  for (const auto& [repo, proof] : verified)
    fingerprint.add(repo).add(proof.label).add(annals::to_string(proof.at));
  add(fingerprint, actor);
}

Result<ClusterView> read_cluster_view(k8s::JsonReader& reader, std::string_view object) {
  Result<k8s::ObjectMeta> meta = read_labelled_meta(reader, object);
  if (!meta) return fail(std::move(meta).error());
  ClusterView view{.meta = *std::move(meta), .fact = {}};
  fsm::SpecObserved& fact = view.fact;
  fact.name_space = view.meta.key.name_space;
  fact.name = view.meta.key.name;
  fact.generation = view.meta.generation;
  fact.deleting = view.meta.deleting();
  fact.deleted_at = view.meta.deletion_timestamp;
  try {
    const dom::element root = reader.scratch().dom.parse(object.data(), object.size());
    const dom::element metadata = root["metadata"];
    fact.resource = spec::redacted(text_of_resource(root, metadata));
    fact.finalized = is_finalized(metadata);
    fact.actor = safe(writer_of(metadata));
    view.created = k8s::member_text(metadata, "creationTimestamp");
    read_finished_restore(root, fact);
    read_drills(root, fact);
    return view;
  } catch (const simdjson::simdjson_error& thrown) {
    return fail(Errc::kInvalid, "malformed JSON: ", thrown.what());
  }
}

}  // namespace annals::lens
