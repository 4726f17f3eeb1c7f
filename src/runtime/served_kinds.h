// Asks the API server in which version it serves the kinds that moved between versions of
// Kubernetes.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/log.h"
#include "k8s/client/client.h"
#include "runtime/owned_kinds.h"

namespace annals::runtime {

// Tries until it knows; `client` outlives the call. A kind that is not served at all is left out.
boost::asio::awaitable<ServedKinds> served_kinds(k8s::Client* client, Log log);

}  // namespace annals::runtime
