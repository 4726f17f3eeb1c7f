#include "fsm/machines/provision.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "fsm/step/engine.h"
#include "fsm/step/users.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/in_sync.h"
#include "fsm/view/namesake.h"
#include "fsm/view/pod_trouble.h"
#include "fsm/view/rendering.h"
#include "fsm/view/restore_progress.h"
#include "fsm/view/standby.h"

namespace annals::fsm {
namespace provision {
namespace {

using namespace std::chrono_literals;

// Without one no machine is asked.
Wait spec_accepted(const OperationView& /*view*/) { return {.satisfied = true}; }

Wait objects_in_sync(const OperationView& view) {
  ClusterState& state = view.state;
  Wait clean = wait_for_own_patroni_state(state);
  if (!clean.satisfied) return clean;
  const Wanted* missing = first_not_in_sync(state);
  if (missing == nullptr) return {.satisfied = true};
  return wait_for_object(state, *missing);
}

// A pod that is well says nothing of what keeps the others, and one that waits for another nothing
// of what keeps that one.
auto pod_to_tell_of(ClusterState& state) {
  const auto is_kept = [](const auto& entry) { return !entry.second.ready; };
  auto at = std::ranges::find_if(state.pods, [&](const auto& entry) {
    return is_kept(entry) && !entry.second.problem.empty();
  });
  if (at == state.pods.end()) at = std::ranges::find_if(state.pods, is_kept);
  return at == state.pods.end() ? state.pods.begin() : at;
}

Wait primary_is_running(const OperationView& view) {
  ClusterState& state = view.state;
  if (leader(state) != nullptr) return {.satisfied = true};
  Wait foreign = wait_for_foreign_patroni_state(state);
  if (!foreign.satisfied) return foreign;
  if (state.pods.empty())
    return {.satisfied = false, .waits_for = say::primary_awaited(say::no_pod_exists())};
  const auto& [name, pod] = *pod_to_tell_of(state);
  const Message trouble = trouble_of(state, pod);
  const std::string phase = pod.phase.empty() ? "unknown" : pod.phase;
  return {.satisfied = false,
          .waits_for = say::primary_awaited(say::pod_in_phase(name, phase, trouble)),
          .remedy = trouble.empty() ? Message() : say::describe_pod_and_logs(name)};
}

template <ProvisionPhase kFrom>
bool is_past(const ClusterState& state) {
  return state.phase > kFrom;
}

template <ProvisionPhase kFrom>
Message leave(ClusterState& state) {
  state.phase = static_cast<ProvisionPhase>(static_cast<std::uint8_t>(kFrom) + 1);
  return say::phase_left(to_string(kFrom), to_string(state.phase));
}

// A goal that is the way out of a phase. A cluster that was open once is not provisioned anew: what
// goes missing later is mended by others.
template <ProvisionPhase kFrom>
constexpr Goal way_out(Goal goal) {
  goal.passed = is_past<kFrom>;
  goal.pass = leave<kFrom>;
  return goal;
}

constexpr std::array kGoals{
    way_out<ProvisionPhase::kNew>({"spec-accepted", 1s, spec_accepted}),
    way_out<ProvisionPhase::kPreparing>({"objects-in-place", 5min, objects_in_sync}),
    way_out<ProvisionPhase::kStarting>({"primary-is-running", 10min, primary_is_running}),
    way_out<ProvisionPhase::kOpening>({"database-is-open", 2min, wait_for_users, open_database}),
};

// While the data of a clone is restored there is no primary to be waited for.
bool goes_on(ClusterState& state) {
  if (state.phase == ProvisionPhase::kStarting && is_data_touched(state)) return false;
  return state.phase != ProvisionPhase::kDone;
}

constexpr std::array kUserGoals{Goal{"users-written", 2min, wait_for_users, open_database}};

// A promotion writes them itself, once there is a primary.
bool are_users_awaited(ClusterState& state) {
  return state.phase == ProvisionPhase::kDone && !is_sql_in_sync(state) &&
         !follows_another(state) && !is_being_promoted(state);
}

}  // namespace
}  // namespace provision

std::string to_string(ProvisionPhase phase) {
  switch (phase) {
    case ProvisionPhase::kNew:
      return "New";
    case ProvisionPhase::kPreparing:
      return "Preparing";
    case ProvisionPhase::kStarting:
      return "Starting";
    case ProvisionPhase::kOpening:
      return "Opening";
    case ProvisionPhase::kDone:
      return "Done";
  }
  return "Unknown";
}

const OperationKind kProvision{
    .name = "provision", .goals = provision::kGoals, .goes_on = provision::goes_on};

const OperationKind kUsers{
    .name = "users", .goals = provision::kUserGoals, .goes_on = provision::are_users_awaited};

}  // namespace annals::fsm
