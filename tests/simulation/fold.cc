#include "tests/simulation/fold.h"

#include <algorithm>
#include <utility>

#include "base/concat.h"
#include "fsm/codec/codec.h"
#include "fsm/codec/state_codec.h"
#include "history/history.h"
#include "tests/simulation/renderings.h"

namespace annals::simulation {
namespace {

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

// What is decided because of one input, computed anew, and how much of it was met in the journal.
struct Expected {
  std::vector<std::string> outputs;
  std::size_t met = 0;
};

class Folding {
 public:
  explicit Folding(Folded& folded) : folded_(folded) {}

  // The newest of each cluster comes last.
  void start_at(const std::vector<journal::Snapshot>& snapshots) {
    std::map<ClusterUid, const journal::Snapshot*> newest;
    for (const journal::Snapshot& snapshot : snapshots) newest[snapshot.cluster] = &snapshot;
    for (const auto& [cluster, snapshot] : newest) {
      Result<fsm::DecodedSnapshot> decoded = fsm::decode_snapshot(snapshot->content);
      if (!decoded) {
        folded_.unreadable = to_string(decoded.error());
        return;
      }
      folded_.states[cluster] = std::move(decoded->state);
      covered_[cluster] = snapshot->seq;
    }
  }

  void take(const journal::Record& record) {
    folded_.epoch = record.epoch;
    if (is_covered(record)) return;
    if (history::is_input(record)) return take_input(record);
    // An intent follows its decision, and that the input.
    if (record.kind == journal::Kind::kDecision) cause_ = record.cause;
    const auto expected = expected_.find(cause_);
    if (expected == expected_.end()) return trouble(record, "was never decided");
    Expected& outputs = expected->second;
    if (outputs.met >= outputs.outputs.size()) return trouble(record, "is one too many");
    const std::string& computed = outputs.outputs[outputs.met++];
    if (computed != record.payload) trouble(record, concat("is now decided as ", computed));
    if (outputs.met == outputs.outputs.size()) expected_.erase(expected);
  }

 private:
  // What a decision or an intent follows from may stand before the snapshot, too.
  bool is_covered(const journal::Record& record) {
    const auto until = covered_.find(record.cluster);
    if (until == covered_.end()) return false;
    if (record.seq <= until->second) return true;
    if (record.kind == journal::Kind::kDecision) cause_ = record.cause;
    return !history::is_input(record) && cause_ <= until->second;
  }

  void take_input(const journal::Record& record) {
    Result<fsm::Event> event = history::event_of(record);
    if (!event) {
      folded_.unreadable = to_string(event.error());
      return;
    }
    auto [place, is_new] = folded_.states.try_emplace(record.cluster);
    if (is_new) place->second = fsm::initial_state(record.cluster);
    fsm::Step step = fsm::step(std::move(place->second), *event, &shared_renderings());
    if (!step.decisions.empty()) expected_[record.seq] = {.outputs = outputs_of(step)};
    place->second = std::move(step.state);
  }

  void trouble(const journal::Record& record, const std::string& why) {
    if (folded_.troubles.size() > 5) return;
    folded_.troubles.push_back(
        concat("record ", record.seq, " (", record.payload.substr(0, 200), ") ", why));
  }

  Folded& folded_;
  std::map<Sequence, Expected> expected_;
  std::map<ClusterUid, Sequence> covered_;  // by its snapshot
  Sequence cause_;
};

}  // namespace

Folded fold(const Disk& disk, FoldFrom from) {
  Folded folded;
  const Result<std::vector<journal::Record>> records = disk.read();
  if (!records) {
    folded.unreadable = to_string(records.error());
    return folded;
  }
  Folding folding(folded);
  if (from == FoldFrom::kSnapshots) folding.start_at(disk.snapshots());
  for (const journal::Record& record : *records) folding.take(record);
  return folded;
}

struct RunningFold::Kept {
  explicit Kept(std::uint64_t of) : generation(of) {}

  std::uint64_t generation;
  std::size_t taken = 0;
  Folded folded;
  Folding folding{folded};
};

RunningFold::RunningFold() = default;
RunningFold::~RunningFold() = default;
RunningFold::RunningFold(RunningFold&&) noexcept = default;
RunningFold& RunningFold::operator=(RunningFold&&) noexcept = default;

const Folded& RunningFold::of(const Disk& disk) {
  if (!kept_ || kept_->generation != disk.generation())
    kept_ = std::make_unique<Kept>(disk.generation());
  const Result<std::vector<journal::Record>> records = disk.read(kept_->taken);
  if (!records) {
    kept_->folded.unreadable = to_string(records.error());
    return kept_->folded;
  }
  for (const journal::Record& record : *records) kept_->folding.take(record);
  kept_->taken += records->size();
  return kept_->folded;
}

std::string difference(const fsm::ClusterState& a, const fsm::ClusterState& b) {
  const std::string one = fsm::encode_state(a);
  const std::string other = fsm::encode_state(b);
  if (one == other) return {};
  const auto at = static_cast<std::size_t>(std::ranges::mismatch(one, other).in1 - one.begin());
  const std::size_t from = at < 60 ? 0 : at - 60;
  return concat("'", one.substr(from, 120), "' and '", other.substr(from, 120), "'");
}

}  // namespace annals::simulation
