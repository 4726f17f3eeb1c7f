// EnsureSecret: a Secret holds what its recipe asks for. Idempotent: what is there and good is kept
// byte for byte, so a second run, or one after a crash, changes nothing.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/cluster_identity.h"
#include "actions/secret_data.h"
#include "actions/turns.h"
#include "actions/written.h"
#include "base/clock.h"
#include "fsm/intent.h"
#include "k8s/client.h"

namespace annals::actions {

// The others outlive the call.
boost::asio::awaitable<Answer<Written>> run(fsm::EnsureSecret intent, ClusterIdentity cluster,
                                            k8s::Client& client, const Clock& clock, Turns& turns);

// Reads a Secret; one that does not exist is empty.
boost::asio::awaitable<Answer<StoredSecret>> stored_secret(k8s::ObjectName name,
                                                           k8s::Client& client);

}  // namespace annals::actions
