#include "actions/configure_patroni.h"

#include <utility>

#include "actions/patroni_login.h"
#include "k8s/lens/json_digest.h"
#include "k8s/text/json.h"

namespace annals::actions {
boost::asio::awaitable<Answer<Written>> run(fsm::ConfigurePatroni intent, ClusterIdentity cluster,
                                            Means means) {
  Answer<PatroniSession> patroni = co_await patroni_at(
      std::move(intent.host), std::move(intent.authority_secret), cluster, means);
  if (!patroni) co_return k8s::refuse(std::move(patroni).error());
  Result<std::string> done = co_await patroni->api.put_config(std::move(intent.configuration));
  if (!done) co_return not_done(told_by(patroni->way, done.error()));
  Result<std::string> kept = co_await patroni->api.config();
  // The first request was accepted: from here on nothing is "not sent".
  if (!kept) co_return k8s::refuse(k8s::Trouble::kUnknownOutcome, to_string(kept.error()));
  k8s::JsonReader reader;
  Written written;
  written.digest = k8s::digest_of_json(reader, *kept);
  co_return written;
}

}  // namespace annals::actions
