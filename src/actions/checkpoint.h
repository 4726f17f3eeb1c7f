// Checkpoint: PostgreSQL writes out what it holds in memory. May be done any number of times.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::Checkpoint intent, ClusterIdentity cluster,
                                                 ActionContext context);

}  // namespace annals::actions
