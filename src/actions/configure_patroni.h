// ConfigurePatroni: Patroni's shared configuration is as asked for, through the REST API of one of
// its members over mutual TLS. Idempotent: it replaces the whole.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/cluster_identity.h"
#include "actions/means.h"
#include "actions/written.h"
#include "fsm/model/intent.h"

namespace annals::actions {

// Answers with the digest of what Patroni keeps now.
boost::asio::awaitable<Answer<Written>> run(fsm::ConfigurePatroni intent, ClusterIdentity cluster,
                                            Means means);

}  // namespace annals::actions
