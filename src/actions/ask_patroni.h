// AskPatroni: who the members are, what they do and how far behind, as the outcome's members: by
// pod, "replica streaming 0".
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::AskPatroni intent, ClusterIdentity cluster,
                                                 ActionContext context);

}  // namespace annals::actions
