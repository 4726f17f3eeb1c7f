#include "actions/configure_patroni.h"

#include <utility>

#include "actions/owned_fields.h"
#include "actions/patroni_login.h"

namespace annals::actions {
boost::asio::awaitable<Answer<Written>> run(fsm::ConfigurePatroni intent, ClusterIdentity cluster,
                                            k8s::Client& client, const Clock& clock) {
  Answer<postgres::PatroniApi> api = co_await patroni_at(
      std::move(intent.host), std::move(intent.authority_secret), cluster, client, clock);
  if (!api) co_return k8s::refuse(std::move(api).error());
  postgres::PatroniApi patroni = std::move(*api);
  Result<std::string> done = co_await patroni.put_config(std::move(intent.configuration));
  if (!done) co_return not_done(done.error());
  Result<std::string> kept = co_await patroni.config();
  // The first request was accepted: from here on nothing is "not sent".
  if (!kept) co_return k8s::refuse(k8s::Trouble::kUnknownOutcome, to_string(kept.error()));
  Written written;
  written.digest = digest_of_json(*kept);
  co_return written;
}

}  // namespace annals::actions
