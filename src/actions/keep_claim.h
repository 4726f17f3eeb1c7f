// KeepClaim: a volume claim outlives its cluster, or one that is kept becomes another cluster's.
// Idempotent: looks before it writes, and writes only what it has looked at.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

// A claim that is gone needs no keeping, and cannot be taken up.
boost::asio::awaitable<Answer<ActionResult>> run(fsm::KeepClaim intent, ClusterIdentity cluster,
                                                 ActionContext context);

}  // namespace annals::actions
