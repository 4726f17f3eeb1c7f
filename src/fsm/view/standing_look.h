// Looks that stand: they are made again and again until one of them finds something new, and only
// that is recorded. So of a cluster at which nothing happens there are no records, and it rests.
// The intent says what is looked at, how often and what is known; its outcome is the news.
#pragma once

#include <string>

#include "base/clock.h"
#include "fsm/model/state.h"

namespace annals::fsm {

// How long after the last time it is made again; zero: it is made once.
Duration made_again_after(const Action& action);
inline bool is_standing(const Action& action) {
  return made_again_after(action) > Duration::zero();
}

// It is as was known: there is nothing to record, and the look stands.
bool finds_nothing_new(const Action& action, const Outcome& outcome);

// Something on its way works on the target, and ends by itself.
bool is_pending_once(const ClusterState& state, const std::string& target);
// The look that stands there; null for none.
const Action* standing_look(const ClusterState& state, const std::string& target);
// It is made no more; another one takes its place, or none.
void end_standing_look(ClusterState& state, const std::string& target);

// What is known of an archiver that does not fail, in short; empty where that is no lasting answer.
std::string known_of(const ArchiverAnswer& answer);

}  // namespace annals::fsm
