// CheckArchived: whether the primary has archived a WAL segment, as PostgreSQL's own marks beside
// the segments say. Only the server that wrote the segment knows: a promoted replica has marks of
// what it has received, whatever became of it elsewhere.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::CheckArchived intent, ClusterIdentity cluster,
                                                 ActionContext context);

}  // namespace annals::actions
