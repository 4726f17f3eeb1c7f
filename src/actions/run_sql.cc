#include "actions/run_sql.h"

#include <utility>

#include "actions/ensure_secret.h"
#include "actions/operator_login.h"
#include "actions/secret_material.h"
#include "postgres/connection.h"

namespace annals::actions {
namespace {

boost::asio::awaitable<Result<postgres::Connection>> connect(const fsm::RunSql* intent,
                                                             postgres::KeyPair authority,
                                                             Timestamp now) {
  Result<postgres::KeyPair> own = operator_login(authority, now);
  if (!own) co_return fail(std::move(own).error());
  postgres::ConnectOptions options{.host = intent->host};
  options.port = static_cast<std::uint16_t>(intent->port);
  options.user = kSuperuser;
  options.ca = authority.certificate;
  options.client = std::move(*own);
  Result<postgres::Connection> connection =
      co_await postgres::Connection::connect(std::move(options));
  co_return connection;
}

boost::asio::awaitable<Result<void>> run_set(postgres::Connection* connection,
                                             Result<postgres::SqlSet> set) {
  if (!set) co_return fail(std::move(set).error());
  Result<postgres::SqlReport> report = co_await connection->run(std::move(*set));
  if (!report) co_return fail(std::move(report).error());
  co_return Result<void>();
}

}  // namespace

boost::asio::awaitable<Answer<Written>> run(fsm::RunSql intent, ClusterIdentity cluster,
                                            k8s::Client& client, const Clock& clock) {
  const k8s::ObjectName authority_name{cluster.name_space, intent.authority_secret};
  Answer<StoredSecret> authority = co_await stored_secret(authority_name, client);
  if (!authority) co_return k8s::refuse(std::move(authority).error());
  Result<postgres::Connection> connection =
      co_await connect(&intent, authority_in(authority->data), clock.now());
  if (!connection) co_return not_done(connection.error());
  Result<void> databases =
      co_await run_set(&*connection, postgres::ensure_databases(intent.databases));
  if (!databases) co_return not_done(databases.error());
  for (const fsm::SqlUser& user : intent.users) {
    const k8s::ObjectName secret_name{cluster.name_space, user.secret};
    Answer<StoredSecret> secret = co_await stored_secret(secret_name, client);
    if (!secret) co_return k8s::refuse(std::move(secret).error());
    postgres::UserWish wish{
        .name = user.name, .databases = user.databases, .options = user.options};
    wish.verifier = value_of(secret->data, "verifier");
    Result<void> done = co_await run_set(&*connection, postgres::ensure_user(wish));
    if (!done) co_return not_done(done.error());
  }
  co_return Written{};
}

}  // namespace annals::actions
