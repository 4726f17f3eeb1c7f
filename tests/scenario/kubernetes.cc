#include "tests/scenario/kubernetes.h"

#include <algorithm>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/view/members.h"
#include "fsm/view/patroni_store.h"
#include "manifests/json.h"
#include "manifests/labels.h"
#include "tests/support/success.h"

namespace annals::scenario {
namespace {

using fsm::ApplyObject;
using fsm::ClusterState;
using fsm::EnsureSecret;
using fsm::Intent;
using fsm::ObjectObserved;
using fsm::Outcome;
using fsm::PodObserved;
using manifests::Json;

struct LabelField {
  const char* label;
  const char* field;
};
constexpr LabelField kLabels[]{{manifests::label::kInstanceSet, "instance-set"},
                               {manifests::label::kInstance, "instance"}};

const Json* find(const Json& from, std::initializer_list<const char*> path) {
  const Json* at = &from;
  for (const char* step : path) {
    if (at != nullptr) at = at->find(step);
  }
  return at;
}

const ObjectObserved* known(const ClusterState& state, const fsm::ObjectRef& ref) {
  const auto object = state.objects.find(ref);
  return object == state.objects.end() ? nullptr : &object->second;
}

// What a lens reads of an object that was applied.
void read_manifest(Outcome& outcome, const ApplyObject& apply) {
  const Json manifest = Json::parse(apply.manifest);
  for (const auto& [label, field] : kLabels) {
    if (const Json* value = find(manifest, {"metadata", "labels", label}))
      set_field(outcome.fields, field, value->text());
  }
  if (apply.ref.kind == "Job") {
    const Json* repo = find(manifest, {"metadata", "labels", manifests::label::kPgBackRestRepo});
    if (repo != nullptr) outcome.fields.job.edit().repo = repo->text();
  }
  const Json* storage = find(manifest, {"spec", "resources", "requests", "storage"});
  if (apply.ref.kind == "PersistentVolumeClaim" && storage != nullptr)
    outcome.fields.claim = {{.requested = storage->text(), .capacity = storage->text()}};
}

void read_recipe(Outcome& outcome, const EnsureSecret& secret) {
  if (std::holds_alternative<manifests::RootAuthority>(secret.recipe))
    outcome.fields.secret = {{.authority = sha256_hex(outcome.uid)}};
  const auto* certificates = std::get_if<manifests::CertificateSecret>(&secret.recipe);
  if (certificates == nullptr) return;
  for (const auto& [label, field] : kLabels) {
    const auto value = certificates->secret.labels.find(label);
    if (value != certificates->secret.labels.end()) set_field(outcome.fields, field, value->second);
  }
}

// What others have written into it stays.
void keep_status(Outcome& outcome, const ObjectObserved& object) {
  fsm::ObjectFields all = object.fields;
  each_field(outcome.fields, [&all](std::string_view name, std::string_view text) {
    set_field(all, name, std::string(text));
  });
  outcome.fields = std::move(all);
}

}  // namespace

std::string Kubernetes::uid_of(const std::string& target, bool is_known) {
  int& count = made_[target];
  if (!is_known || count == 0) ++count;
  return count == 1 ? concat("uid-of-", target) : concat("uid-of-", target, "#", count);
}

std::map<std::string, std::string> Kubernetes::members(const ClusterState& state) const {
  std::map<std::string, std::string> members;
  for (const auto& [name, pod] : state.pods) {
    if (pod.role.empty()) continue;
    const auto lag = lags_.find(name);
    const auto role = roles_.find(name);
    if (pod.role == "master") {
      members[name] = "leader running -";
    } else {
      members[name] = concat(role == roles_.end() ? pod.role : role->second, " ", pod.member, " ",
                             lag == lags_.end() ? "0" : lag->second);
    }
  }
  return members;
}

// What is a question, or has an answer of its own.
// All that was written is here; only who writes is a source that streams.
fsm::StandbyAnswer Kubernetes::standby(const ClusterState& state,
                                       const fsm::ReadStandby& look) const {
  fsm::StandbyAnswer answer{.at = state.now,
                            .in_recovery = true,
                            .system_id = "7301000000000000001",
                            .timeline = 1,
                            .received_lsn = 0x7000148,
                            .replayed_lsn = 0x7000148,
                            .claims = look.claim == fsm::Claim::kMake};
  if (source_.state == fsm::SourceState::kWrites)
    answer.receiver = fsm::WalReceiver{.status = "streaming",
                                       .host = "10.0.0.7",
                                       .port = 5432,
                                       .heard_at = state.now,
                                       .sent_lsn = answer.received_lsn};
  if (!look.source.user.empty()) answer.source = source_;
  for (const std::string& repo : look.repos) answer.receipts.push_back({.repo = repo});
  return answer;
}

bool Kubernetes::answer(const ClusterState& state, const Intent& intent, Outcome& outcome) {
  if (std::holds_alternative<fsm::AskPatroni>(intent.action)) {
    outcome.members = members(state);
  } else if (const auto* read = std::get_if<fsm::ReadRepository>(&intent.action)) {
    outcome.contents = repositories_[read->repo];
  } else if (const auto* look = std::get_if<fsm::ReadStandby>(&intent.action)) {
    outcome.standby = standby(state, *look);
  } else if (const auto* point = std::get_if<fsm::MakeRestorePoint>(&intent.action)) {
    outcome.restore_point = {.name = point->name,
                             .timeline = 1,
                             .segment = "000000010000000000000007",
                             .lsn = "0/7000148",
                             .time = annals::to_string(state.now)};
  } else if (const auto* question = std::get_if<fsm::CheckArchived>(&intent.action)) {
    outcome.archive = {.segment = question->segment,
                       .archived = archive_trouble_.empty(),
                       .trouble = archive_trouble_};
  } else {
    return false;
  }
  return true;
}

Outcome Kubernetes::success(const ClusterState& state, const Intent& intent) {
  Outcome outcome = fsm::success_of(intent);
  outcome.target = fsm::target_of(intent.action);
  outcome.asked = fsm::asked_by(intent.action);
  if (answer(state, intent, outcome)) return outcome;
  const auto* apply = std::get_if<ApplyObject>(&intent.action);
  const auto* secret = std::get_if<EnsureSecret>(&intent.action);
  if (apply == nullptr && secret == nullptr) return outcome;
  const ObjectObserved* before = known(state, apply != nullptr ? apply->ref : secret->ref);
  outcome.uid = before != nullptr ? before->uid : uid_of(outcome.target, false);
  if (apply != nullptr) read_manifest(outcome, *apply);
  if (secret != nullptr) read_recipe(outcome, *secret);
  if (before != nullptr) keep_status(outcome, *before);
  if (apply != nullptr && is_changed(*apply)) outcome.fields.stateful_set = {};
  return outcome;
}

Outcome Kubernetes::failure(const Intent& intent, fsm::OutcomeStatus status) {
  Outcome outcome;
  outcome.intent = intent.id;
  outcome.status = status;
  outcome.target = fsm::target_of(intent.action);
  outcome.asked = fsm::asked_by(intent.action);
  return outcome;
}

// Until its controller has looked at what has changed, nobody knows which pod it makes next.
bool Kubernetes::is_changed(const ApplyObject& apply) {
  if (apply.ref.kind != "StatefulSet") return false;
  std::string& last = specs_[apply.ref.name];
  return std::exchange(last, apply.manifest) != apply.manifest;
}

std::vector<Fact> Kubernetes::follow_up(const ClusterState& state, const Intent& intent) {
  const auto* apply = std::get_if<ApplyObject>(&intent.action);
  if (apply == nullptr || apply->ref.kind != "StatefulSet") return {};
  const ObjectObserved* runner = known(state, apply->ref);
  const Json manifest = Json::parse(apply->manifest);
  const Json* its = find(manifest, {"spec", "template"});
  if (runner == nullptr || its == nullptr) return {};
  std::vector<std::string>& templates = templates_[apply->ref.name];
  const std::string text = its->dump();
  const auto same = std::ranges::find(templates, text);
  const std::string revision = concat("template-", (same - templates.begin()) + 1);
  if (same == templates.end()) templates.push_back(text);
  ObjectObserved seen = *runner;
  if (std::exchange(seen.fields.stateful_set.edit().revision, revision) == revision) return {};
  return {{.what = concat(fsm::to_string(apply->ref), " makes its next pod from ", revision),
           .input = std::move(seen)}};
}

PodObserved Kubernetes::pod(const ClusterState& state, const std::string& name) {
  const auto before = state.pods.find(name);
  if (before != state.pods.end()) return before->second;
  PodObserved pod;
  pod.name = name;
  const std::string runner = name.substr(0, name.rfind('-'));
  if (fsm::is_instance(state, runner)) pod.instance = runner;
  pod.uid = uid_of("Pod/" + name, false);
  pod.node = "node-of-" + runner;
  pod.phase = "Pending";
  const fsm::ObjectFields& fields = fsm::fields_of(state, fsm::stateful_set_ref(state, runner));
  pod.revision = fields.stateful_set->revision.value_or("");
  pod.timeline = pod.instance.empty() ? 0 : 1;
  return pod;
}

}  // namespace annals::scenario
