#include "verify.h"

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/sha256.h"
#include "fsm/codec/codec.h"
#include "fsm/codec/state_codec.h"
#include "fsm/model/behaviour.h"
#include "history/history.h"
#include "replayer.h"
#include "structure.h"

namespace annals::replay {
namespace {

using nlohmann::json;

struct Expected {
  Sequence cause;
  int behaviour = 0;
  bool told = true;                  // the selection takes it
  std::vector<std::string> outputs;  // payloads, in the order in which they are recorded
  std::size_t met = 0;
};

// One cluster's decisions: what was computed and waits for its record.
class Comparison {
 public:
  Comparison(ClusterUid cluster, Sequence after, std::vector<Sequence> snapshots)
      : cluster_(std::move(cluster)), after_(after), snapshots_(std::move(snapshots)) {}

  void expect(Expected expected) { expected_.push_back(std::move(expected)); }

  // A process has started: what its predecessor had not made durable was never done.
  void restart(Verdict& verdict) {
    for (const Expected& open : expected_) verdict.cut_off += open.told ? 1 : 0;
    expected_.clear();
  }

  void meet(const journal::Record& record, int behaviour, bool told, Verdict& verdict) {
    if (follows_what_was_before(record)) {
      verdict.not_replayed += 1;
      return;
    }
    if (record.kind == journal::Kind::kDecision) skip_to(record.cause, verdict);
    if (expected_.empty()) {
      if (told) tell(difference(record.cause, record.payload, {}, behaviour), verdict);
      return;
    }
    Expected& next = expected_.front();
    const std::string& computed = next.outputs[next.met];
    if (is_same(record.payload, computed, next.behaviour)) {
      verdict.outputs += next.told ? 1 : 0;
    } else if (next.told) {
      tell(difference(next.cause, record.payload, computed, next.behaviour), verdict);
    }
    next.met += 1;
    if (next.met == next.outputs.size()) expected_.pop_front();
  }

  // Whether a snapshot was taken after this record.
  bool has_snapshot(Sequence seq) const { return std::ranges::binary_search(snapshots_, seq); }

 private:
  // An output of an input that stands before the start of the replay, at the seam.
  bool follows_what_was_before(const journal::Record& record) {
    const bool before = record.cause <= after_ || record.cause == decided_before_;
    if (before && record.kind == journal::Kind::kDecision) decided_before_ = record.seq;
    return before && after_ != Sequence();
  }

  // Decisions are recorded in the order of their causes: an earlier one that is still open was
  // never recorded.
  void skip_to(Sequence cause, Verdict& verdict) {
    while (!expected_.empty() && expected_.front().cause < cause) {
      const Expected& missing = expected_.front();
      if (missing.told)
        tell(difference(missing.cause, {}, missing.outputs[missing.met], missing.behaviour),
             verdict);
      expected_.pop_front();
    }
  }

  // By the same rules it is the same to the byte.
  static bool is_same(const std::string& recorded, const std::string& computed, int behaviour) {
    if (behaviour == fsm::kBehaviour) return recorded == computed;
    return is_same_structure(recorded, computed);
  }

  Difference difference(Sequence cause, std::string recorded, std::string computed,
                        int behaviour) const {
    return {.cause = cause,
            .cluster = cluster_,
            .recorded = std::move(recorded),
            .computed = std::move(computed),
            .behaviour = behaviour};
  }

  static void tell(Difference difference, Verdict& verdict) {
    const bool same_rules = difference.behaviour == fsm::kBehaviour;
    (same_rules ? verdict.differences : verdict.changed).add(std::move(difference));
  }

  ClusterUid cluster_;
  Sequence after_;
  std::vector<Sequence> snapshots_;
  Sequence decided_before_;
  std::deque<Expected> expected_;
};

class Verification {
 public:
  Verification(const journal::Reader& reader, const Selection& selection)
      : reader_(&reader), selection_(&selection), replayer_(reader) {}

