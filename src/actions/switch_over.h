// SwitchOver: another member leads, through Patroni, which chooses the moment and refuses a
// candidate that is not fit. Idempotent: nothing is done when the candidate leads already, and a
// leader that is another one than expected is an error.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::SwitchOver intent, ClusterIdentity cluster,
                                                 ActionContext context);

}  // namespace annals::actions
