#include "tests/unit/fsm/world.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "fsm/codec/codec.h"
#include "fsm/model/behaviour.h"
#include "fsm/view/standing_look.h"
#include "tests/support/success.h"

namespace annals::fsm {

using namespace std::chrono_literals;

World::World(const std::string& uid)
    : state_(initial_state(ClusterUid(uid))), now_(std::chrono::sys_days{2026y / 1 / 2}) {}

void World::tell_only(Input input) {
  now_ += 1ms;
  seq_ = seq_.next();
  Event event{.seq = seq_, .time = now_, .epoch = Epoch(1), .input = std::move(input)};
  Step step = fsm::step(std::move(state_), event);
  state_ = std::move(step.state);
  Entry entry{.event = std::move(event), .outputs = {}};
  for (Decision& decision : step.decisions) {
    entry.outputs.push_back(encode(decision).payload);
    decisions_.push_back(std::move(decision));
  }
  for (Intent& intent : step.intents) {
    entry.outputs.push_back(encode(intent).payload);
    history_.push_back(target_of(intent.action));
    if (const auto* patch = std::get_if<PatchStatus>(&intent.action)) status = patch->manifest;
    asked_.push_back(std::move(intent));
  }
  for (const WaitEnded& wait : step.waits_ended)
    waited[wait.machine + "/" + wait.goal] = wait.waited;
  journal_.push_back(std::move(entry));
}

// The claim as it is afterwards.
void World::keep(const KeepClaim& action, Outcome& outcome) const {
  const auto claim = state_.objects.find(action.ref);
  if (claim == state_.objects.end()) return;
  outcome.uid = claim->second.uid;
  outcome.fields = claim->second.fields;
  ClaimFields& fields = outcome.fields.claim.edit();
  fields.kept_for.reset();
  fields.kept_until.reset();
  if (!action.kept) return;
  fields.kept_for = action.of;
  fields.kept_until = action.until;
  fields.led_for.reset();
  if (action.led) fields.led_for = action.of;
}

// Source and receipts are told to who asks for them.
StandbyAnswer World::answer_to(const ReadStandby& look) {
  if (look.claim != Claim::kLeave) standby.claims = look.claim == Claim::kMake;
  StandbyAnswer answer = standby;
  answer.at = now_;
  if (look.source.user.empty()) answer.source = {};
  if (look.repos.empty()) answer.receipts.clear();
  return answer;
}

Outcome World::end(const Intent& intent) {
  Outcome outcome;
  outcome.intent = intent.id;
  const std::string target = target_of(intent.action);
  const auto failure = failures.find(target);
  if (failure != failures.end()) {
    outcome.status = OutcomeStatus::kFailed;
    outcome.detail = failure->second;
    if (const auto refusal = refusals.find(target); refusal != refusals.end())
      std::tie(outcome.code, outcome.field) = refusal->second;
    return outcome;
  }
  outcome = success_of(intent);
  if (const auto* kept = std::get_if<KeepClaim>(&intent.action)) keep(*kept, outcome);
  const auto answer = answers.find(target);
  if (answer != answers.end()) {
    each_field(answer->second, [&outcome](std::string_view name, std::string_view text) {
      set_field(outcome.fields, name, std::string(text));
    });
  }
  if (std::holds_alternative<AskPatroni>(intent.action)) outcome.members = members;
  if (const auto* read = std::get_if<ReadRepository>(&intent.action)) {
    if (digest_of(repositories[read->repo]) != read->known)
      outcome.contents = repositories[read->repo];
  }
  if (std::holds_alternative<ReadSource>(intent.action)) {
    outcome.source = source;
    if (source.found) outcome.contents = source_contents;
  }
  if (const auto* read = std::get_if<ReadVolumes>(&intent.action)) {
    for (const std::string& claim : read->claims) outcome.volumes[claim] = volumes[claim];
  }
  if (std::holds_alternative<ReadCollations>(intent.action)) outcome.collations = collations;
  if (std::holds_alternative<ReadArchiver>(intent.action)) outcome.archiver = archiver;
  if (const auto* look = std::get_if<ReadStandby>(&intent.action))
    outcome.standby = answer_to(*look);
  if (const auto* point = std::get_if<MakeRestorePoint>(&intent.action)) {
    outcome.restore_point = restore_point;
    outcome.restore_point->name = point->name;
  }
  if (const auto* question = std::get_if<CheckArchived>(&intent.action)) {
    outcome.archive = {.segment = question->segment,
                       .archived = archives,
                       .trouble = archives ? "" : "archive command failed with exit code 82"};
  }
  return outcome;
}

void World::carry_out() {
  for (int rounds = 0; !asked_.empty() && rounds < 100; ++rounds) {
    const std::vector<Intent> now = std::exchange(asked_, {});
    for (const Intent& intent : now) {
      carried_out_.push_back(intent);
      if (!silent.contains(target_of(intent.action))) tell_end(intent);
    }
  }
}

// A look that stands goes on without a word when it finds nothing new.
void World::tell_end(const Intent& intent) {
  Outcome outcome = end(intent);
  if (finds_nothing_new(intent.action, outcome)) {
    made_again_[intent.id] = now_ + made_again_after(intent.action);
  } else {
    tell_only(std::move(outcome));
  }
}

void World::look_again() {
  const std::map<IntentId, Timestamp> looks = made_again_;
  for (const auto& [id, due] : looks) {
    const auto look = state_.pending.find(id);
    if (look != state_.pending.end() && due > now_) continue;
    made_again_.erase(id);
    if (look == state_.pending.end()) continue;
    history_.push_back(target_of(look->second));
    tell_end({.id = id, .action = look->second});
  }
}

void World::tell(Input input) {
  tell_only(std::move(input));
  carry_out();
  look_again();
  carry_out();
}

SpecObserved World::hippo() {
  SpecObserved spec;
  spec.name_space = "ns";
  spec.name = "hippo";
  spec.generation = 1;
  spec.resource =
      R"({"metadata":{"name":"hippo","namespace":"ns"},"spec":{"postgresVersion":15,"instances":[{"name":"instance1",)"
      R"("dataVolumeClaimSpec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]}})";
  spec.actor = {.manager = "kubectl", .operation = "Update", .time = "2026-01-02T00:00:00Z"};
  return spec;
}

