#include "history/history.h"

#include <optional>
#include <utility>

#include "base/concat.h"
#include "history/snapshots.h"

namespace annals::history {

journal::Kind journal_kind(fsm::RecordKind kind) {
  switch (kind) {
    case fsm::RecordKind::kFact:
      return journal::Kind::kFact;
    case fsm::RecordKind::kDecision:
      return journal::Kind::kDecision;
    case fsm::RecordKind::kIntent:
      return journal::Kind::kIntent;
    case fsm::RecordKind::kOutcome:
      return journal::Kind::kOutcome;
    case fsm::RecordKind::kTimer:
      return journal::Kind::kTimer;
    case fsm::RecordKind::kCommand:
      return journal::Kind::kCommand;
    case fsm::RecordKind::kMarker:
      return journal::Kind::kMarker;
  }
  return journal::Kind::kMarker;
}

bool is_input(const journal::Record& record) {
  return record.kind != journal::Kind::kDecision && record.kind != journal::Kind::kIntent;
}

Result<fsm::Event> event_of(const journal::Record& record) {
  if (record.expired) {
    return fail(Errc::kCorrupt, "read record ", record.seq,
                ": retention has taken its content, and no snapshot behind it can be used");
  }
  Result<fsm::Input> input = fsm::decode_input(record.type, record.payload);
  if (!input) return fail(std::move(input).error().while_doing(concat("read record ", record.seq)));
  return fsm::Event{
      .seq = record.seq, .time = record.time, .epoch = record.epoch, .input = std::move(*input)};
}

namespace {

using States = std::map<ClusterUid, fsm::ClusterState>;

// Feeds records to states, and counts them; stops at the first that cannot be read.
class Fold {
 public:
  explicit Fold(std::map<ClusterUid, Tail>& tails) : tails_(&tails) {}

  bool take(fsm::ClusterState& state, const journal::Record& record) {
    Tail& tail = (*tails_)[record.cluster];
    tail.records += 1;
    if (!is_input(record)) return true;
    tail.last = record.seq;
    const Result<fsm::Event> event = event_of(record);
    if (!event) {
      unreadable_ = event.error();
      return false;
    }
    state = fsm::step(std::move(state), *event).state;
    return true;
  }

  Result<void> ended(Result<void> scanned) const {
    if (unreadable_) return fail(*unreadable_);
    return scanned;
  }

 private:
  std::map<ClusterUid, Tail>* tails_;
  std::optional<Error> unreadable_;
};

// One by one, because what is left to fold behind a snapshot is little.
Result<void> fold_tail(const journal::Reader& reader, fsm::ClusterState& state, Sequence after,
                       Sequence to, std::map<ClusterUid, Tail>& tails) {
  Fold fold(tails);
  return fold.ended(reader.scan(state.uid, after.next(), to, [&](journal::Record&& record) {
    return fold.take(state, record);
  }));
}

// All that have no snapshot, in one pass over the chain.
Result<void> fold_from_the_beginning(const journal::Reader& reader, States& states, Sequence to,
                                     std::map<ClusterUid, Tail>& tails) {
  if (states.empty()) return {};
  Fold fold(tails);
  return fold.ended(reader.scan(Sequence(1), to, [&](journal::Record&& record) {
    const auto state = states.find(record.cluster);
    return state == states.end() || fold.take(state->second, record);
  }));
}

}  // namespace

Result<fsm::ClusterState> fold(const journal::Reader& reader, const ClusterUid& cluster,
                               Sequence to) {
  Result<std::optional<Start>> start = newest_start(reader, cluster, to);
  if (!start) return fail(std::move(start).error());
  const bool from_snapshot = start->has_value();
  fsm::ClusterState state =
      from_snapshot ? std::move((*start)->state) : fsm::initial_state(cluster);
  const Sequence after = from_snapshot ? (*start)->after : Sequence();
  std::map<ClusterUid, Tail> tails;
  const Result<void> folded = fold_tail(reader, state, after, to, tails);
  if (!folded) return fail(folded.error());
  if (!from_snapshot && state.now == Timestamp{}) {
    return fail(Errc::kNotFound, "cluster ", cluster, " has no record",
                to == kNewest ? "" : concat(" at or before ", to));
  }
  return state;
}

static Result<Recovered> recover_at(const journal::Reader& reader, Sequence to) {
  const Result<std::vector<ClusterUid>> clusters = reader.clusters();
  if (!clusters) return fail(clusters.error());
  Recovered recovered;
  States without_snapshot;
  for (const ClusterUid& cluster : *clusters) {
    if (cluster == operator_stream()) continue;
    Result<std::optional<Start>> start = newest_start(reader, cluster, to);
    if (!start && start.error().code == Errc::kNotFound) continue;  // not known any more
    if (!start) return fail(std::move(start).error());
    if (!*start) {
      without_snapshot.emplace(cluster, fsm::initial_state(cluster));
      continue;
    }
    const Result<void> folded =
        fold_tail(reader, (*start)->state, (*start)->after, to, recovered.tails);
    if (!folded) return fail(folded.error());
    recovered.states.emplace(cluster, std::move((*start)->state));
  }
  const Result<void> folded =
      fold_from_the_beginning(reader, without_snapshot, to, recovered.tails);
  if (!folded) return fail(folded.error());
  // Those whose first record comes later do not exist yet.
  std::erase_if(without_snapshot,
                [](const auto& entry) { return entry.second.now == Timestamp{}; });
  recovered.states.merge(without_snapshot);
  return recovered;
}

Result<States> fold_all(const journal::Reader& reader, Sequence to) {
  Result<Recovered> recovered = recover_at(reader, to);
  if (!recovered) return fail(std::move(recovered).error());
  return std::move(recovered->states);
}

Result<Recovered> recover(const journal::Reader& reader) { return recover_at(reader, kNewest); }

}  // namespace annals::history
