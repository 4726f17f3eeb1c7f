#include "actions/checkpoint.h"

#include <utility>

#include "actions/sql_login.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::Checkpoint intent, ClusterIdentity cluster,
                                                 ActionContext context) {
  Answer<SqlSession> session = co_await connect_to(server_of(intent, cluster), context);
  if (!session) co_return k8s::refuse(std::move(session).error());
  const Result<postgres::Rows> done = co_await session->connection.query({.sql = "CHECKPOINT"});
  if (!done) co_return to_action_error(with_forward_error(session->endpoint, done.error()));
  co_return ActionResult{};
}

}  // namespace annals::actions
