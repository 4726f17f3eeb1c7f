// ReadVolumes: claims that were there before a cluster, each as the API server has it now. One that
// is not there is an answer.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadVolumes intent, ClusterIdentity cluster,
                                                 ActionContext context);

}  // namespace annals::actions
