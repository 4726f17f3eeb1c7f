#include "actions/configure_patroni.h"

#include <utility>

#include "actions/ensure_secret.h"
#include "actions/operator_login.h"
#include "actions/owned_fields.h"
#include "actions/secret_material.h"
#include "postgres/patroni_api.h"

namespace annals::actions {

boost::asio::awaitable<Answer<Written>> run(fsm::ConfigurePatroni intent, ClusterIdentity cluster,
                                            k8s::Client& client, const Clock& clock) {
  const k8s::ObjectName authority_name{cluster.name_space, intent.authority_secret};
  Answer<StoredSecret> stored = co_await stored_secret(authority_name, client);
  if (!stored) co_return k8s::refuse(std::move(stored).error());
  const postgres::KeyPair authority = authority_in(stored->data);
  Result<postgres::KeyPair> login = operator_login(authority, clock.now());
  if (!login) co_return not_done(login.error());
  postgres::PatroniOptions options{.host = intent.host};
  options.ca = authority.certificate;
  options.client = std::move(*login);
  postgres::PatroniApi patroni(std::move(options));
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
