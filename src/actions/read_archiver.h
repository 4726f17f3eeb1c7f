// ReadArchiver: what the primary's statistics say of its archiver, and what pgBackRest says of the
// last failure in its own files, where these are younger than it. Files that cannot be read are as
// none.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadArchiver intent, ClusterIdentity cluster,
                                                 ActionContext context);

}  // namespace annals::actions
