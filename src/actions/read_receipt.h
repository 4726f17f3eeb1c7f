// Reads the receipt of a clean shutdown from a repository, in a container that reaches it. No file
// is no receipt; one that cannot be read is told in pgBackRest's words.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "actions/action_context.h"
#include "fsm/model/standby_answer.h"
#include "k8s/client/client.h"

namespace annals::actions {

struct AskedReceipt {
  k8s::ObjectName pod;
  std::string container;
  std::string repo;  // "repo1"
  std::string file;
};
boost::asio::awaitable<fsm::ReceiptAnswer> read_receipt(AskedReceipt asked, ActionContext context);

}  // namespace annals::actions
