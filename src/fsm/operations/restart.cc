#include "fsm/operations/restart.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string_view>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/text/say.h"
#include "fsm/view/members.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace restart {
namespace {

using namespace std::chrono_literals;

// Members look at their configuration every ten seconds, each at its own time.
constexpr auto kEveryoneHasLooked = 15s;
constexpr auto kUntilReported = 30s;  // of a restart: three times as long as a member needs
constexpr auto kFirstPause = 30s;     // before a replica that still wants to is restarted again

// A replica must not have less of these than its leader (PostgreSQL, "Hot Standby", Administrator's
// Overview).
constexpr std::array<std::string_view, 5> kNotBelowLeader{
    "max_connections", "max_worker_processes", "max_wal_senders", "max_prepared_transactions",
    "max_locks_per_transaction"};

long number_in(std::string_view text) {
  long number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// One of "max_connections 200 -> 100, wal_level replica -> logical", as the lens for pods writes
// them: a number that gets smaller, of a parameter for which that matters.
bool is_less_than_before(std::string_view change) {
  constexpr std::string_view kArrow = " -> ";
  const std::size_t name_end = change.find(' ');
  const std::size_t arrow = change.find(kArrow);
  if (arrow == std::string_view::npos || name_end >= arrow) return false;
  if (std::ranges::find(kNotBelowLeader, change.substr(0, name_end)) == kNotBelowLeader.end())
    return false;
  return number_in(change.substr(arrow + kArrow.size())) < number_in(change.substr(name_end + 1));
}

bool goes_down(std::string_view pending) {
  constexpr std::string_view kComma = ", ";
  for (std::size_t at = 0; at < pending.size();) {
    const std::size_t end = std::min(pending.find(kComma, at), pending.size());
    if (is_less_than_before(pending.substr(at, end - at))) return true;
    at = end + kComma.size();
  }
  return false;
}

bool is_pending_restart(const Member& member) {
  return member.pod != nullptr && !member.pod->pending_restart.empty();
}

bool is_due_again(const ClusterState& state, const Member& member) {
  const auto again = state.counters.restarts_again.find(member.pod->name);
  return again != state.counters.restarts_again.end() && again->second.due <= state.now;
}

// A replica keeps the greater value until its leader's smaller one has come to it by the WAL: it is
// asked again, ever more rarely.
void note_restarts_in_vain(ClusterState& state, const std::vector<Member>& members) {
  auto& again = state.counters.restarts_again;
  for (const Member& member : members) {
    if (member.pod == nullptr) continue;
    if (!is_pending_restart(member)) {
      again.erase(member.pod->name);
    } else if (!member.leads) {
      again.try_emplace(member.pod->name, Attempts{.made = 1, .due = state.now + kFirstPause});
    }
  }
}

void count_again(ClusterState& state, const Member& member) {
  const auto again = state.counters.restarts_again.find(member.pod->name);
  if (again == state.counters.restarts_again.end() || again->second.due > state.now) return;
  again->second.due = state.now + kFirstPause * (1 << std::min(again->second.made, 6));
  again->second.made += 1;
}

// One restart for one reason: a replica that still wants to after it waits for its leader's.
std::string digest_of(const Member& member, bool leader_waits) {
  return sha256_hex(concat(member.pod->uid, " ", member.pod->pending_restart,
                           leader_waits ? " before its leader" : ""));
}

bool was_restarted(const ClusterState& state, const Member& member, bool leader_waits) {
  const auto written = state.written.find("postgres/" + member.pod->name);
  return written != state.written.end() && written->second.asked == digest_of(member, leader_waits);
}

const Member* next_one(const ClusterState& state, const std::vector<Member>& members) {
  const Member* leader = leader_among(members);
  if (leader == nullptr) return nullptr;
  const bool leader_waits = is_pending_restart(*leader) && !was_restarted(state, *leader, false);
  if (leader_waits && goes_down(leader->pod->pending_restart)) return leader;
  for (const Member& member : members) {
    if (!member.leads && is_pending_restart(member) &&
        (!was_restarted(state, member, leader_waits) ||
         (!leader_waits && is_due_again(state, member))))
      return &member;
  }
  return leader_waits ? leader : nullptr;
}

Wait wait_until_members_stable(const std::vector<Member>& members) {
  for (const Member& member : members) {
    const std::string name = manifests::names::instance_pod(member.instance);
    if (!member.available)
      return {.satisfied = false,
              .waits_for = say::pod_to_be_ready(name),
              .remedy = say::describe_pod(name)};
    if (!member.leads && !member.follows)
      return {.satisfied = false,
              .waits_for = say::pod_to_stream(name, ""),
              .remedy = say::patroni_log(name)};
  }
  return {.satisfied = true};
}

void restart(StepBuilder& builder, const Member& member, bool leader_waits) {
  ClusterState& state = builder.state();
  const std::string target = "postgres/" + member.pod->name;
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  count_again(state, member);
  Restart& its = std::get<Restart>(state.operation);
  its.pod = member.pod->name;
  its.answered.reset();
  builder.decide(
      {.machine = kRestart.name,
       .transition = "restart-postgres",
       .reason = say::restarting_postgres(member.pod->name, its.reason),
       .inputs = {{.name = "pending-restart", .value = member.pod->pending_restart, .holds = true},
                  {.name = "leads",
                   .value = member.leads ? "true" : "false",
                   .holds = member.leads}},
       .intents = {}},
      {RestartPostgres{.digest = digest_of(member, leader_waits && !member.leads),
                       .pod = member.pod->name,
                       .host = host_of(state, member.pod->name),
                       .authority_secret = manifests::kRootAuthority}});
}

std::optional<Begin> wanted(StepBuilder& builder, const OperationView& view) {
  const ClusterState& state = builder.state();
  if (state.phase != ProvisionPhase::kDone) return std::nullopt;
  const Member* first = next_one(state, view.members);
  if (first == nullptr) return std::nullopt;
  const Message reason =
      say::parameters_pending(first->pod->pending_restart, in_words(state.changes));
  return Begin{
      .operation =
          Restart{.reason = reason, .since = state.now, .pending = first->pod->pending_restart},
      .reason = say::restart_pending(reason),
      .inputs = {}};
}

Message withdrawn(const OperationView& /*view*/) { return {}; }

void observe(const OperationView& view) {
  if (view.state.phase == ProvisionPhase::kDone) note_restarts_in_vain(view.state, view.members);
}

Wait postgres_started(const OperationView& view) {
  if (!is_restarting(view.state)) return {.satisfied = true};
  return {.satisfied = false, .waits_for = say::restart_to_finish()};
}

// What is known of the one that was restarted is of before that, until it says that it no longer
// wants to be. One that has to wait for its leader's value goes on saying so: it has its time.
Wait restart_reported(const OperationView& view) {
  const Restart& its = std::get<Restart>(view.state.operation);
  const auto member = std::ranges::find_if(view.members, [&its](const Member& each) {
    return each.pod != nullptr && each.pod->name == its.pod;
  });
  if (member == view.members.end() || !is_pending_restart(*member)) return {.satisfied = true};
  // It is tried again.
  if (!was_restarted(view.state, *member, false) && !was_restarted(view.state, *member, true))
    return {.satisfied = true};
  if (its.answered && *its.answered + kUntilReported <= view.state.now) return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = say::restart_to_be_reported(its.pod),
          .remedy = say::patroni_log(its.pod)};
}

Wait await_report(StepBuilder& builder, const OperationView& view) {
  Restart& its = std::get<Restart>(builder.state().operation);
  if (!its.answered) its.answered = builder.state().now;
  requeue_at(builder.state(), *its.answered + kUntilReported);
  return restart_reported(view);
}

Wait members_stable(const OperationView& view) { return wait_until_members_stable(view.members); }

// The order depends on what all of them say of these parameters.
Wait members_reported(const OperationView& view) {
  const Restart& its = std::get<Restart>(view.state.operation);
  const auto has_reported = [&its](const Member& member) {
    return is_pending_restart(member) &&
           (its.pending.empty() || member.pod->pending_restart == its.pending);
  };
  if (!its.pod.empty() || next_one(view.state, view.members) == nullptr ||
      std::ranges::all_of(view.members, has_reported))
    return {.satisfied = true};
  return {.satisfied = false, .waits_for = say::members_to_report_restart()};
}

// Values that were changed meanwhile are for an operation of their own: with their own reason, and
// their own order.
bool is_for_another(const Restart& its, const Member& next) {
  return !its.pending.empty() && its.pending != next.pod->pending_restart;
}

Wait parameters_in_effect(const OperationView& view) {
  const Member* next = next_one(view.state, view.members);
  if (next == nullptr || is_for_another(std::get<Restart>(view.state.operation), *next))
    return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = say::postgres_to_restart(next->pod->name),
          .remedy = say::patroni_log(next->pod->name)};
}

