#include "actions/checkpoint.h"

#include <utility>

#include "actions/sql_login.h"

namespace annals::actions {

boost::asio::awaitable<Answer<Written>> run(fsm::Checkpoint intent, ClusterIdentity cluster,
                                            k8s::Client& client, const Clock& clock) {
  SqlServer server{.name_space = cluster.name_space,
                   .host = std::move(intent.host),
                   .port = intent.port,
                   .authority_secret = std::move(intent.authority_secret),
                   .brought = std::move(intent.server)};
  Answer<postgres::Connection> connection = co_await connect_to(std::move(server), client, clock);
  if (!connection) co_return k8s::refuse(std::move(connection).error());
  const Result<postgres::Rows> done = co_await connection->query({.sql = "CHECKPOINT"});
  if (!done) co_return not_done(done.error());
  co_return Written{};
}

}  // namespace annals::actions
