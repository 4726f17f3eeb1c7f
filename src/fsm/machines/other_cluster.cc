#include "fsm/machines/other_cluster.h"

#include <chrono>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/events.h"
#include "fsm/step/waits.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/other_cluster.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"
#include "fsm/view/standby_progress.h"
#include "fsm/view/standing_look.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr const char* kOtherCluster = "other-cluster";
constexpr std::chrono::seconds kBetweenLooksAtOther = 15s;
constexpr std::chrono::seconds kBetweenLooksOfAPrimary = 30s;
// Only people can change that, so it is told as a problem at once.
constexpr WaitLimit kOtherToStop{kOtherCluster, "other-cluster-stopped", Duration::zero()};

ReadStandby question_to_other(ClusterState& state, const PodObserved& pod) {
  const spec::Standby& other = *rendered(state).cluster.spec.standby;
  ReadStandby question{.digest = {},
                       .host = {},
                       .authority_secret = {},
                       .pod = pod.name,
                       .container = manifests::kDatabaseContainer,
                       .source = {.host = other.host,
                                  .port = other.port_of_host(),
                                  .user = manifests::kReplicationUser,
                                  .certificates = manifests::paths::kReplicationCertificates},
                       .volume_only = true,
                       .leader = pod.uid};
  question.digest = sha256_hex(
      concat(question.source.host, ":", question.source.port, "\n", pod.name, "\n", pod.uid));
  if (!state.role.other || state.role.other->pod != pod.name) return question;
  // That the last one has failed is over: that is news.
  if (state.retries.contains(kOtherTarget)) return question;
  question.known = known_of(state.role.other->its, 0);
  question.figures = numbers_of(state.role.other->its);
  question.every =
      (leader(state) == nullptr ? kBetweenLooksAtOther : kBetweenLooksOfAPrimary).count();
  return question;
}

void ask_other(StepBuilder& builder, const PodObserved& pod) {
  ClusterState& state = builder.state();
  if (is_pending_once(state, kOtherTarget) || is_waiting_to_retry(state, kOtherTarget)) return;
  ReadStandby question = question_to_other(state, pod);
  const Action* look = standing_look(state, kOtherTarget);
  if (look != nullptr && std::get<ReadStandby>(*look).digest == question.digest &&
      std::get<ReadStandby>(*look).every == question.every)
    return;
  end_standing_look(state, kOtherTarget);
  const std::string host = question.source.host;
  const PodObserved* who = leader(state);
  builder.decide({.machine = kOtherCluster,
                  .transition = "ask-other-cluster",
                  .reason = who == nullptr ? say::asking_other(host, pod.name)
                                           : say::watching_other(host, pod.name),
                  .inputs = {{.name = "leader",
                              .value = who == nullptr ? std::string() : who->name,
                              .holds = who != nullptr}},
                  .intents = {}},
                 {std::move(question)});
}

void forget_other(ClusterState& state) {
  state.role.other.reset();
  end_standing_look(state, kOtherTarget);
  state.retries.erase(kOtherTarget);
  clear_event(state, kAnotherClusterLeads);
  clear_event(state, kAnotherClusterWrites);
}

bool may_be_held(ClusterState& state) {
  return leader(state) == nullptr && !follows_another(state) &&
         !rendered(state).cluster.spec.shutdown && name_of(state.operation) != kDemotionName;
}

void tell_of_other(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (!another_leads(state)) return clear_event(state, kAnotherClusterLeads);
  const StandbyAnswer& its = state.role.other->its;
  report_event(builder, EventType::kWarning, kAnotherClusterLeads, another_leads_remedy(state));
  note_wait(builder, kOtherToStop,
            {.satisfied = false,
             .waits_for = say::other_cluster_to_stop(its.source.host, its.source.timeline),
             .remedy = another_leads_remedy(state)});
}

// A person has to choose; nobody is stopped, since either may be the one that clients use.
void watch_other(StepBuilder& builder, const PodObserved& pod) {
  ClusterState& state = builder.state();
  clear_event(state, kAnotherClusterLeads);
  ask_other(builder, pod);
  if (!another_writes(state)) return clear_event(state, kAnotherClusterWrites);
  report_event(builder, EventType::kWarning, kAnotherClusterWrites, another_writes_in_words(state));
}

}  // namespace

void decide_other_cluster(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const PodObserved* asks = primary_that_asks(state);
  if (asks != nullptr && name_of(state.operation) != kDemotionName)
    return watch_other(builder, *asks);
  if (!may_be_held(state)) return forget_other(state);
  // What was found stays until somebody leads: by it Patroni's members are told of another spec.
  if (!asks_before_it_leads(state, rendered(state).cluster))
    return end_standing_look(state, kOtherTarget);
  const PodObserved* pod = member_to_ask(state);
  if (pod == nullptr) return end_standing_look(state, kOtherTarget);
  ask_other(builder, *pod);
  tell_of_other(builder);
}

}  // namespace annals::fsm
