// ConfigurePatroni: Patroni's shared configuration is as asked for, through the REST API of one of
// its members over mutual TLS. Idempotent: it replaces the whole.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/cluster_identity.h"
#include "actions/written.h"
#include "base/clock.h"
#include "fsm/intent.h"
#include "k8s/client.h"

namespace annals::actions {

// `client` and `clock` outlive the call. Answers with the digest of what Patroni keeps now.
boost::asio::awaitable<Answer<Written>> run(fsm::ConfigurePatroni intent, ClusterIdentity cluster,
                                            k8s::Client& client, const Clock& clock);

}  // namespace annals::actions
