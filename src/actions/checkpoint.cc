#include "actions/checkpoint.h"

#include <utility>

#include "actions/sql_login.h"

namespace annals::actions {

boost::asio::awaitable<Answer<Written>> run(fsm::Checkpoint intent, ClusterIdentity cluster,
                                            Means means) {
  SqlServer server{.cluster = cluster,
                   .host = std::move(intent.host),
                   .port = intent.port,
                   .authority_secret = std::move(intent.authority_secret),
                   .brought = std::move(intent.server)};
  Answer<SqlSession> session = co_await connect_to(std::move(server), means);
  if (!session) co_return k8s::refuse(std::move(session).error());
  const Result<postgres::Rows> done = co_await session->connection.query({.sql = "CHECKPOINT"});
  if (!done) co_return not_done(told_by(session->way, done.error()));
  co_return Written{};
}

}  // namespace annals::actions
