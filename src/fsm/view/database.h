// The database of a cluster: who leads it, and whether it is as the spec asks for.
#pragma once

#include <string>

#include "fsm/model/state.h"

namespace annals::fsm {

// The pod that leads by Patroni's word and is ready: the primary, or a standby's leader, which
// takes no writes. Null when there is none.
const PodObserved* leader(const ClusterState& state);

// The same, of those that take writes.
const PodObserved* primary(const ClusterState& state);

// What is asked of users and databases, and of which Secrets: a user whose Secret was made anew has
// another password.
std::string sql_digest(ClusterState& state);
bool is_sql_in_sync(ClusterState& state);

// Users and databases are as asked for, and nothing is owed before that.
bool is_open(ClusterState& state);

}  // namespace annals::fsm
