#include "actions/run_sql.h"

#include <utility>

#include "actions/ensure_secret.h"
#include "actions/sql_login.h"
#include "postgres/sql/connection.h"

namespace annals::actions {
namespace {

boost::asio::awaitable<Result<void>> run_set(postgres::Connection* connection,
                                             Result<postgres::SqlSet> set) {
  if (!set) co_return fail(std::move(set).error());
  Result<postgres::SqlReport> report = co_await connection->run(std::move(*set));
  if (!report) co_return fail(std::move(report).error());
  co_return Result<void>();
}

}  // namespace

boost::asio::awaitable<Answer<ActionResult>> run(fsm::RunSql intent, ClusterIdentity cluster,
                                                 ActionContext context) {
  Answer<SqlSession> session = co_await connect_to(server_of(intent, cluster), context);
  if (!session) co_return k8s::refuse(std::move(session).error());
  Result<void> replication = co_await run_set(
      &session->connection, postgres::ensure_replication_role(postgres::kReplicationRole));
  if (!replication) co_return to_action_error(replication.error());
  Result<void> databases =
      co_await run_set(&session->connection, postgres::ensure_databases(intent.databases));
  if (!databases) co_return to_action_error(databases.error());
  for (const fsm::SqlUser& user : intent.users) {
    const k8s::ObjectName secret_name{cluster.name_space, user.secret};
    Answer<StoredSecret> secret = co_await stored_secret(secret_name, context);
    if (!secret) co_return k8s::refuse(std::move(secret).error());
    postgres::UserRequest request{
        .name = user.name, .databases = user.databases, .options = user.options};
    request.verifier = value_of(secret->data, "verifier");
    Result<void> done = co_await run_set(&session->connection, postgres::ensure_user(request));
    if (!done) co_return to_action_error(done.error());
  }
  co_return ActionResult{};
}

}  // namespace annals::actions
