// Asks, in a leader's pod, what the server is that it follows or is to follow: by psql, with the
// certificate that Patroni replicates with. Belongs to the loop's thread.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "fsm/model/intent.h"
#include "k8s/client/client.h"
#include "lens/source_answer.h"

namespace annals::actions {

struct AskedSource {
  k8s::ObjectName pod;
  std::string container;
  fsm::SourceQuestion question;
  lens::SourceAddress address;
  lens::OwnServer own;
  std::int64_t timeline = 0;  // of the server that asks, and how far its WAL goes
  std::uint64_t lsn = 0;
  bool asks_claim = false;  // whether it is asked to lead as well
  bool identifies = false;  // by a connection of replication, which says the timeline by now
};

// Of several hosts the first that writes counts, else the first that answers.
boost::asio::awaitable<fsm::SourceAnswer> ask_source(AskedSource asked, ActionContext context);

}  // namespace annals::actions
