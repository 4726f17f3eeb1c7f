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
  bool take(fsm::ClusterState& state, Tail& tail, const journal::Record& record) {
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
  std::optional<Error> unreadable_;
};

// One by one, because what is left to fold behind a snapshot is little.
Result<Tail> fold_tail(const journal::Reader& reader, fsm::ClusterState& state, Sequence after,
                       Sequence to) {
  Fold fold;
  Tail tail;
  const Result<void> folded =
      fold.ended(reader.scan(state.uid, after.next(), to, [&](journal::Record&& record) {
        return fold.take(state, tail, record);
      }));
  if (!folded) return fail(folded.error());
  return tail;
}

// All that have no snapshot, in one pass over the chain.
Result<void> fold_from_the_beginning(const journal::Reader& reader, Recovered& all, Sequence to) {
  if (all.states.empty()) return {};
  Fold fold;
  return fold.ended(reader.scan(Sequence(1), to, [&](journal::Record&& record) {
    const auto state = all.states.find(record.cluster);
    return state == all.states.end() || fold.take(state->second, all.tails[record.cluster], record);
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
  const Result<Tail> folded = fold_tail(reader, state, after, to);
  if (!folded) return fail(folded.error());
  if (!from_snapshot && state.now == Timestamp{}) {
    return fail(Errc::kNotFound, "cluster ", cluster, " has no record",
                to == kNewest ? "" : concat(" at or before ", to));
  }
  return state;
}

static Result<void> recover_at(const journal::Reader& reader, Sequence to,
                               const VisitRecovered& visit) {
  const Result<std::vector<ClusterUid>> clusters = reader.clusters();
  if (!clusters) return fail(clusters.error());
  Recovered without_snapshot;
  for (const ClusterUid& cluster : *clusters) {
    if (cluster == operator_stream()) continue;
    Result<std::optional<Start>> start = newest_start(reader, cluster, to);
    if (!start && start.error().code == Errc::kNotFound) continue;  // not known any more
    if (!start) return fail(std::move(start).error());
    if (!*start) {
      without_snapshot.states.emplace(cluster, fsm::initial_state(cluster));
      continue;
    }
    const Result<Tail> tail = fold_tail(reader, (*start)->state, (*start)->after, to);
    if (!tail) return fail(tail.error());
    visit(std::move((*start)->state), *tail);
  }
  const Result<void> folded = fold_from_the_beginning(reader, without_snapshot, to);
  if (!folded) return fail(folded.error());
  for (auto& [cluster, state] : without_snapshot.states) {
    // Those whose first record comes later do not exist yet.
    if (state.now != Timestamp{}) visit(std::exchange(state, {}), without_snapshot.tails[cluster]);
  }
  return {};
}

static Result<Recovered> recover_all(const journal::Reader& reader, Sequence to) {
  Recovered all;
  const Result<void> recovered =
      recover_at(reader, to, [&all](fsm::ClusterState state, const Tail& tail) {
        const ClusterUid cluster = state.uid;
        if (tail.records > 0) all.tails.emplace(cluster, tail);
        all.states.emplace(cluster, std::move(state));
      });
  if (!recovered) return fail(recovered.error());
  return all;
}

Result<States> fold_all(const journal::Reader& reader, Sequence to) {
  Result<Recovered> recovered = recover_all(reader, to);
  if (!recovered) return fail(std::move(recovered).error());
  return std::move(recovered->states);
}

Result<void> recover(const journal::Reader& reader, const VisitRecovered& visit) {
  return recover_at(reader, kNewest, visit);
}

Result<Recovered> recover(const journal::Reader& reader) { return recover_all(reader, kNewest); }

}  // namespace annals::history
