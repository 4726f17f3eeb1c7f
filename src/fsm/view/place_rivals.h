// Clusters that share a place in an object store: whose it is, and who writes nothing there. A
// cluster that has its stanza there keeps it, whatever others do; of those without one it is the
// one that came first. Nothing of another cluster is looked at here but what RivalsSeen says.
#pragma once

#include <string>
#include <vector>

#include "fsm/model/state.h"
#include "fsm/view/repository_stanzas.h"

namespace annals::fsm {

// ---- For whoever compares clusters

// Where a cluster writes or is about to. `scope` tells apart what the same text means in two
// clusters: a host without a domain, or an Azure container, whose account is mostly in a Secret.
struct ClaimedPlace {
  std::string repo;
  std::string text;  // to_string(StorePlace)
  std::string scope{};

  friend bool operator==(const ClaimedPlace&, const ClaimedPlace&) = default;
};

// By the text of a custom resource, however mistaken the rest of it is. A standby cluster follows
// another one's repository and claims nothing.
std::vector<ClaimedPlace> claimed_places(const std::string& resource);

// Repositories in object stores that have the cluster's stanza. `last` is what was told before:
// returned as it is where that is still so.
std::vector<ClaimedPlace> places_with_stanza(const ClusterState& state,
                                             std::vector<ClaimedPlace> last);

// ---- For the machines of one cluster

// Its own stanza is there, or was when this journal began.
bool writes_to(const ClusterState& state, const RepositoryPlace& place);

// Whose place it is, if this cluster must not write there; null: it may.
const PlaceRival* holder_of(const ClusterState& state, const RepositoryPlace& place);

// Who writes to the same place as this cluster; null: nobody.
const PlaceRival* fellow_writer(const ClusterState& state, const RepositoryPlace& place);

}  // namespace annals::fsm
