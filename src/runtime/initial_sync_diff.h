// InitialSyncDiff: what a cluster knew when the process started, against what the lists tell. What
// is still as it was known needs no record; what nobody has named when all is listed has gone while
// nobody looked. Kept as hashes, and only until then.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "fsm/model/fact.h"
#include "fsm/model/state.h"

namespace annals::runtime {

class InitialSyncDiff {
 public:
  explicit InitialSyncDiff(const fsm::ClusterState& known);

  // This is there. Whether it is as it was known; what has been otherwise since is always news.
  bool is_as_known(const fsm::Input& seen);
  // It is there and has been told as news, or is gone and has been told so.
  void note_news(const fsm::Input& told);

  // Whether nobody has named what was known so.
  bool is_missing(const fsm::Input& known) const;
  // Whether all that were known have been named.
  bool is_complete() const;
  // Of the known ones, those that nobody has named: as gone.
  std::vector<fsm::Input> missing(const fsm::ClusterState& known) const;

 private:
  struct Entry {
    std::uint64_t subject = 0;
    std::uint64_t look = 0;
    bool named = false;
  };
  Entry* find(std::uint64_t subject);
  bool is_missing(std::uint64_t subject) const;
  void add(const fsm::Input& known);

  std::vector<Entry> entries_;  // by subject
};

}  // namespace annals::runtime
