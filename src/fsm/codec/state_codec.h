// A cluster's state as text: for snapshots, for people, and for telling by a hash whether two
// programs came to the same state. Equal states give equal bytes. What is derived is left out and
// made again. The text names its format and the behaviour that made it, and another one is refused
// rather than guessed at.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "fsm/model/state.h"

namespace annals::fsm {

// Grows where a state is written that an older program would read as another one.
inline constexpr int kStateFormat = 6;
// Where retention has taken the records, a snapshot of a former version is all that there is.
inline constexpr int kOldestStateFormat = 4;

// Canonical JSON of the state alone, without versions.
std::string encode_state(const ClusterState& state);

// SHA-256 over encode_state(), in hexadecimal.
std::string state_hash(const ClusterState& state);

// What a snapshot holds: the state with its format and behaviour.
std::string encode_snapshot(const ClusterState& state);

struct DecodedSnapshot {
  int behaviour = 0;  // of the machines that came to this state
  ClusterState state;
};

// kInvalid for a format that this program does not know, kCorrupt for what no program wrote.
Result<DecodedSnapshot> decode_snapshot(std::string_view content);

}  // namespace annals::fsm
