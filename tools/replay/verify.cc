#include "verify.h"

#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "fsm/codec.h"
#include "fsm/machine.h"
#include "history/history.h"

namespace annals::replay {
namespace {

struct Expected {
  Sequence cause;
  std::vector<std::string> outputs;  // payloads, in the order in which they are recorded
  std::size_t met = 0;
};

std::vector<std::string> outputs_of(const fsm::Step& step) {
  std::vector<std::string> outputs;
  auto intent = step.intents.begin();
  for (const fsm::Decision& decision : step.decisions) {
    outputs.push_back(fsm::encode(decision).payload);
    for (std::size_t i = 0; i < decision.intents.size(); ++i)
      outputs.push_back(fsm::encode(*intent++).payload);
  }
  return outputs;
}

// One cluster's history while it is run again.
class Stream {
 public:
  explicit Stream(const ClusterUid& uid) : state_(fsm::initial_state(uid)) {}

  void take_input(const fsm::Event& event, Verdict& verdict) {
    verdict.inputs += 1;
    if (std::holds_alternative<fsm::OperatorStarted>(event.input)) {
      verdict.cut_off += expected_.size();
      expected_.clear();
    }
    fsm::Step step = fsm::step(std::move(state_), event);
    std::vector<std::string> outputs = outputs_of(step);
    state_ = std::move(step.state);
    if (!outputs.empty()) expected_.push_back({.cause = event.seq, .outputs = std::move(outputs)});
  }

  void take_output(const journal::Record& record, Verdict& verdict) {
    if (record.kind == journal::Kind::kDecision) skip_to(record.cause, verdict);
    if (expected_.empty()) {
      verdict.differences.push_back(
          {.cause = record.cause, .recorded = record.payload, .computed = {}});
      return;
    }
    Expected& next = expected_.front();
    const std::string& computed = next.outputs[next.met];
    if (computed == record.payload) {
      verdict.outputs += 1;
    } else {
      verdict.differences.push_back(
          {.cause = next.cause, .recorded = record.payload, .computed = computed});
    }
    next.met += 1;
    if (next.met == next.outputs.size()) expected_.pop_front();
  }

  void end(Verdict& verdict) { verdict.cut_off += expected_.size(); }

 private:
  // Decisions are recorded in the order of their causes: an earlier one that is still open was
  // never recorded.
  void skip_to(Sequence cause, Verdict& verdict) {
    while (!expected_.empty() && expected_.front().cause < cause) {
      const Expected& missing = expected_.front();
      verdict.differences.push_back(
          {.cause = missing.cause, .recorded = {}, .computed = missing.outputs[missing.met]});
      expected_.pop_front();
    }
  }

  fsm::ClusterState state_;
  std::deque<Expected> expected_;
};

}  // namespace

Result<Verdict> verify(const journal::Reader& reader) {
  Verdict verdict;
  Result<std::optional<Sequence>> last = reader.last();
  if (!last) return fail(std::move(last).error());
  if (!*last) return verdict;
  std::map<ClusterUid, Stream> streams;
  std::optional<Error> unreadable;
  const Result<void> scanned = reader.scan(Sequence(1), **last, [&](journal::Record&& record) {
    verdict.records += 1;
    if (record.cluster == operator_stream()) return true;
    Stream& stream = streams.try_emplace(record.cluster, record.cluster).first->second;
    if (!history::is_input(record)) {
      stream.take_output(record, verdict);
      return true;
    }
    const Result<fsm::Event> event = history::event_of(record);
    if (!event) {
      unreadable = event.error();
      return false;
    }
    stream.take_input(*event, verdict);
    return true;
  });
  if (!scanned) return fail(scanned.error());
  if (unreadable) return fail(std::move(*unreadable));
  for (auto& [uid, stream] : streams) stream.end(verdict);
  return verdict;
}

}  // namespace annals::replay
