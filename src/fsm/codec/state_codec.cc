#include "fsm/codec/state_codec.h"

#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/codec/json.h"
#include "fsm/model/behaviour.h"

namespace annals::fsm {
namespace {

// What stands before the state: it says whether the rest can be read.
struct Heading {
  int format = 0;
  int behaviour = 0;
};
struct Snapshot {
  ClusterState state;
};

// Until format 5 goals stood without the operation that they are of.
void move_goals(ClusterState& state) {
  auto goals = state.goals_since.extract(std::string());
  if (goals.empty()) return;
  goals.key() = name_of(state.operation);
  state.goals_since.insert(std::move(goals));
}

Result<DecodedSnapshot> snapshot_of(std::string_view content) {
  const Result<Heading> heading = read_json<Heading>(content);
  if (!heading) return fail(heading.error());
  if (heading->format < kOldestStateFormat || heading->format > kStateFormat) {
    return fail(Errc::kInvalid, "the state has format ", heading->format, "; this program reads ",
                kOldestStateFormat, " to ", kStateFormat);
  }
  Result<Snapshot> snapshot = read_json<Snapshot>(content);
  if (!snapshot) return fail(std::move(snapshot).error());
  move_goals(snapshot->state);
  return DecodedSnapshot{.behaviour = heading->behaviour, .state = std::move(snapshot->state)};
}

}  // namespace

template <>
inline constexpr Form kForm<Heading>{.always = "format"};
template <>
inline constexpr Form kForm<Snapshot>{.always = "state"};

std::string encode_state(const ClusterState& state) { return write_json(state); }

std::string state_hash(const ClusterState& state) { return sha256_hex(encode_state(state)); }

std::string encode_snapshot(const ClusterState& state) {
  return concat(R"({"behaviour":)", kBehaviour, R"(,"format":)", kStateFormat, R"(,"state":)",
                encode_state(state), "}");
}

Result<DecodedSnapshot> decode_snapshot(std::string_view content) {
  Result<DecodedSnapshot> snapshot = snapshot_of(content);
  if (snapshot) return snapshot;
  return fail(std::move(snapshot).error().while_doing("a snapshot"));
}

}  // namespace annals::fsm
