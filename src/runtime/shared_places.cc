// The shell's part in repositories of two clusters at one place: it compares the places of all
// clusters, and tells each whose rival it is, before the specification that makes it one.
#include <utility>

#include "base/concat.h"
#include "runtime/shell.h"

namespace annals::runtime {

// Before that specification is told. Of whatever had the name before, nothing is left.
void Shell::claim_places(const ClusterUid& uid, const fsm::SpecObserved& fact,
                         const std::string& created, const ClusterUid& before) {
  std::set<ClusterUid> affected;
  if (before != uid) affected = places_.forget(before);
  affected.merge(
      places_.claim(uid, {.created = created, .name = concat(fact.name_space, "/", fact.name)},
                    fsm::claimed_places(fact.resource), cluster(uid).state.summary().stanzas));
  affected.insert(uid);
  tell_of_rivals(affected);
}

void Shell::forget_places(const ClusterUid& uid) { tell_of_rivals(places_.forget(uid)); }

// It has begun to write somewhere, or has left a place.
void Shell::note_stanzas(const ClusterUid& uid, const Cluster& known) {
  tell_of_rivals(places_.note_stanzas(uid, known.state.summary().stanzas));
}

// Until all is listed nobody knows who is there, and nothing is decided either.
void Shell::tell_of_rivals(const std::set<ClusterUid>& affected) {
  if (!listed_) return;
  for (const ClusterUid& uid : affected) tell_of_rivals(uid);
}

void Shell::tell_of_rivals(const ClusterUid& uid) {
  std::vector<fsm::PlaceRival> rivals = places_.rivals_of(uid);
  Cluster& known = cluster(uid);
  if (known.rivals == rivals) return;
  known.rivals = rivals;
  feed(uid, fsm::RivalsSeen{.rivals = std::move(rivals)});
}

void Shell::tell_all_of_rivals() {
  for (const auto& [uid, known] : clusters_) {
    if (known.seen) tell_of_rivals(uid);
  }
}

}  // namespace annals::runtime
