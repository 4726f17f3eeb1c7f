// ReadSource: another cluster's resource as the API server has it now, and what a pod says of a
// repository: that cluster's repository host, or one of our own. A cluster that is not there is an
// answer; so is a pod that cannot be asked, which is told as what is wrong with the repository.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadSource intent, ClusterIdentity cluster,
                                                 ActionContext context);

}  // namespace annals::actions