  Result<Verdict> run() {
    const Result<void> scanned =
        reader_->scan(Sequence(1), history::kNewest, [&](journal::Record&& record) {
          if (selection_->is_over(record)) return false;
          verdict_.records += 1;
          const Result<void> taken = take(record);
          if (!taken) error_ = taken.error();
          return taken.has_value();
        });
    if (!scanned) return fail(scanned.error());
    if (error_) return fail(std::move(*error_));
    finish();
    return std::move(verdict_);
  }

 private:
  Result<void> take(const journal::Record& record) {
    if (record.cluster == operator_stream() || !selection_->takes(record.cluster)) return {};
    const Result<Replayer::Stream*> stream = replayer_.stream(record.cluster);
    if (!stream) return fail(stream.error());
    const Result<Comparison*> comparison = comparison_of(record.cluster, **stream);
    if (!comparison) return fail(comparison.error());
    if ((*stream)->unreadable || record.seq <= (*stream)->after) {
      verdict_.not_replayed += 1;
      return {};
    }
    if (!history::is_input(record)) {
      (*comparison)->meet(record, (*stream)->recorded_behaviour, is_told(record), verdict_);
      return {};
    }
    return take_input(record, **stream, **comparison);
  }

  Result<void> take_input(const journal::Record& record, const Replayer::Stream& stream,
                          Comparison& comparison) {
    const Result<std::optional<Ran>> ran = replayer_.take(record);
    if (!ran) return fail(ran.error());
    verdict_.inputs += 1;
    if (std::holds_alternative<fsm::OperatorStarted>((*ran)->event.input))
      comparison.restart(verdict_);
    Expected expected{.cause = record.seq,
                      .behaviour = stream.recorded_behaviour,
                      .told = is_told(record),
                      .outputs = {}};
    for (Output& output : (*ran)->outputs()) {
      decisions_.update(output.payload);
      expected.outputs.push_back(std::move(output.payload));
    }
    if (!expected.outputs.empty()) comparison.expect(std::move(expected));
    if (!comparison.has_snapshot(record.seq)) return {};
    return compare_snapshot(record.seq, stream);
  }

  // state = fold(records) = what was stored.
  Result<void> compare_snapshot(Sequence seq, const Replayer::Stream& stream) {
    const Result<std::optional<journal::Snapshot>> stored =
        reader_->snapshot(stream.state.uid, seq);
    if (!stored) return fail(stored.error());
    const Result<fsm::DecodedSnapshot> decoded = fsm::decode_snapshot((*stored)->content);
    if (!decoded && decoded.error().code == Errc::kInvalid) return {};  // of another version
    if (!decoded) return fail(decoded.error());
    if (decoded->behaviour != fsm::kBehaviour) return {};
    const std::string recorded = fsm::encode_state(decoded->state);
    const std::string computed = fsm::encode_state(stream.state);
    if (recorded == computed) {
      verdict_.snapshots += 1;
      return {};
    }
    verdict_.differences.add({.cause = seq,
                              .cluster = stream.state.uid,
                              .recorded = "state " + recorded,
                              .computed = "state " + computed,
                              .behaviour = decoded->behaviour});
    return {};
  }

  bool is_told(const journal::Record& record) const {
    return !selection_->from || !selection_->from->is_after(record.seq, record.time);
  }

  Result<Comparison*> comparison_of(const ClusterUid& cluster, const Replayer::Stream& stream) {
    const auto known = comparisons_.find(cluster);
    if (known != comparisons_.end()) return &known->second;
    Result<std::vector<Sequence>> snapshots = reader_->snapshots(cluster);
    if (!snapshots) return fail(std::move(snapshots).error());
    return &comparisons_.try_emplace(cluster, cluster, stream.after, std::move(*snapshots))
                .first->second;
  }

