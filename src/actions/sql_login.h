// A session of the operator's own with PostgreSQL, over TLS with its certificate. For the actions
// that run SQL.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "base/clock.h"
#include "postgres/certificate.h"
#include "postgres/connection.h"

namespace annals::actions {

// `authority` outlives the call.
boost::asio::awaitable<Result<postgres::Connection>> connect_to(std::string host, int port,
                                                                const postgres::KeyPair& authority,
                                                                Timestamp now);

}  // namespace annals::actions
