// The version of the machines' behaviour. It grows with every change after which an existing
// cluster may see another decision, so that a replay can tell "decided by other rules" from
// "decided differently by the same rules". Each process writes it into its operator-configured
// records; records from before that have 0.
#pragma once

namespace annals::fsm {

#ifdef ANNALS_BEHAVIOUR  // of the next version, with which upgrades are tested
inline constexpr int kBehaviour = ANNALS_BEHAVIOUR;
#else
inline constexpr int kBehaviour = 28;
#endif

}  // namespace annals::fsm
