// CachedState: a cluster as the shell keeps it. While something happens to it, it is there in full,
// with what was rendered from it; evicted, as few packed bytes, since of a thousand clusters
// nearly all are idle. That changes no decision: a state is a fold, and what is derived from it is
// made again (I6).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/sha256.h"
#include "fsm/model/state.h"
#include "fsm/view/place_rivals.h"
#include "fsm/view/repository_figures.h"
#include "fsm/view/standby_progress.h"
#include "journal/batch.h"

namespace annals::runtime {

// What is asked of a cluster so often that it must not be unpacked for it.
struct Summary {
  std::string name_space;
  std::string name;  // empty: its spec was never seen
  bool gone = false;
  bool ready = false;
  bool stalled = false;
  std::size_t pending = 0;                 // intents that have not ended; no looks that stand
  std::optional<Timestamp> verified_at{};  // when a drill has proven a backup last
  std::vector<fsm::RepositoryFigures> repositories{};
  std::uint32_t troubles = 0;  // as fsm::troubles_of() has them
  Timestamp archiving_stopped_at{};
  std::optional<fsm::StandbyFigures> standby{};
  std::vector<fsm::ClaimedPlace> stanzas{};  // in object stores
};

class CachedState {
 public:
  explicit CachedState(fsm::ClusterState state);

  bool is_evicted() const { return resident_ == nullptr; }
  // Whether anything that it asked for has not ended: then it had better stay resident.
  bool is_at_work() const { return resident_ != nullptr && summary_.pending > 0; }

  // In full, to make the next one of, which replace() gives. That wakes it.
  fsm::ClusterState take();
  void replace(fsm::ClusterState&& state);
  // Packs it.
  void evict();

  // In full, whether it is evicted or not; it stays as it is.
  template <class Visit>
  auto look(Visit visit) const {
    return resident_ != nullptr ? visit(*resident_) : visit(unpacked());
  }
  const Summary& summary() const { return summary_; }
  // After the record `seq`, which was its last.
  journal::Snapshot snapshot(Sequence seq) const;

  // Whether the object is as this cluster knows it, both last written by us: then only that which
  // clusters add to it for themselves can differ. For objects that all of a namespace share: the
  // answer about the last one is remembered.
  bool knows_as_ours(const fsm::ObjectObserved& object);

 private:
  fsm::ClusterState unpacked() const;

  std::unique_ptr<fsm::ClusterState> resident_;
  std::string packed_;  // while it is evicted
  Summary summary_;
  std::optional<Digest> ours_;  // the last object that it was found to know as ours
};

}  // namespace annals::runtime
