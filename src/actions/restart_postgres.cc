#include "actions/restart_postgres.h"

#include <utility>

#include "actions/patroni_login.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::RestartPostgres intent,
                                                 ClusterIdentity cluster, ActionContext context) {
  Answer<PatroniSession> patroni = co_await patroni_at(
      std::move(intent.host), std::move(intent.authority_secret), cluster, context);
  if (!patroni) co_return k8s::refuse(std::move(patroni).error());
  const Result<postgres::PatroniStatus> status = co_await patroni->api.status();
  if (!status) co_return to_action_error(with_forward_error(patroni->endpoint, status.error()));
  // It may have happened before, in a process whose end kept us from hearing of it.
  if (!status->pending_restart) co_return ActionResult{};
  const Result<void> done = co_await patroni->api.restart({.only_if_pending = true});
  if (!done) co_return to_action_error(with_forward_error(patroni->endpoint, done.error()));
  co_return ActionResult{};
}

}  // namespace annals::actions
