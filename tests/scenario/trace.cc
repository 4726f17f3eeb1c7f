#include "tests/scenario/trace.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include "base/concat.h"
#include "fsm/text/sentence.h"

namespace annals::scenario {
namespace {

constexpr std::size_t kColumns = 120;  // that a line may have before its inputs get their own

// Hexadecimal digits, as many as the shortest digest that is shown has.
constexpr std::size_t kDigest = 12;
constexpr std::string_view kHexadecimal = "0123456789abcdef";
constexpr const char* kShownDigest = "(digest)";

// Numbers and short words may be there by chance.
bool is_said(const fsm::Decision& decision, const std::string& value) {
  constexpr std::size_t kShort = 8;
  return value.size() >= kShort && sentence(decision.reason).contains(value);
}

// Values that the sentence has already are not said twice.
std::string inputs_of(const fsm::Decision& decision) {
  std::string text;
  for (const fsm::Predicate& input : decision.inputs) {
    if (!text.empty()) text += ", ";
    text += concat(input.name, input.holds ? " yes" : " no");
    const std::string value = without_digests(input.value);
    if (!value.empty() && value != kShownDigest && !is_said(decision, input.value))
      text += concat(" (", value, ")");
  }
  return text.empty() ? text : concat("[", text, "]");
}

// What the action is about besides its target.
struct Details {
  std::string operator()(const fsm::DeleteObject& action) const {
    return action.precondition.empty() ? std::string()
                                       : concat(", only while it is ", action.precondition);
  }
  std::string operator()(const fsm::SwitchOver& action) const {
    return concat(action.forced ? ", a failover" : "", " from ", action.leader, " to ",
                  action.candidate);
  }
  std::string operator()(const fsm::SetFinalizer& action) const {
    return action.present ? ", present" : ", absent";
  }
  std::string operator()(const fsm::EmitEvent& action) const {
    return action.warning ? ", a warning" : "";
  }
  std::string operator()(const fsm::AskPatroni& action) const { return " at " + action.host; }
  std::string operator()(const fsm::ConfigurePatroni& action) const { return " at " + action.host; }
  std::string operator()(const fsm::WriteConfiguration& action) const {
    return concat(", in ", action.ref.kind, "/", action.ref.name);
  }
  std::string operator()(const fsm::Checkpoint& action) const { return " at " + action.host; }
  template <class Other>
  std::string operator()(const Other&) const {
    return {};
  }
};

std::string line_of(const fsm::Guard& guard) {
  return concat("       lost: ", sentence(guard.lost), "; other copy: ", sentence(guard.other_copy),
                "; allowed by: ", sentence(guard.allowed_by), "\n");
}

std::string line_of(const fsm::Intent& intent) {
  std::string text =
      concat("    -> ", fsm::type_of(intent.action), " ", fsm::target_of(intent.action),
             std::visit(Details{}, intent.action), "\n");
  const auto* deletion = std::get_if<fsm::DeleteObject>(&intent.action);
  const auto* apply = std::get_if<fsm::ApplyObject>(&intent.action);
  if (deletion != nullptr) text += line_of(deletion->guard);
  if (apply != nullptr && !apply->guard.lost.empty()) text += line_of(apply->guard);
  return text;
}

std::string block_of(const fsm::Decision& decision, const fsm::Step& step) {
  // The status says what its conditions say, which stand below.
  const bool is_status = decision.machine == "status";
  std::string text = concat("  ", decision.machine, " ", decision.transition,
                            is_status ? std::string() : ": " + sentence(decision.reason));
  text = without_digests(text);
  const std::string inputs = inputs_of(decision);
  const bool fits = text.size() + inputs.size() < kColumns;
  if (!inputs.empty()) text += concat(fits ? " " : "\n    ", inputs);
  text += "\n";
  for (const fsm::Intent& intent : step.intents) {
    const bool is_its = std::ranges::find(decision.intents, intent.id) != decision.intents.end();
    if (is_its) text += line_of(intent);
  }
  return text;
}

std::string in_words(Duration waited) {
  return concat(std::chrono::duration_cast<std::chrono::seconds>(waited).count(), "s");
}

// What is waited for stands in the decision.
bool is_same_wait(const fsm::Blocker& one, const fsm::Blocker& other) {
  return one.transition == other.transition && one.remedy == other.remedy &&
         one.deadline == other.deadline;
}

std::string waits_of(const Before& before, const fsm::Step& step, const Moment& moment) {
  std::string text;
  for (const fsm::WaitEnded& wait : step.waits_ended)
    text +=
        concat("  waited for ", wait.machine, "/", wait.goal, ": ", in_words(wait.waited), "\n");
  for (const auto& [machine, blocker] : step.state.blockers) {
    const auto earlier = before.blockers.find(machine);
    if (earlier != before.blockers.end() && is_same_wait(earlier->second, blocker)) continue;
    text += concat("  waits for ", machine, "/", blocker.transition, " until ",
                   moment(blocker.deadline),
                   blocker.remedy.empty() ? "" : "; remedy: ", sentence(blocker.remedy), "\n");
  }
  return text;
}

// A sentence that a decision has said is not said twice.
std::string line_of(const std::string& type, const fsm::Condition& condition,
                    const fsm::Step& step) {
  const bool is_decision = std::ranges::find(step.decisions, condition.message,
                                             &fsm::Decision::reason) != step.decisions.end();
  if (!is_decision) return scenario::in_words(type, condition);
  return concat(type, condition.status ? " True " : " False ", condition.reason);
}

std::string conditions_of(const Before& before, const fsm::Step& step) {
  std::string text;
  for (const auto& [type, condition] : step.state.conditions) {
    const auto earlier = before.conditions.find(type);
    if (earlier == before.conditions.end() || earlier->second != condition)
      text += concat("  condition ", line_of(type, condition, step), "\n");
  }
  for (const auto& [type, condition] : before.conditions) {
    if (!step.state.conditions.contains(type)) text += concat("  condition ", type, " is gone\n");
  }
  return text;
}

}  // namespace

Before before_step(const fsm::ClusterState& state) {
  return {.blockers = state.blockers, .conditions = state.conditions};
}

std::string trace_of(const Before& before, const fsm::Step& step, const Moment& moment) {
  std::string text;
  for (const fsm::Decision& decision : step.decisions) text += block_of(decision, step);
  return text + waits_of(before, step, moment) + conditions_of(before, step);
}

std::string in_words(const std::string& type, const fsm::Condition& condition) {
  return concat(type, condition.status ? " True " : " False ", condition.reason, ": ",
                sentence(condition.message));
}

std::string without_digests(const std::string& text) {
  std::string short_text;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_not_of(kHexadecimal, at), text.size());
    if (end - at >= kDigest) {
      short_text += kShownDigest;
    } else {
      short_text += text.substr(at, end - at);
    }
    if (end < text.size()) short_text += text[end];
    at = end + 1;
  }
  return short_text;
}

}  // namespace annals::scenario
