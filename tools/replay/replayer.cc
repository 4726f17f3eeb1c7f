#include "replayer.h"

#include <utility>

#include "fsm/codec/codec.h"
#include "history/history.h"
#include "history/snapshots.h"

namespace annals::replay {

std::vector<Output> Ran::outputs() const {
  std::vector<Output> all;
  auto intent = intents.begin();
  for (const fsm::Decision& decision : decisions) {
    fsm::Encoded encoded = fsm::encode(decision);
    all.push_back({std::move(encoded.type), std::move(encoded.payload), true});
    for (std::size_t i = 0; i < decision.intents.size(); ++i) {
      encoded = fsm::encode(*intent++);
      all.push_back({std::move(encoded.type), std::move(encoded.payload), false});
    }
  }
  return all;
}

Result<Replayer::Stream*> Replayer::stream(const ClusterUid& cluster) {
  const auto known = streams_.find(cluster);
  if (known != streams_.end()) return &known->second;
  Stream stream{.state = fsm::initial_state(cluster), .after = {}, .unreadable = {}};
  Result<std::optional<history::Start>> start = history::earliest_start(*reader_, cluster);
  if (!start && start.error().code != Errc::kInvalid) return fail(std::move(start).error());
  if (!start) {
    stream.unreadable = std::move(start).error();
  } else if (*start) {
    stream.after = (*start)->after;
    stream.recorded_behaviour = (*start)->behaviour;
    stream.state = std::move((*start)->state);
  }
  return &streams_.emplace(cluster, std::move(stream)).first->second;
}

Result<std::optional<Ran>> Replayer::take(const journal::Record& record) {
  if (record.cluster == operator_stream()) return std::nullopt;
  const Result<Stream*> found = stream(record.cluster);
  if (!found) return fail(found.error());
  Stream& stream = **found;
  if (!history::is_input(record) || record.seq <= stream.after || stream.unreadable)
    return std::nullopt;
  Result<fsm::Event> event = history::event_of(record);
  if (!event) return fail(std::move(event).error());
  if (const auto* config = std::get_if<fsm::OperatorConfigured>(&event->input))
    stream.recorded_behaviour = config->behaviour;
  fsm::Step step = fsm::step(std::move(stream.state), *event);
  stream.state = std::move(step.state);
  return Ran{.event = std::move(*event),
             .decisions = std::move(step.decisions),
             .intents = std::move(step.intents)};
}

}  // namespace annals::replay
