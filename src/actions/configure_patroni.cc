#include "actions/configure_patroni.h"

#include <utility>

#include "actions/patroni_login.h"
#include "k8s/lens/json_digest.h"
#include "k8s/text/json.h"
#include "postgres/patroni/patroni.h"

namespace annals::actions {
boost::asio::awaitable<Answer<ActionResult>> run(fsm::ConfigurePatroni intent,
                                                 ClusterIdentity cluster, ActionContext context) {
  Answer<PatroniSession> patroni = co_await patroni_at(
      std::move(intent.host), std::move(intent.authority_secret), cluster, context);
  if (!patroni) co_return k8s::refuse(std::move(patroni).error());
  // Patroni would rewind a cluster that has a primary, and what it has written would be gone.
  if (postgres::makes_standby(intent.configuration)) {
    const Result<std::string> before = co_await patroni->api.config();
    if (!before) co_return to_action_error(with_forward_error(patroni->endpoint, before.error()));
    if (!postgres::makes_standby(*before))
      co_return k8s::refuse(k8s::Trouble::kNotSent,
                            "the cluster has a primary: it is made no standby");
  }
  Result<std::string> done = co_await patroni->api.put_config(std::move(intent.configuration));
  if (!done) co_return to_action_error(with_forward_error(patroni->endpoint, done.error()));
  Result<std::string> kept = co_await patroni->api.config();
  // The first request was accepted: from here on nothing is "not sent".
  if (!kept) co_return k8s::refuse(k8s::Trouble::kUnknownOutcome, to_string(kept.error()));
  k8s::JsonReader reader;
  ActionResult written;
  written.digest = k8s::digest_of_json(reader, *kept);
  co_return written;
}

}  // namespace annals::actions
