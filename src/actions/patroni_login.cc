#include "actions/patroni_login.h"

#include <charconv>
#include <string>
#include <utility>

#include "actions/ensure_secret.h"
#include "actions/operator_login.h"
#include "actions/secret_material.h"

namespace annals::actions {
namespace {

// "hippo-x-0.hippo-pods.ns.svc:8009": the port where it is not Patroni's own.
postgres::PatroniOptions options_for(std::string host) {
  postgres::PatroniOptions options;
  const std::size_t colon = host.rfind(':');
  if (colon != std::string::npos) {
    std::from_chars(host.data() + colon + 1, host.data() + host.size(), options.port);
    host.resize(colon);
  }
  options.host = std::move(host);
  return options;
}

}  // namespace

boost::asio::awaitable<Answer<PatroniSession>> patroni_at(std::string host,
                                                          std::string authority_secret,
                                                          ClusterIdentity cluster,
                                                          ActionContext context) {
  k8s::ObjectName authority_name{cluster.name_space, std::move(authority_secret)};
  Answer<StoredSecret> stored = co_await stored_secret(std::move(authority_name), context);
  if (!stored) co_return k8s::refuse(std::move(stored).error());
  const postgres::KeyPair authority = authority_in(stored->data);
  Result<postgres::KeyPair> login = operator_login(authority, context.clock.now());
  if (!login) co_return k8s::refuse(k8s::Trouble::kNotSent, to_string(login.error()));
  postgres::PatroniOptions options = options_for(std::move(host));
  options.ca = authority.certificate;
  options.client = std::move(*login);
  Answer<Endpoint> endpoint =
      co_await context.resolver.resolve(options.host, options.port, cluster);
  if (!endpoint) co_return k8s::refuse(std::move(endpoint).error());
  options.address = endpoint->address;
  options.port = endpoint->port;
  co_return PatroniSession{*std::move(endpoint), postgres::PatroniApi(std::move(options))};
}

}  // namespace annals::actions
