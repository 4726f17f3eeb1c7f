#include "tests/scenario/stage.h"

#include <chrono>
#include <utility>

#include "base/concat.h"
#include "fsm/codec/codec.h"
#include "fsm/codec/state_codec.h"
#include "fsm/step/step_builder.h"
#include "tests/scenario/trace.h"

namespace annals::scenario {
namespace {

using namespace std::chrono_literals;

const ClusterUid kUid("uid-of-hippo");

std::string outputs_of(const fsm::Step& step) {
  std::string outputs;
  for (const fsm::Decision& decision : step.decisions)
    outputs += concat(fsm::encode(decision).payload, "\n");
  for (const fsm::Intent& intent : step.intents)
    outputs += concat(fsm::encode(intent).payload, "\n");
  return outputs;
}

}  // namespace

Stage::Stage()
    : state_(fsm::initial_state(kUid)),
      decoded_(fsm::initial_state(kUid)),
      start_(std::chrono::sys_days{2026y / 1 / 2}),
      now_(start_) {}

void Stage::tell(const std::string& what, fsm::Input input) {
  seq_ = seq_.next();
  const fsm::Event event{.seq = seq_, .time = now_, .epoch = Epoch(1), .input = std::move(input)};
  const Before before = before_step(state_);
  fsm::Step step = fsm::step(std::move(state_), event);
  check_codec(what, event, step);
  const std::string trace = trace_of(before, step, [this](Timestamp time) { return moment(time); });
  if (!trace.empty()) trace_ += concat(moment(now_), " ", what, "\n", trace);
  state_ = std::move(step.state);
  for (fsm::Decision& decision : step.decisions) decisions_.push_back(std::move(decision));
  check_again(what, event);
}

void Stage::check_codec(const std::string& what, const fsm::Event& event, const fsm::Step& step) {
  const fsm::Encoded encoded = fsm::encode(event.input);
  Result<fsm::Input> input = fsm::decode_input(encoded.type, encoded.payload);
  if (!input) {
    breaches_.push_back(concat(what, ": its record cannot be read: ", to_string(input.error()),
                               "; mend src/fsm/codec"));
    return;
  }
  fsm::Event again = event;
  again.input = std::move(*input);
  fsm::Step same = fsm::step(std::move(decoded_), again);
  if (outputs_of(same) != outputs_of(step) ||
      fsm::encode_state(same.state) != fsm::encode_state(step.state))
    breaches_.push_back(concat(what, ": read from its record it is decided otherwise: a member of ",
                               encoded.type, " is missing in src/fsm/codec\n", outputs_of(same)));
  decoded_ = std::move(same.state);
}

// An object that has gone twice was made by somebody in between: its write is asked for anew, as
// absorb.cc says. After that one it is enough that nobody asks for more by himself.
void Stage::check_again(const std::string& what, fsm::Event event) {
  event.seq = event.seq.next();
  if (std::holds_alternative<fsm::ObjectGone>(event.input)) event.input = fsm::TimerFired{};
  const fsm::Step again = fsm::step(state_, event);
  for (const fsm::Intent& intent : again.intents) {
    const std::string target = fsm::target_of(intent.action);
    const std::string text = concat(fsm::type_of(intent.action), " ", target);
    if (fsm::is_pending(state_, target)) {
      breaches_.push_back(concat(what, ": told twice it asks once more for ", text,
                                 ": whoever asks looks whether it is pending"));
    } else {
      // Not all of a chain is done in one step; any event does the next part.
      trace_ += concat("  the next event asks for ", text, "\n");
    }
  }
}

std::string Stage::moment(Timestamp time) const {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(time - start_).count();
  std::string text = whole < 0 ? "-" : "+";
  const auto seconds = whole < 0 ? -whole : whole;
  const auto [hours, minutes] = std::pair(seconds / 3600, seconds / 60 % 60);
  if (hours > 0) text += concat(hours, "h");
  if (minutes > 0) text += concat(minutes, "m");
  if (seconds % 60 > 0 || seconds < 60) text += concat(seconds % 60, "s");
  return text;
}

std::string Stage::take_trace() { return std::exchange(trace_, {}); }

std::vector<std::string> Stage::take_breaches() { return std::exchange(breaches_, {}); }

}  // namespace annals::scenario
