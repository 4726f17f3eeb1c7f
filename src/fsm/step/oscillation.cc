#include "fsm/step/oscillation.h"

#include <chrono>

#include "base/concat.h"
#include "fsm/step/events.h"
#include "fsm/text/say.h"
#include "fsm/text/sentence.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kCount = 3;
constexpr auto kWindow = 10min;
constexpr auto kPause = 5min;
constexpr const char* kOurName = "annals";  // as metadata.managedFields has it

bool is_oscillating(ClusterState& state, const std::string& target) {
  const auto repairs = state.repairs.find(target);
  if (repairs == state.repairs.end()) return false;
  std::erase_if(repairs->second, [&](Timestamp time) { return time + kWindow < state.now; });
  return repairs->second.size() >= kCount;
}

Message name_of(const Actor& writer) {
  if (writer.manager.empty()) return say::unknown_manager();
  return say::manager_of(writer.manager, writer.operation, writer.time);
}

void back_off(StepBuilder& builder, const ExternalChange& change) {
  ClusterState& state = builder.state();
  const Message other = name_of(change.writer);
  const Message conflict = say::two_writers(kOurName, other, change.target);
  state.repairs[change.target].erase(state.repairs[change.target].begin());  // one try after it
  Retry& retry = state.retries[change.target];
  retry = {.failures = retry.failures, .due = state.now + kPause, .error = conflict};
  const Message reported = say::oscillation(conflict, change.reason, kCount);
  builder.decide({.machine = "desired-set",
                  .transition = "oscillation",
                  .reason = reported,
                  .inputs = {{.name = "mended-recently", .value = concat(kCount), .holds = true},
                             {.name = "writer", .value = kOurName, .holds = true},
                             {.name = "other-writer", .value = sentence(other), .holds = true}},
                  .intents = {}});
  report_event_once(builder, EventType::kWarning, "Oscillation", say::oscillation_event(reported));
}

}  // namespace

bool may_repair(StepBuilder& builder, const ExternalChange& change) {
  ClusterState& state = builder.state();
  if (is_oscillating(state, change.target)) {
    back_off(builder, change);
    return false;
  }
  state.repairs[change.target].push_back(state.now);
  return true;
}

}  // namespace annals::fsm
