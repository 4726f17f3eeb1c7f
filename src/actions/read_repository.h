// ReadRepository: `pgbackrest info` of one repository, in a container that reaches it. pgBackRest
// ends well also where it cannot read the repository, and says so in its answer.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadRepository intent,
                                                 ClusterIdentity cluster, ActionContext context);

// What runs there.
std::vector<std::string> info_command(const fsm::ReadRepository& intent);

}  // namespace annals::actions
