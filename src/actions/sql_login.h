// A session of the operator's own with PostgreSQL, over TLS with its certificate. For the actions
// that run SQL.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"
#include "postgres/sql/connection.h"

namespace annals::actions {

struct SqlServer {
  ClusterIdentity cluster;
  std::string host;
  int port = 5432;
  std::string authority_secret;
  fsm::CustomTlsIdentity custom_tls;
};

// The one that an intent names.
template <class Intent>
SqlServer server_of(const Intent& intent, const ClusterIdentity& cluster) {
  return {.cluster = cluster,
          .host = intent.host,
          .port = intent.port,
          .authority_secret = intent.authority_secret,
          .custom_tls = intent.server};
}

struct SqlSession {
  Endpoint endpoint;
  postgres::Connection connection;
  postgres::ConnectOptions options;  // by which it came about
};

// With the database "postgres".
boost::asio::awaitable<Answer<SqlSession>> connect_to(SqlServer server, ActionContext context);

// One more of the same server, with another of its databases.
boost::asio::awaitable<Result<postgres::Connection>> connect_beside(const SqlSession* session,
                                                                    std::string database);

// Under which names the server is asked for, the first that works: the host's where the user's
// certificate has that, else first its own name. A certificate that has not reached the server yet
// leaves the host's, which ours has.
std::vector<std::string> names_to_ask_for(const std::string& host, const std::string& certificate,
                                          const std::string& authorities, Timestamp now);

}  // namespace annals::actions
