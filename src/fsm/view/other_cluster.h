// The cluster that spec.standby names, as one that follows nobody has to see it: it may lead by
// now. Patroni's members ask it themselves before one of them becomes the primary; what they found
// is told by a look of the operator's own.
#pragma once

#include "fsm/model/state.h"
#include "fsm/view/wait.h"
#include "spec/postgres_cluster.h"

namespace annals::fsm {

inline constexpr const char* kAnotherClusterLeads = "AnotherClusterLeads";
inline constexpr const char* kAnotherClusterWrites = "AnotherClusterWrites";

// Patroni's configuration is to have the question. It has not while this cluster follows the other
// one, so a promotion is not held up by what was decided already.
bool asks_before_it_leads(const ClusterState& state, const spec::PostgresCluster& cluster);

// The other one is asked while this one has a primary: both may take writes, when a site that was
// cut off comes back. The pod that asks; null where nobody is to ask.
const PodObserved* primary_that_asks(ClusterState& state);

// Both take writes. What was found, and what a person can do.
bool another_writes(ClusterState& state);
Message another_writes_in_words(const ClusterState& state);

// Both take writes, and the other one on a later timeline: Patroni promotes no other member of this
// one, so its primary is not to be moved or recreated. What that waits for; satisfied elsewhere.
Wait primary_may_go(ClusterState& state);

// Nobody leads this cluster, and the other one was found to take writes on a later timeline.
bool another_leads(const ClusterState& state);

Message another_leads_in_words(const ClusterState& state);
// The same, and what a person can do.
Message another_leads_remedy(const ClusterState& state);

// The pod from which the other cluster is asked: any member's. Null for none.
const PodObserved* member_to_ask(const ClusterState& state);

// Who is told of Patroni's configuration: the leader, and where another cluster may keep this one
// from having one, a member.
const PodObserved* member_to_configure(ClusterState& state);

}  // namespace annals::fsm
