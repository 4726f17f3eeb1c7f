#include "fsm/oscillation.h"

#include <chrono>

#include "base/concat.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kCount = 3;
constexpr auto kWindow = 10min;
constexpr auto kPause = 5min;

bool is_oscillating(ClusterState& state, const std::string& target) {
  const auto healed = state.healed.find(target);
  if (healed == state.healed.end()) return false;
  std::erase_if(healed->second, [&](Timestamp time) { return time + kWindow < state.now; });
  return healed->second.size() >= kCount;
}

void back_off(StepBuilder& builder, const std::string& target, const std::string& reason) {
  ClusterState& state = builder.state();
  Retry& retry = state.retries[target];
  retry = {
      .failures = retry.failures, .due = state.now + kPause, .error = "two writers fight over it"};
  builder.decide(
      {.machine = "desired-set",
       .transition = "oscillation",
       .reason = concat(reason, "; mended ", kCount,
                        " times in ten minutes, so annals waits five before it tries again"),
       .inputs = {{.name = "mended-recently", .value = concat(kCount), .holds = true}},
       .intents = {}});
}

}  // namespace

bool may_mend(StepBuilder& builder, const std::string& target, const std::string& reason) {
  ClusterState& state = builder.state();
  if (is_oscillating(state, target)) {
    back_off(builder, target, reason);
    return false;
  }
  state.healed[target].push_back(state.now);
  return true;
}

}  // namespace annals::fsm
