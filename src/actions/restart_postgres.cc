#include "actions/restart_postgres.h"

#include <utility>

#include "actions/patroni_login.h"

namespace annals::actions {

boost::asio::awaitable<Answer<Written>> run(fsm::RestartPostgres intent, ClusterIdentity cluster,
                                            k8s::Client& client, const Clock& clock) {
  Answer<postgres::PatroniApi> api = co_await patroni_at(
      std::move(intent.host), std::move(intent.authority_secret), cluster, client, clock);
  if (!api) co_return k8s::refuse(std::move(api).error());
  const Result<postgres::PatroniStatus> status = co_await api->status();
  if (!status) co_return not_done(status.error());
  // It may have happened before, in a process whose end kept us from hearing of it.
  if (!status->pending_restart) co_return Written{};
  const Result<void> done = co_await api->restart({.only_if_pending = true});
  if (!done) co_return not_done(done.error());
  co_return Written{};
}

}  // namespace annals::actions
