// EnsureSecret: a Secret holds what its recipe asks for. Idempotent: what is there and good is kept
// byte for byte, so a second run, or one after a crash, changes nothing.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "actions/secret_data.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::EnsureSecret intent, ClusterIdentity cluster,
                                                 ActionContext context);

// Reads a Secret; one that does not exist is empty.
boost::asio::awaitable<Answer<StoredSecret>> stored_secret(k8s::ObjectName name,
                                                           ActionContext context);

}  // namespace annals::actions
