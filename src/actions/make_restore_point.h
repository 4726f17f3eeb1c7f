// MakeRestorePoint: a commit, a named point behind it, and a switch of the WAL, so that the segment
// with both is archived soon. Done twice it makes two points of one name; nobody recovers to that.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::MakeRestorePoint intent,
                                                 ClusterIdentity cluster, ActionContext context);

}  // namespace annals::actions
