// EmitEvent: an Event on the custom resource, by a name of its own, so that it is made once however
// often this runs.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::EmitEvent intent, ClusterIdentity cluster,
                                                 ActionContext context);

}  // namespace annals::actions
