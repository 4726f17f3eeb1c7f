#include "fsm/operations/restart.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/text/say.h"
#include "fsm/view/members.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

// Members look at their configuration every ten seconds, each at its own time.
constexpr auto kEveryoneHasLooked = 15s;
constexpr auto kFirstPause = 30s;  // before a replica that still wants to is restarted again

// A replica must not have less of these than its leader (PostgreSQL, "Hot Standby", Administrator's
// Overview).
constexpr std::array kNotBelowLeader{"max_connections", "max_worker_processes", "max_wal_senders",
                                     "max_prepared_transactions", "max_locks_per_transaction"};

long number_at(const std::string& text, std::size_t place) {
  long number = 0;
  std::from_chars(text.data() + place, text.data() + text.size(), number);
  return number;
}

// "max_connections 200 -> 100": as the lens for pods writes it.
bool goes_down(const std::string& pending) {
  return std::ranges::any_of(kNotBelowLeader, [&](const char* parameter) {
    const std::size_t place = pending.find(concat(parameter, " "));
    if (place == std::string::npos) return false;
    const std::size_t before = pending.find(' ', place) + 1;
    const std::size_t arrow = pending.find(" -> ", before);
    if (arrow == std::string::npos) return false;
    return number_at(pending, arrow + 4) < number_at(pending, before);
  });
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
        (!was_restarted(state, member, leader_waits) || is_due_again(state, member)))
      return &member;
  }
  return leader_waits ? leader : nullptr;
}

Wait wait_for_peace(const std::vector<Member>& members) {
  for (const Member& member : members) {
    const std::string name = manifests::names::instance_pod(member.instance);
    if (!member.available)
      return {
          .over = false, .waits_for = say::pod_to_be_ready(name), .cure = say::describe_pod(name)};
    if (!member.leads && !member.follows)
      return {
          .over = false, .waits_for = say::pod_to_stream(name, ""), .cure = say::patroni_log(name)};
  }
  return {.over = true};
}

void restart(StepBuilder& builder, const Member& member, bool leader_waits) {
  ClusterState& state = builder.state();
  const std::string target = "postgres/" + member.pod->name;
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  count_again(state, member);
  builder.decide(
      {.machine = kRestart.name,
       .transition = "restart-postgres",
       .reason =
           say::restarting_postgres(member.pod->name, std::get<Restart>(state.operation).reason),
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
  return Begin{.operation = Restart{.reason = reason, .since = state.now},
               .reason = say::restart_pending(reason),
               .inputs = {}};
}

Message withdrawn(const OperationView& /*view*/) { return {}; }

void observe(const OperationView& view) {
  if (view.state.phase == ProvisionPhase::kDone) note_restarts_in_vain(view.state, view.members);
}

Wait postgres_started(const OperationView& view) {
  if (!is_restarting(view.state)) return {.over = true};
  return {.over = false, .waits_for = say::restart_to_finish()};
}

Wait members_stable(const OperationView& view) { return wait_for_peace(view.members); }

// The order depends on what all of them say.
Wait members_reported(const OperationView& view) {
  if (next_one(view.state, view.members) == nullptr ||
      std::ranges::all_of(view.members, is_pending_restart))
    return {.over = true};
  return {.over = false, .waits_for = say::members_to_report_restart()};
}

Wait parameters_in_effect(const OperationView& view) {
  const Member* next = next_one(view.state, view.members);
  if (next == nullptr) return {.over = true};
  return {.over = false,
          .waits_for = say::postgres_to_restart(next->pod->name),
          .cure = say::patroni_log(next->pod->name)};
}

Wait restart_next(StepBuilder& builder, const OperationView& view) {
  Wait wait = parameters_in_effect(view);
  const Member& leader = *view.primary;
  const bool leader_waits =
      is_pending_restart(leader) && !was_restarted(builder.state(), leader, false);
  restart(builder, *next_one(builder.state(), view.members), leader_waits);
  return wait;
}

Message complete(StepBuilder& /*builder*/, const OperationView& /*view*/) {
  return say::no_restart_pending();
}

bool is_restart_due(ClusterState& state) {
  return std::ranges::any_of(
      state.pods, [](const auto& entry) { return !entry.second.pending_restart.empty(); });
}

constexpr std::array kGoals{
    Goal{"postgres-started", 5min, postgres_started}, Goal{"members-stable", 5min, members_stable},
    Goal{"members-reported", kEveryoneHasLooked, members_reported, nullptr, Late::kSkip},
    Goal{"parameters-in-effect", 5min, parameters_in_effect, restart_next}};

}  // namespace

const OperationKind kRestart{.name = "restart",
                             .wanted = wanted,
                             .withdrawn = withdrawn,
                             .goals = kGoals,
                             .complete = complete,
                             .observe = observe,
                             .is_asked = is_restart_due};

}  // namespace annals::fsm
