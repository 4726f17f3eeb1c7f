#include "fsm/machines/stanzas.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "fsm/step/backup_job.h"
#include "fsm/step/events.h"
#include "fsm/step/repository_query.h"
#include "fsm/step/waits.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/in_sync.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/place_rivals.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_cipher.h"
#include "fsm/view/repository_host.h"
#include "fsm/view/repository_stanzas.h"
#include "fsm/view/repository_writers.h"
#include "fsm/view/standby.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr auto kBetweenProbes = 1min;
constexpr auto kUsual = 5min;
constexpr auto kWhileOthersWrite = 24h;
constexpr auto kByPeopleAlone = 0s;  // overdue at once: other repositories do not wait for it

constexpr BackupJobKind kStanza{.purpose = manifests::BackupPurpose::kStanza,
                                .what = "stanza",
                                .infix = "-stanza-",
                                .event = "StanzaFailed"};

// As waits are known by.
constexpr std::array kMachines{"stanza-repo1", "stanza-repo2", "stanza-repo3", "stanza-repo4"};

const char* machine_of(const std::string& repo) {
  const auto found = std::ranges::find_if(
      kMachines, [&](std::string_view machine) { return machine.ends_with(repo); });
  return found == kMachines.end() ? kMachines.front() : *found;
}

void decide(StepBuilder& builder, const std::string& repo, const char* transition,
            const Message& reason) {
  builder.decide({.machine = machine_of(repo),
                  .transition = transition,
                  .reason = reason,
                  .inputs = {{.name = "repository", .value = repo, .holds = true}},
                  .intents = {}});
}

// ---- The repositories of the spec

// What an older version knew: all stanzas or none.
void take_over(ClusterState& state) {
  const Rendered& all = rendered(state);
  BackupProgress& its = state.backup;
  if (!its.stanzas.empty() || its.repositories.empty()) return;
  if (its.repositories != all.repositories) {
    its = {};
    state.rendered.reset();
    return;
  }
  const bool created = its.phase != BackupPhase::kStanza;
  for (const RepositoryPlace& place : all.places)
    its.stanzas[place.repo] = {.place = place.text, .created = created};
  if (!created) return;
  its.replica_repo = all.places.front().repo;
  its.first = concat(its.replica_repo, " ", all.places.front().text);
}

// Its claim, where it was on a volume: nobody removes it.
std::string kept_claim(const ClusterState& state, const std::string& repo) {
  const ObjectRef claim{.api_version = "v1",
                        .kind = "PersistentVolumeClaim",
                        .name_space = state.spec->name_space,
                        .name = manifests::names::repo_volume(state.spec->name, repo)};
  return state.objects.contains(claim) ? claim.name : std::string();
}

void tell(StepBuilder& builder, const std::string& repo, const char* transition, const char* event,
          const Message& what) {
  decide(builder, repo, transition, what);
  report_event_once(builder, EventType::kWarning, event, what);
  builder.state().repositories.erase(repo);
  builder.state().verified.erase(repo);
}

void note_dropped(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const std::vector<RepositoryPlace>& places = rendered(state).places;
  std::vector<std::pair<std::string, std::string>> dropped;
  for (const auto& [repo, its] : state.backup.stanzas) {
    if (std::ranges::find(places, repo, &RepositoryPlace::repo) == places.end())
      dropped.emplace_back(repo, its.place);
  }
  for (const auto& [repo, place] : dropped) {
    tell(builder, repo, "forget", "RepositoryRemoved",
         say::repository_dropped(repo, place, kept_claim(state, repo)));
    state.backup.stanzas.erase(repo);
  }
}

// A journal that begins with a cluster takes the status for its word.
bool is_found(const ClusterState& state, const std::string& repo) {
  return state.backup.repositories.empty() && !state.begun_here &&
         state.spec->stanzas.contains(repo);
}

void note_moved(StepBuilder& builder, const RepositoryPlace& place) {
  ClusterState& state = builder.state();
  const auto known = state.backup.stanzas.find(place.repo);
  if (known != state.backup.stanzas.end()) {
    if (known->second.place == place.text) return;
    tell(builder, place.repo, "begin-anew", "RepositoryMoved",
         say::repository_moved(place.repo, known->second.place, place.text));
  }
  state.backup.stanzas[place.repo] = {.place = place.text, .found = is_found(state, place.repo)};
  state.rendered.reset();
}

void note_repositories(StepBuilder& builder) {
  ClusterState& state = builder.state();
  take_over(state);
  note_dropped(builder);
  const std::vector<RepositoryPlace> places = rendered(state).places;
  for (const RepositoryPlace& place : places) note_moved(builder, place);
  state.backup.repositories = rendered(state).repositories;
}

// ---- The stanza of one of them

BackupTask task_of(ClusterState& state, const std::string& repo) {
  StanzaProgress& its = state.backup.stanzas.at(repo);
  return {.kind = kStanza,
          .machine = machine_of(repo),
          .repo = repo,
          .subject = concat(repo, "/", its.place),
          .its = {its.attempt, its.retry_at, its.last_failure},
          .options = {}};
}

void note_created(StepBuilder& builder, const BackupTask& task) {
  ClusterState& state = builder.state();
  StanzaProgress& its = state.backup.stanzas.at(task.repo);
  const bool was_failing = its.last_failure.has_value();
  its.created = true;
  reset(task.its);
  state.repositories.erase(task.repo);
  state.rendered.reset();
  const Message made = say::stanza_created(task.repo, its.place);
  decide(builder, task.repo, "stanza-created", made);
  if (was_failing) report_event_once(builder, EventType::kNormal, "StanzaCreated", made);
}

