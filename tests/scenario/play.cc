#include "tests/scenario/play.h"

#include <algorithm>
#include <utility>

#include "base/concat.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standing_look.h"

namespace annals::scenario {
namespace {

using fsm::ClusterState;
using fsm::Intent;

constexpr const char* kNamespace = "ns";
constexpr int kMaxRounds = 100;
constexpr int kMaxLooks = 1000;

bool is_led(const ClusterState& state) {
  return std::ranges::any_of(state.pods,
                             [](const auto& entry) { return entry.second.role == "master"; });
}

// The pod of a StatefulSet that has none yet; false when each has one.
bool start_next_pod(Play& play, const std::string& but) {
  if (but == "pods") return false;
  const ClusterState& state = play.stage.state();
  for (const auto& [ref, object] : state.objects) {
    const std::string name = ref.name + "-0";
    if (ref.kind != "StatefulSet" || state.pods.contains(name) || name == but) continue;
    fsm::PodObserved pod = play.kubernetes.pod(state, name);
    pod.phase = "Running";
    pod.ready = true;
    if (!pod.instance.empty()) {
      const bool leads = !is_led(state);
      pod.role = leads ? "master" : "replica";
      pod.member = leads ? "running" : "streaming";
    }
    play.stage.tell("pod " + name, pod);
    return true;
  }
  return false;
}

bool complete_next_job(Play& play) {
  for (const auto& [ref, object] : play.stage.state().objects) {
    if (ref.kind != "Job" || object.fields.job->complete) continue;
    fsm::ObjectObserved ended = object;
    ended.fields.job.edit().complete = true;
    play.stage.tell("job " + ref.name, std::move(ended));
    return true;
  }
  return false;
}

}  // namespace

void start_operator(Play& play, bool state_carried_over) {
  play.stage.tell("operator starts",
                  fsm::OperatorStarted{.identity = "annals-0",
                                       .journal_reset = false,
                                       .state_carried_over = state_carried_over});
  play.stage.tell("operator says how it is configured",
                  fsm::OperatorConfigured{.version = play.version,
                                          .name_space = "annals",
                                          .images = {{"RELATED_IMAGE_POSTGRES_15", "postgres:15"},
                                                     {"RELATED_IMAGE_PGBACKREST", "pgbackrest"}},
                                          .behaviour = fsm::kBehaviour,
                                          .served = {},
                                          .rules = play.version});
}

void tell_resource(Play& play, const std::string& what, const std::string& manager,
                   bool is_deleting) {
  const bool is_new = !play.stage.state().spec.has_value();
  if (is_new) start_operator(play, false);
  play.resource["metadata"]["namespace"] = kNamespace;
  const std::string time = annals::to_string(play.stage.now());
  fsm::SpecObserved spec{.name_space = kNamespace,
                         .name = play.resource.at("metadata").at("name").text(),
                         .generation = ++play.generation,
                         .deleting = is_deleting,
                         .finalized = !is_new && play.stage.state().spec->finalized,
                         .resource = play.resource.dump(),
                         .actor = {.manager = manager,
                                   .operation = "Update",
                                   .time = concat(time.substr(0, time.find('.')), "Z")}};
  play.stage.tell(what, std::move(spec));
  if (is_new) play.stage.tell("everything is listed", fsm::Synced{});
}

std::optional<Intent> pending_on(Play& play, const std::string& target) {
  for (const auto& [id, action] : play.stage.state().pending) {
    if (fsm::target_of(action) == target) return Intent{.id = id, .action = action};
  }
  return std::nullopt;
}

void succeed(Play& play, const Intent& intent) {
  const fsm::Outcome outcome = play.kubernetes.success(play.stage.state(), intent);
  play.stage.tell("done " + outcome.target, outcome);
  for (Fact& fact : play.kubernetes.follow_up(play.stage.state(), intent))
    play.stage.tell(fact.what, std::move(fact.input));
}

void carry_out(Play& play, const std::set<std::string>& but) {
  for (int round = 0; round < kMaxRounds; ++round) {
    const std::map<fsm::IntentId, fsm::Action> pending = play.stage.state().pending;
    bool any = false;
    for (const auto& [id, action] : pending) {
      if (but.contains(fsm::target_of(action)) || !play.stage.state().pending.contains(id))
        continue;
      const Intent intent{.id = id, .action = action};
      // A look that stands is no news.
      if (fsm::is_standing(action) &&
          fsm::finds_nothing_new(action, play.kubernetes.success(play.stage.state(), intent)))
        continue;
      any = true;
      succeed(play, intent);
    }
    if (!any) return;
  }
}

bool advance(Play& play, Duration by) {
  const Timestamp end = play.stage.now() + by;
  for (int look = 0; look < kMaxLooks; ++look) {
    const std::optional<Timestamp> due = fsm::next_due(play.stage.state());
    if (!due || *due > end) {
      play.stage.set_time(end);
      return true;
    }
    play.stage.set_time(std::max(*due, play.stage.now()));
    play.stage.tell("timer", fsm::TimerFired{.name = "due"});
  }
  return false;
}

void store_patroni_state(Play& play) {
  const fsm::ObjectRef ref = fsm::patroni_store(play.stage.state());
  fsm::ObjectObserved store{.ref = ref,
                            .uid = concat("uid-of-", fsm::to_string(ref)),
                            .digest = {},
                            .fields = {},
                            .actor = {}};
  store.fields.patroni = {{.initialize = "8000000000000000001",
                           .config = fsm::rendered(play.stage.state()).patroni_digest,
                           .failsafe = "true"}};
  if (fsm::rendered(play.stage.state()).patroni.contains("\"standby_cluster\":"))
    store.fields.patroni.edit().standby = "true";
  play.stage.tell("Patroni stores its state", std::move(store));
}

void bring_up(Play& play, const std::string& but) {
  for (int round = 0; round < kMaxRounds; ++round) {
    carry_out(play);
    const bool is_stored = !fsm::system_identifier(play.stage.state()).empty();
    if (is_led(play.stage.state()) && !is_stored) {
      store_patroni_state(play);
    } else if (!start_next_pod(play, but) && !complete_next_job(play)) {
      return;
    }
  }
}

fsm::ObjectRef ref_of(Play& play, const std::string& target) {
  if (const fsm::ObjectObserved* object = find_object(play, target)) return object->ref;
  const std::size_t slash = target.find('/');
  fsm::ObjectRef ref{.api_version = "v1",
                     .kind = target.substr(0, slash),
                     .name_space = kNamespace,
                     .name = target.substr(slash + 1)};
  if (ref.kind == "StatefulSet") ref.api_version = "apps/v1";
  if (ref.kind == "Job") ref.api_version = "batch/v1";
  return ref;
}

const fsm::ObjectObserved* find_object(Play& play, const std::string& target) {
  for (const auto& [ref, object] : play.stage.state().objects) {
    if (fsm::to_string(ref) == target) return &object;
  }
  return nullptr;
}

}  // namespace annals::scenario
