#include "actions/checkpoint.h"

#include <utility>

#include "actions/ensure_secret.h"
#include "actions/secret_material.h"
#include "actions/sql_login.h"

namespace annals::actions {

boost::asio::awaitable<Answer<Written>> run(fsm::Checkpoint intent, ClusterIdentity cluster,
                                            k8s::Client& client, const Clock& clock) {
  k8s::ObjectName authority_name{cluster.name_space, std::move(intent.authority_secret)};
  Answer<StoredSecret> stored = co_await stored_secret(std::move(authority_name), client);
  if (!stored) co_return k8s::refuse(std::move(stored).error());
  const postgres::KeyPair authority = authority_in(stored->data);
  Result<postgres::Connection> connection =
      co_await connect_to(std::move(intent.host), intent.port, authority, clock.now());
  if (!connection) co_return not_done(connection.error());
  const Result<postgres::Rows> done = co_await connection->query({.sql = "CHECKPOINT"});
  if (!done) co_return not_done(done.error());
  co_return Written{};
}

}  // namespace annals::actions