SpecObserved World::hippo_with_backups() {
  SpecObserved spec = hippo();
  spec.resource.pop_back();
  spec.resource.pop_back();
  spec.resource +=
      R"(,"backups":{"pgbackrest":{"repos":[{"name":"repo1","schedules":{"full":"0 1 * * 0"},"volume":{"volumeClaimSpec":)"
      R"({"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}}]}}}})";
  return spec;
}

void World::start(SpecObserved spec) {
  tell(OperatorStarted{.identity = "test", .journal_reset = false});
  tell(OperatorConfigured{.version = "test",
                          .name_space = "operators",
                          .images = {{"RELATED_IMAGE_POSTGRES_15", "postgres:15"},
                                     {"RELATED_IMAGE_PGBACKREST", "pgbackrest"}},
                          .behaviour = kBehaviour,
                          .clone_across_namespaces = clone_across_namespaces,
                          .keep_deleted_volumes = keep_deleted_volumes,
                          .standby_promotion = standby_promotion});
  tell(std::move(spec));
  for (const ObjectObserved& object : found) tell(object);
  tell(Synced{});
}

void World::primary_is_ready() {
  PodObserved pod;
  pod.instance = state_.instances.at("instance1").front();
  pod.name = pod.instance + "-0";
  pod.uid = "uid-of-pod";
  pod.phase = "Running";
  pod.role = "master";
  pod.ready = true;
  tell(pod);
}

void World::repository_host_is_ready() {
  PodObserved pod;
  pod.name = "hippo-repo-host-0";
  pod.uid = "uid-of-repo-host";
  pod.phase = "Running";
  pod.ready = true;
  tell(pod);
}

void World::patroni_stores(const std::string& configuration_digest) {
  ObjectObserved store;
  store.ref = ref("Endpoints", "hippo-ha-config");
  store.uid = "uid-of-Endpoints/hippo-ha-config";
  store.fields.patroni = {{.initialize = "8000000000000000001", .config = configuration_digest}};
  tell(store);
}

std::vector<std::string> World::new_targets() {
  std::vector<std::string> targets;
  for (; seen_ < history_.size(); ++seen_) {
    const std::string& target = history_[seen_];
    const bool is_look =
        target == kCollationsTarget || target == kArchiverTarget || target == kStandbyTarget;
    if (!target.ends_with("/status") && !is_look) targets.push_back(target);
  }
  return targets;
}

std::string World::job() const {
  const auto last =
      std::ranges::find_if(history_.rbegin(), history_.rend(),
                           [](const auto& target) { return target.starts_with("Job/"); });
  return last == history_.rend() ? std::string() : last->substr(4);
}

void World::job_ends(const std::string& condition) {
  ObjectObserved ended;
  ended.ref = ref("Job", job(), "batch/v1");
  ended.uid = "uid-of-Job/" + job();
  set_field(ended.fields, condition, "true");
  tell(ended);
}

bool World::has_decided(const std::string& transition) const {
  return std::ranges::any_of(
      decisions_, [&](const Decision& decision) { return decision.transition == transition; });
}

}  // namespace annals::fsm
