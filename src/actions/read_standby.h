// ReadStandby: how far the leader of a standby is, by its own word; what its source is, and whether
// it has left a receipt of a clean shutdown, where that is asked for. A source or a repository that
// does not answer is an answer as well.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadStandby intent, ClusterIdentity cluster,
                                                 ActionContext context);

}  // namespace annals::actions