Wait restart_next(StepBuilder& builder, const OperationView& view) {
  Wait wait = parameters_in_effect(view);
  const Member& leader = *view.primary;
  const bool leader_waits =
      is_pending_restart(leader) && !was_restarted(builder.state(), leader, false);
  restart(builder, *next_one(builder.state(), view.members), leader_waits);
  return wait;
}

Message complete(StepBuilder& /*builder*/, const OperationView& view) {
  std::vector<std::string> pending;
  for (const Member& member : view.members) {
    if (is_pending_restart(member)) pending.push_back(member.pod->name);
  }
  return pending.empty() ? say::no_restart_pending() : say::restart_still_pending(listed(pending));
}

bool is_restart_due(ClusterState& state) {
  return std::ranges::any_of(
      state.pods, [](const auto& entry) { return !entry.second.pending_restart.empty(); });
}

constexpr std::array kGoals{
    Goal{"postgres-started", 5min, postgres_started},
    Goal{"restart-reported", 5min, restart_reported, await_report},
    Goal{"members-stable", 5min, members_stable},
    Goal{"members-reported", kEveryoneHasLooked, members_reported, nullptr, Late::kSkip},
    Goal{"parameters-in-effect", 5min, parameters_in_effect, restart_next}};

}  // namespace
}  // namespace restart

const OperationKind kRestart{.name = "restart",
                             .wanted = restart::wanted,
                             .withdrawn = restart::withdrawn,
                             .goals = restart::kGoals,
                             .complete = restart::complete,
                             .observe = restart::observe,
                             .is_asked = restart::is_restart_due};

}  // namespace annals::fsm
