// RestartPostgres: PostgreSQL starts anew inside of its pod, through Patroni, unless it does not
// wait for that any more.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::RestartPostgres intent,
                                                 ClusterIdentity cluster, ActionContext context);

}  // namespace annals::actions
