// ReadCollations: the recorded and the actual versions of collations in each database that takes
// connections, and which indexes are ordered by those that differ. One session for each database,
// one after the other. A database that refuses is told and left out; where the server fails, the
// whole is tried again.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadCollations intent,
                                                 ClusterIdentity cluster, ActionContext context);

}  // namespace annals::actions
