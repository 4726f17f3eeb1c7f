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
  const auto healed = state.healed.find(target);
  if (healed == state.healed.end()) return false;
  std::erase_if(healed->second, [&](Timestamp time) { return time + kWindow < state.now; });
  return healed->second.size() >= kCount;
}

Message name_of(const Actor& writer) {
  if (writer.manager.empty()) return say::unknown_manager();
  return say::manager_of(writer.manager, writer.operation, writer.time);
}

void back_off(StepBuilder& builder, const Meddling& meddling) {
  ClusterState& state = builder.state();
  const Message other = name_of(meddling.writer);
  const Message conflict = say::two_writers(kOurName, other, meddling.target);
  state.healed[meddling.target].erase(state.healed[meddling.target].begin());  // one try after it
  Retry& retry = state.retries[meddling.target];
  retry = {.failures = retry.failures, .due = state.now + kPause, .error = conflict};
  const Message reported = say::oscillation(conflict, meddling.reason, kCount);
  builder.decide({.machine = "desired-set",
                  .transition = "oscillation",
                  .reason = reported,
                  .inputs = {{.name = "mended-recently", .value = concat(kCount), .holds = true},
                             {.name = "writer", .value = kOurName, .holds = true},
                             {.name = "other-writer", .value = sentence(other), .holds = true}},
                  .intents = {}});
  tell_once(builder, Tone::kWarning, "Oscillation", say::oscillation_event(reported));
}

}  // namespace

bool may_mend(StepBuilder& builder, const Meddling& meddling) {
  ClusterState& state = builder.state();
  if (is_oscillating(state, meddling.target)) {
    back_off(builder, meddling);
    return false;
  }
  state.healed[meddling.target].push_back(state.now);
  return true;
}

}  // namespace annals::fsm
