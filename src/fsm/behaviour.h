// The version of the machines' behaviour. It grows with every change after which an existing
// cluster may see another decision, so that a replay can tell "decided by other rules" from
// "decided differently by the same rules". Each process writes it into its operator-configured
// records; records from before that have 0.
#pragma once

namespace annals::fsm {

inline constexpr int kBehaviour = 5;

}  // namespace annals::fsm
