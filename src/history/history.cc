#include "history/history.h"

#include <optional>
#include <utility>

#include "base/concat.h"
#include "history/recovery.h"
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

namespace {

bool is_input(journal::Kind kind) {
  return kind != journal::Kind::kDecision && kind != journal::Kind::kIntent;
}

// `record`: a journal::Record, or the Frame of one.
Result<fsm::Event> read_event(const auto& record) {
  if (record.expired) {
    return fail(Errc::kCorrupt, "read record ", record.seq,
                ": retention removed its payload, and no later snapshot can be used");
  }
  Result<fsm::Input> input = fsm::decode_input(record.type, record.payload);
  if (!input) return fail(std::move(input).error().while_doing(concat("read record ", record.seq)));
  return fsm::Event{
      .seq = record.seq, .time = record.time, .epoch = record.epoch, .input = std::move(*input)};
}

}  // namespace

bool is_input(const journal::Record& record) { return is_input(record.kind); }

Result<fsm::Event> event_of(const journal::Record& record) { return read_event(record); }

Result<Tail> fold_tail(const journal::Reader& reader, fsm::ClusterState& state, Sequence after,
                       Sequence to, Trust trust) {
  Tail tail;
  fsm::Step step{.state = std::move(state), .decisions = {}, .intents = {}, .waits_ended = {}};
  std::optional<Error> unreadable;
  const auto take = [&](const auto& record) {
    tail.records += 1;
    if (!is_input(record.kind)) return true;
    tail.last = record.seq;
    const Result<fsm::Event> event = read_event(record);
    if (event) {
      fsm::advance(step, *event);
    } else {
      unreadable = event.error();
    }
    return event.has_value();
  };
  const ClusterUid cluster = step.state.uid;
  const Result<void> scanned = trust == Trust::kNothing
                                   ? reader.scan(cluster, after.next(), to, take)
                                   : reader.scan_frames(cluster, after.next(), to, take);
  state = std::move(step.state);
  if (unreadable) return fail(*unreadable);
  if (!scanned) return fail(scanned.error());
  return tail;
}

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
  Result<std::vector<ClusterUid>> clusters = reader.clusters();
  if (!clusters) return fail(std::move(clusters).error());
  std::erase(*clusters, operator_stream());
  return Recovery(reader, to, *std::move(clusters)).run(visit);
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

Result<std::map<ClusterUid, fsm::ClusterState>> fold_all(const journal::Reader& reader,
                                                         Sequence to) {
  Result<Recovered> recovered = recover_all(reader, to);
  if (!recovered) return fail(std::move(recovered).error());
  return std::move(recovered->states);
}

Result<void> recover(const journal::Reader& reader, const VisitRecovered& visit) {
  return recover_at(reader, kNewest, visit);
}

Result<Recovered> recover(const journal::Reader& reader) { return recover_all(reader, kNewest); }

}  // namespace annals::history
