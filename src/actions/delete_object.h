// DeleteObject: this very object goes, and what belongs to it in the background. Idempotent: one
// that is gone already, or whose name another object has by now, is as asked for.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

// Without a UID it is the object of that name that bears the cluster's
// label; anybody else's is left alone. Refuses an intent whose guard does not say what is lost and
// who allowed it (I10).
boost::asio::awaitable<Answer<ActionResult>> run(fsm::DeleteObject intent, ClusterIdentity cluster,
                                                 ActionContext context);

}  // namespace annals::actions
