// SetFinalizer: our finalizer is on the custom resource, or is not; those of others stay.
// Idempotent: looks before it writes, and writes only what it has looked at.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

// A custom resource that is gone, or whose name another one has by now,
// has no finalizer of ours.
boost::asio::awaitable<Answer<ActionResult>> run(fsm::SetFinalizer intent, ClusterIdentity cluster,
                                                 ActionContext context);

}  // namespace annals::actions
