#include "history/history.h"

#include <optional>
#include <utility>

#include "base/concat.h"

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
  Result<fsm::Input> input = fsm::decode_input(record.type, record.payload);
  if (!input) return fail(std::move(input).error().while_doing(concat("read record ", record.seq)));
  return fsm::Event{
      .seq = record.seq, .time = record.time, .epoch = record.epoch, .input = std::move(*input)};
}

Result<std::map<ClusterUid, fsm::ClusterState>> fold_all(const journal::Reader& reader) {
  std::map<ClusterUid, fsm::ClusterState> states;
  Result<std::optional<Sequence>> last = reader.last();
  if (!last) return fail(std::move(last).error());
  if (!*last) return states;
  std::optional<Error> unreadable;
  const Result<void> scanned = reader.scan(Sequence(1), **last, [&](journal::Record&& record) {
    if (!is_input(record) || record.cluster == operator_stream()) return true;
    Result<fsm::Event> event = event_of(record);
    if (!event) {
      unreadable = std::move(event).error();
      return false;
    }
    auto [place, is_new] = states.try_emplace(record.cluster);
    if (is_new) place->second = fsm::initial_state(record.cluster);
    place->second = fsm::step(std::move(place->second), *event).state;
    return true;
  });
  if (!scanned) return fail(scanned.error());
  if (unreadable) return fail(std::move(*unreadable));
  return states;
}

}  // namespace annals::history
