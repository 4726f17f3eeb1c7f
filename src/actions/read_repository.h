// ReadRepository: `pgbackrest info` of one repository, in a container that reaches it. pgBackRest
// ends well also where it cannot read the repository, and says so in its answer.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadRepository intent,
                                                 ClusterIdentity cluster, ActionContext context);

// Who is asked about which repository.
struct RepositoryQuestion {
  k8s::ObjectName pod;
  std::string container;
  std::string stanza;
  std::string repo;
};
boost::asio::awaitable<Answer<fsm::RepositoryContents>> ask_repository(RepositoryQuestion question,
                                                                       ActionContext context);

}  // namespace annals::actions
