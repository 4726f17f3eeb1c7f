#include "lens/object.h"

#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>

#include "base/sha256.h"
#include "k8s/lens/canonical_json.ipp"
#include "k8s/lens/dom.ipp"
#include "k8s/lens/managed_fields.ipp"
#include "k8s/text/json_scratch.ipp"
#include "lens/label.h"
#include "lens/safe.h"
#include "manifests/labels.h"
#include "manifests/names.h"

namespace annals::lens {
namespace {

namespace dom = simdjson::dom;
using fsm::ObjectFields;
using k8s::element_at;
using k8s::member;
using k8s::member_text;
using k8s::text_at;

// Officially a resourceVersion is opaque; with etcd it is a number that grows.
std::uint64_t number_or_zero(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  return ec == std::errc() && end == text.data() + text.size() ? number : 0;
}

std::optional<std::int64_t> number_at(dom::element root,
                                      std::initializer_list<std::string_view> path) {
  const std::optional<dom::element> place = element_at(root, path);
  if (!place || !place->is_int64()) return std::nullopt;
  return std::int64_t(*place);
}

// A group is made only for what is there.
template <class Group, class Value>
void set(fsm::Rare<Group>& group, std::optional<Value> Group::* field, std::optional<Value> value) {
  if (value) group.edit().*field = *std::move(value);
}

void take_instance(ObjectFields& fields, dom::element metadata) {
  set(fields.instance, &fsm::InstanceFields::set,
      text_at(metadata, {"labels", manifests::label::kInstanceSet}));
  set(fields.instance, &fsm::InstanceFields::name,
      text_at(metadata, {"labels", manifests::label::kInstance}));
}

// The StatefulSet's status speaks of the template only when it has caught up with the spec.
std::optional<std::string> revision_of(dom::element root) {
  const std::optional<std::string> wanted = text_at(root, {"metadata", "generation"});
  const std::optional<std::string> seen = text_at(root, {"status", "observedGeneration"});
  if (!wanted || wanted != seen) return std::nullopt;
  return text_at(root, {"status", "updateRevision"});
}

void take_condition(ObjectFields& fields, dom::element condition) {
  if (member_text(condition, "status") != "True") return;
  const std::string type = member_text(condition, "type");
  if (type.contains("Resiz")) {
    std::optional<std::string>& resize = fields.claim.edit().resize;
    resize = resize ? concat(*resize, " ", type) : type;
  }
  // SuccessCriteriaMet and FailureTarget come first, in writes of their own, while its pods still
  // end.
  if (type == "Complete") fields.job.edit().complete = true;
  if (type != "Failed") return;
  fields.job.edit().failed =
      member(condition, "message") ? member_text(condition, "message") : "true";
}

void take_conditions(ObjectFields& fields, dom::element root) {
  const std::optional<dom::element> conditions = element_at(root, {"status", "conditions"});
  if (!conditions) return;
  for (const dom::element condition : dom::array(*conditions)) take_condition(fields, condition);
}

// Which attempt of which restore, or which drill, it is for. What else these make has no such
// annotation, and Jobs of backups, which have, no such label.
void take_restore_job(ObjectFields& fields, dom::element metadata) {
  if (!element_at(metadata, {"labels", manifests::label::kPgBackRestRestore}) &&
      !element_at(metadata, {"labels", manifests::label::kRestoreDrill}) &&
      !element_at(metadata, {"labels", manifests::label::kShutdownReceipt}))
    return;
  set(fields.job, &fsm::JobFields::restore,
      text_at(metadata, {"annotations", manifests::annotation::kPgBackRestHash}));
}

bool is_of_missing_wal(dom::element root) {
  return text_at(root, {"metadata", "labels", manifests::label::kPgBackRestBackup}) ==
         manifests::label::kOfMissingWal;
}

// A CronJob has the labels of its Jobs, but no time at which it started.
void take_job(ObjectFields& fields, dom::element root) {
  using fsm::JobFields;
  fsm::Rare<JobFields>& job = fields.job;
  set(job, &JobFields::request,
      text_at(root, {"metadata", "annotations", manifests::annotation::kPgBackRestBackup}));
  set(job, &JobFields::start_time, text_at(root, {"status", "startTime"}));
  if (job->start_time)
    set(job, &JobFields::schedule,
        text_at(root, {"metadata", "labels", manifests::label::kPgBackRestCronJob}));
  if (job->start_time || job->request || job->restore) {
    set(job, &JobFields::active, number_at(root, {"status", "active"}));
    set(job, &JobFields::succeeded, number_at(root, {"status", "succeeded"}));
    set(job, &JobFields::failures, number_at(root, {"status", "failed"}));
  }
  const bool fills_a_gap = job->start_time && is_of_missing_wal(root);
  if (!job->request && !job->schedule && !job->restore && !fills_a_gap) return;
  set(job, &JobFields::repo,
      text_at(root, {"metadata", "labels", manifests::label::kPgBackRestRepo}));
  set(job, &JobFields::completion_time, text_at(root, {"status", "completionTime"}));
}

// As Patroni decides it: ha.py, is_standby_cluster.
bool follows_another(dom::element configuration) {
  const std::optional<dom::element> standby = member(configuration, "standby_cluster");
  if (!standby || !standby->is_object()) return false;
  for (const char* const source : {"host", "port", "restore_command"}) {
    const std::optional<dom::element> value = member(*standby, source);
    if (value && !value->is_null()) return true;
  }
  return false;
}

// Its configuration by a digest, since Patroni writes it again with other whitespace.
void take_patroni(ObjectFields& fields, dom::element metadata, dom::parser& texts) {
  using fsm::PatroniFields;
  const std::optional<dom::element> annotations = member(metadata, "annotations");
  if (!annotations) return;
  set(fields.patroni, &PatroniFields::initialize, text_at(*annotations, {"initialize"}));
  set(fields.patroni, &PatroniFields::leader, text_at(*annotations, {"leader"}));
  const std::optional<dom::element> config = member(*annotations, "config");
  if (!config || !config->is_string()) return;
  std::string& digest = fields.patroni.edit().config.emplace();
  const std::string_view text(*config);
  dom::element value;
  if (texts.parse(text.data(), text.size()).get(value) != simdjson::SUCCESS) return;
  std::string canonical;
  k8s::append_canonical_json(canonical, value);
  digest = sha256_hex(canonical);
  set(fields.patroni, &PatroniFields::failsafe, text_at(value, {"failsafe_mode"}));
  if (follows_another(value)) fields.patroni.edit().standby = "true";
  set(fields.patroni, &PatroniFields::kept, text_at(value, {manifests::kKeepTimeline}));
}

// What a claim is called that the cluster makes for the same purpose, by the labels; empty where it
// has none.
std::string usual_name(dom::element labels) {
  namespace label = manifests::label;
  namespace names = manifests::names;
  namespace role = manifests::role;
  const std::string instance = member_text(labels, label::kInstance);
  const std::string purpose = member_text(labels, label::kRole);
  if (!instance.empty() && purpose == role::kPgData) return names::data_volume(instance);
  if (!instance.empty() && purpose == role::kPgWal) return names::wal_volume(instance);
  const std::string cluster = member_text(labels, label::kCluster);
  const std::string repo = member_text(labels, label::kPgBackRestRepo);
  const bool is_repository = member(labels, label::kPgBackRestVolume) && !repo.empty();
  return is_repository && !cluster.empty() ? names::repo_volume(cluster, repo) : std::string();
}

void take_stand_in(ObjectFields& fields, dom::element metadata) {
  const std::optional<dom::element> labels = member(metadata, "labels");
  if (!labels || !fields.claim->requested) return;
  std::string usual = usual_name(*labels);
  if (!usual.empty() && usual != member_text(metadata, "name"))
    fields.claim.edit().stands_for = std::move(usual);
}

bool has_owner(dom::element metadata) {
  dom::array owners;
  return metadata["ownerReferences"].get(owners) == simdjson::SUCCESS && owners.size() != 0;
}

// Of one that outlives its cluster. What somebody owns goes with its owner, whatever it says.
void take_keeping(ObjectFields& fields, dom::element metadata) {
  using fsm::ClaimFields;
  if (!fields.claim->requested) return;
  set(fields.claim, &ClaimFields::led_for,
      text_at(metadata, {"annotations", manifests::annotation::kLedWhenDeleted}));
  if (has_owner(metadata)) return;
  set(fields.claim, &ClaimFields::kept_for,
      text_at(metadata, {"labels", manifests::label::kKeptFor}));
  set(fields.claim, &ClaimFields::kept_until,
      text_at(metadata, {"annotations", manifests::annotation::kKeptUntil}));
}

// A certificate is public; its key, beside it, is not looked at.
void take_authority(ObjectFields& fields, dom::element root) {
  const std::optional<std::string> certificate = text_at(root, {"data", "root.crt"});
  if (certificate) fields.secret.edit().authority = sha256_hex(*certificate);
}

fsm::ObjectObserved fact_of(dom::element root, dom::parser& texts) {
  const dom::element metadata = root["metadata"];
  fsm::ObjectObserved fact;
  fact.uid = std::string_view(metadata["uid"]);
  fact.version = number_or_zero(member_text(metadata, "resourceVersion"));
  k8s::ManagedFields managed = k8s::read_managed_fields(root, texts);
  fact.digest = std::move(managed.digest);
  fact.actor = safe(std::move(managed.last_writer));
  ObjectFields& fields = fact.fields;
  take_instance(fields, metadata);
  set(fields.service, &fsm::ServiceFields::cluster_ip, text_at(root, {"spec", "clusterIP"}));
  set(fields.stateful_set, &fsm::StatefulSetFields::revision, revision_of(root));
  set(fields.claim, &fsm::ClaimFields::requested,
      text_at(root, {"spec", "resources", "requests", "storage"}));
  set(fields.claim, &fsm::ClaimFields::capacity, text_at(root, {"status", "capacity", "storage"}));
  if (text_at(root, {"status", "phase"}) == "Bound")
    set(fields.claim, &fsm::ClaimFields::volume, text_at(root, {"spec", "volumeName"}));
  take_stand_in(fields, metadata);
  take_keeping(fields, metadata);
  take_conditions(fields, root);
  take_restore_job(fields, metadata);
  take_job(fields, root);
  take_patroni(fields, metadata, texts);
  take_authority(fields, root);
  fsm::change_texts(fields, spec::redacted_text);
  return fact;
}

}  // namespace

std::string mark_of(const OwnedView& view) { return cluster_of(view.meta); }

// A field that is added to a fact does not compile here until it is named.
void add_to(k8s::Fingerprint& fingerprint, const OwnedView& view) {
  const auto& [ref, uid, digest, fields, actor, version] = view.fact;
  (void)version;  // changes with any write, so it is no news by itself
  fingerprint.add(ref.api_version).add(ref.kind).add(ref.name_space).add(ref.name);
  fingerprint.add(uid).add(digest).add(static_cast<std::int64_t>(fsm::count(fields)));
  fsm::each_field(fields, [&](std::string_view name, std::string_view text) {
    fingerprint.add(name).add(text);
  });
  add(fingerprint, actor);
}

Result<fsm::ObjectObserved> read_answer(k8s::JsonReader& reader, std::string_view object) {
  try {
    return fact_of(reader.scratch().dom.parse(object.data(), object.size()), reader.scratch().keys);
  } catch (const simdjson::simdjson_error& thrown) {
    return fail(Error{Errc::kInvalid, concat("malformed JSON: ", thrown.what())}.while_doing(
        "read an object"));
  }
}

Result<OwnedView> read_owned_view(k8s::JsonReader& reader, std::string_view object) {
  Result<k8s::ObjectMeta> meta = read_labelled_meta(reader, object);
  if (!meta) return fail(std::move(meta).error());
  Result<fsm::ObjectObserved> fact = read_answer(reader, object);
  if (!fact) return fail(std::move(fact).error());
  OwnedView view{.meta = *std::move(meta), .fact = *std::move(fact)};
  view.fact.ref.name_space = view.meta.key.name_space;
  view.fact.ref.name = view.meta.key.name;
  return view;
}

}  // namespace annals::lens
