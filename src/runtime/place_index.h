// PlaceIndex: which clusters have a repository at one place of an object store, of all that the
// operator serves. It compares; what follows from that is decided by each cluster's own machines,
// which are told of their rivals as of any other fact.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/id.h"
#include "fsm/model/fact.h"
#include "fsm/view/place_rivals.h"

namespace annals::runtime {

class PlaceIndex {
 public:
  // Who of two came first: by time, then by name, then by UID.
  struct Claimant {
    std::string created;  // RFC 3339, as the API server writes it; empty: not known yet
    std::string name;     // "namespace/name"
  };
  using Clusters = std::set<ClusterUid>;

  // What its specification claims, and where it has its stanza; the latter changes nothing of a
  // cluster that is not there any more. Each tells whose rivals may be others now.
  Clusters claim(const ClusterUid& uid, Claimant its, std::vector<fsm::ClaimedPlace> places,
                 std::vector<fsm::ClaimedPlace> with_stanza = {});
  Clusters note_stanzas(const ClusterUid& uid, const std::vector<fsm::ClaimedPlace>& places);
  Clusters forget(const ClusterUid& uid);

  // At the places that its specification claims; those with a stanza first.
  std::vector<fsm::PlaceRival> rivals_of(const ClusterUid& uid) const;

 private:
  struct Entry {
    Claimant its;
    std::vector<fsm::ClaimedPlace> claimed;
    std::vector<fsm::ClaimedPlace> with_stanza;
  };
  using Key = std::pair<std::string, std::string>;  // text and scope

  static std::set<Key> keys_of(const Entry& entry);
  void add_neighbours(const Entry& entry, Clusters& found) const;
  Clusters replace(const ClusterUid& uid, Entry entry);
  void drop(const ClusterUid& uid);
  bool comes_before(const ClusterUid& one, const ClusterUid& other) const;

  std::map<ClusterUid, Entry> entries_;  // of those with a repository in an object store
  std::map<Key, Clusters> by_place_;
};

}  // namespace annals::runtime