  void finish() {
    for (auto& [cluster, comparison] : comparisons_) comparison.restart(verdict_);
    for (const auto& [cluster, stream] : replayer_.streams()) {
      if (stream.unreadable) {
        verdict_.not_readable.push_back(to_string(*stream.unreadable));
      } else {
        verdict_.states[cluster] = fsm::state_hash(stream.state);
      }
    }
    verdict_.decisions = annals::to_string(decisions_.finish());
  }

  const journal::Reader* reader_;
  const Selection* selection_;
  Replayer replayer_;
  std::map<ClusterUid, Comparison> comparisons_;
  Sha256 decisions_;
  Verdict verdict_;
  std::optional<Error> error_;
};

json differences_json(const Differences& differences, const Names& names) {
  json first = json::array();
  for (const Difference& each : differences.first) {
    first.push_back({{"cause", each.cause.value()},
                     {"cluster", each.cluster.value()},
                     {"name", names.of(each.cluster)},
                     {"behaviour", each.behaviour},
                     {"recorded", each.recorded},
                     {"computed", each.computed}});
  }
  return {{"count", differences.count}, {"first", std::move(first)}};
}

json verdict_json(const Verdict& verdict, const Names& names) {
  json states = json::object();
  for (const auto& [cluster, hash] : verdict.states)
    states[cluster.value()] = {{"name", names.of(cluster)}, {"hash", hash}};
  return {{"records", verdict.records},
          {"inputs", verdict.inputs},
          {"outputs", verdict.outputs},
          {"cutOff", verdict.cut_off},
          {"notReplayed", verdict.not_replayed},
          {"notReadable", verdict.not_readable},
          {"snapshots", verdict.snapshots},
          {"behaviour", fsm::kBehaviour},
          {"differences", differences_json(verdict.differences, names)},
          {"changed", differences_json(verdict.changed, names)},
          {"states", std::move(states)},
          {"decisions", verdict.decisions}};
}

void print_first(const Differences& differences, const Names& names, const Out& out) {
  for (const Difference& each : differences.first) {
    *out.text << "record " << each.cause.value() << " of " << names.of(each.cluster)
              << "\n  recorded " << out.paint(each.recorded, Colour::kRed) << "\n  computed "
              << out.paint(each.computed, Colour::kGreen) << "\n";
  }
  if (differences.count > differences.first.size())
    *out.text << "and " << differences.count - differences.first.size() << " more\n";
}

}  // namespace

Result<Verdict> verify(const journal::Reader& reader, const Selection& selection) {
  return Verification(reader, selection).run();
}

void print(const Verdict& verdict, const Names& names, bool with_hashes, const Out& out) {
  if (out.json) {
    *out.text << verdict_json(verdict, names).dump(2, ' ', false, json::error_handler_t::replace)
              << "\n";
    return;
  }
  *out.text << verdict.records << " records, hash chain intact\n"
            << verdict.outputs << " decisions and intents recomputed identically from "
            << verdict.inputs << " inputs\n"
            << verdict.cut_off
            << " inputs whose decisions were not durable when the operator ended\n";
  if (verdict.not_replayed > 0)
    *out.text << verdict.not_replayed
              << " records not replayed: older than the oldest kept snapshot\n";
  if (verdict.snapshots > 0)
    *out.text << verdict.snapshots << " snapshots match the replayed state\n";
  for (const std::string& why : verdict.not_readable) *out.text << "not replayed: " << why << "\n";
  *out.text << verdict.differences.count << " differences\n";
  print_first(verdict.differences, names, out);
  if (verdict.changed.count > 0) {
    *out.text << verdict.changed.count
              << " decisions of another behaviour version than this program's (" << fsm::kBehaviour
              << ") differ\n";
    print_first(verdict.changed, names, out);
  }
  if (!with_hashes) return;
  for (const auto& [cluster, hash] : verdict.states)
    *out.text << "state " << hash << "  " << names.of(cluster) << " (" << cluster.value() << ")\n";
  *out.text << "decisions " << verdict.decisions << "\n";
}

}  // namespace annals::replay