// A pod each minute would be too much. What can be read again is tried at once.
void probe(StepBuilder& builder, const BackupTask& task) {
  ClusterState& state = builder.state();
  if (!task.its.retry_at || !task.its.last_failure) return;
  const RepositorySeen* seen = repository_seen(state, task.repo);
  Timestamp last = task.its.last_failure->at;
  if (seen != nullptr) last = std::max(last, seen->at);
  // Whose database it is, is told at once.
  const bool is_urgent = is_of_other_database(*task.its.last_failure) && seen == nullptr;
  if (is_urgent || last + kBetweenProbes <= state.now)
    return ask_repository(builder, task.machine, task.repo,
                          say::repository_needs_stanza(task.repo));
  requeue_at(state, last + kBetweenProbes);
}

struct Obstacle {
  const char* transition;
  Duration limit;
  Wait wait;
};

// The primary's archive and the stanza belong to one database: it must be there first.
Wait wait_for_database(ClusterState& state) {
  if (is_bootstrapped(state) && primary(state) != nullptr) return {.satisfied = true};
  return {.satisfied = false, .waits_for = say::primary_awaited("")};
}

// Another repository has its stanza or gets it, and replicas wait for the first backup there, more
// than for this one. A backup that fails holds up nothing.
bool is_first_backup_next(const ClusterState& state, const std::string& failed) {
  if (state.backup.phase == BackupPhase::kDone || state.backup.last_failure) return false;
  return std::ranges::any_of(state.backup.stanzas, [&failed](const auto& each) {
    return each.first != failed && !each.second.last_failure;
  });
}

// A Job of before it would make the stanza at the former place.
Wait wait_for_configuration(ClusterState& state) {
  const std::string name = manifests::names::pgbackrest_config(state.spec->name);
  const std::vector<Wanted>& wanted = rendered(state).wanted;
  const auto found = std::ranges::find_if(wanted, [&name](const Wanted& each) {
    return each.ref.kind == "ConfigMap" && each.ref.name == name;
  });
  if (found == wanted.end() || in_sync(state, *found)) return {.satisfied = true};
  return wait_for_object(state, *found);
}

// Further attempts have one deadline.
Obstacle begin(StepBuilder& builder, const BackupTask& task) {
  ClusterState& state = builder.state();
  const bool has_failed = task.its.attempt > 0;
  const char* begun = has_failed ? "stanza-created" : "stanza-begun";
  if (is_job_begun(state, task)) return {begun, kUsual, wait_for_job(state, task)};
  if (Wait wait = wait_for_database(state); !wait.satisfied) return {begun, kUsual, wait};
  if (Wait wait = wait_for_configuration(state); !wait.satisfied) return {begun, kUsual, wait};
  if (Wait wait = wait_for_host_of(state, task.repo); !wait.satisfied) return {begun, kUsual, wait};
  if (has_failed && is_first_backup_next(state, task.repo))
    return {begun,
            kWhileOthersWrite,
            {.satisfied = false, .waits_for = say::first_backup_before(state.backup.replica_repo)}};
  if (Wait wait = no_other_writer(state, ref_of(state, task).name); !wait.satisfied)
    return {has_failed ? begun : "stanza-may-begin", kWhileOthersWrite, wait};
  start_job(builder, task);
  return {begun, kUsual, wait_for_job(state, task)};
}

Obstacle go_on(StepBuilder& builder, const BackupTask& task) {
  ClusterState& state = builder.state();
  if (job_of(state, task) == nullptr) return begin(builder, task);
  const bool had_failed = task.its.last_failure.has_value();
  follow_job(builder, task);
  if (task.its.last_failure.has_value() != had_failed) state.rendered.reset();
  probe(builder, task);
  const bool is_refused = task.its.attempt == 0 && is_without_pod(state, task);
  return {is_refused ? "stanza-has-pod" : "stanza-created", kUsual, wait_for_job(state, task)};
}

// Nothing is begun where another cluster is.
void wait_for_place(StepBuilder& builder, const RepositoryPlace& place, const PlaceRival& holder) {
  note_wait(
      builder, {machine_of(place.repo), "place-free", kByPeopleAlone},
      {.satisfied = false,
       .waits_for = say::place_to_be_free(place.text, place.repo, holder.cluster, holder.repo),
       .remedy = say::choose_another_place(place.repo, holder.cluster)});
}

void pursue_stanza(StepBuilder& builder, const RepositoryPlace& place) {
  ClusterState& state = builder.state();
  const BackupTask task = task_of(state, place.repo);
  if (is_job_complete(state, task)) return note_created(builder, task);
  if (const PlaceRival* holder = holder_of(state, place))
    return wait_for_place(builder, place, *holder);
  const Obstacle obstacle = go_on(builder, task);
  note_wait(builder, {task.machine, obstacle.transition, obstacle.limit}, obstacle.wait);
}

// Another one is a mistake in the specification from here on, so that this is the one that is used.
void note_cipher(ClusterState& state, const std::string& repo) {
  StanzaProgress& its = state.backup.stanzas.at(repo);
  if (its.created && !its.cipher) its.cipher = cipher_of(rendered(state).cluster, repo);
}

}  // namespace

void decide_stanzas(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (state.phase != ProvisionPhase::kDone) return;
  if (follows_another(state) || (is_being_promoted(state) && !is_sql_in_sync(state))) return;
  if (rendered(state).places.empty()) {
    if (state.backup.repositories.empty()) return;
    state.backup = {};
    state.rendered.reset();
    return;
  }
  note_repositories(builder);
  const std::vector<RepositoryPlace> places = rendered(state).places;
  for (const RepositoryPlace& place : places) {
    if (!state.backup.stanzas.at(place.repo).created) pursue_stanza(builder, place);
    note_cipher(state, place.repo);
  }
}

}  // namespace annals::fsm
