#include "actions/sql_login.h"

#include <array>
#include <utility>

#include "actions/ensure_secret.h"
#include "actions/operator_login.h"
#include "actions/secret_material.h"
#include "postgres/tls/certificate_check.h"

namespace annals::actions {
namespace {

constexpr const char* kAuthorities = "ca.crt";

// Whom to trust, and the names to ask for.
struct Identity {
  std::string authorities;
  std::vector<std::string> names;
};

std::string text_of(const StoredSecret& secret, const std::string& key) {
  return std::string(value_of(secret.data, key).reveal());
}

boost::asio::awaitable<Answer<Identity>> identity_of(const SqlServer* server, std::string authority,
                                                     ActionContext context, Timestamp now) {
  Identity identity{.authorities = std::move(authority), .names = {server->host}};
  const fsm::CustomTlsIdentity& custom_tls = server->custom_tls;
  if (custom_tls.authorities_secret.empty()) co_return identity;
  k8s::ObjectName trusted_name{server->cluster.name_space, custom_tls.authorities_secret};
  const Answer<StoredSecret> trusted = co_await stored_secret(std::move(trusted_name), context);
  if (!trusted) co_return k8s::refuse(trusted.error());
  k8s::ObjectName certificate_name{server->cluster.name_space, custom_tls.certificate_secret};
  const Answer<StoredSecret> own = co_await stored_secret(std::move(certificate_name), context);
  if (!own) co_return k8s::refuse(own.error());
  identity.authorities += text_of(*trusted, kAuthorities);
  identity.names = names_to_ask_for(server->host, text_of(*own, custom_tls.certificate_key),
                                    identity.authorities, now);
  co_return identity;
}

}  // namespace

std::vector<std::string> names_to_ask_for(const std::string& host, const std::string& certificate,
                                          const std::string& authorities, Timestamp now) {
  const std::array<std::string, 1> wanted{host};
  if (postgres::verify_leaf(certificate, authorities, wanted, now)) return {host};
  const Result<postgres::CertificateInfo> info = postgres::parse_certificate(certificate);
  const std::string own = info ? postgres::name_in(*info) : std::string();
  if (own.empty() || own == host) return {host};
  return {own, host};
}

boost::asio::awaitable<Answer<SqlSession>> connect_to(SqlServer server, ActionContext context) {
  k8s::ObjectName authority_name{server.cluster.name_space, server.authority_secret};
  const Answer<StoredSecret> stored = co_await stored_secret(std::move(authority_name), context);
  if (!stored) co_return k8s::refuse(stored.error());
  const postgres::KeyPair authority = authority_in(stored->data);
  const Result<postgres::KeyPair> own = operator_login(authority, context.clock.now());
  if (!own) co_return k8s::refuse(to_action_error(own.error()).error());
  const Answer<Identity> identity =
      co_await identity_of(&server, authority.certificate, context, context.clock.now());
  if (!identity) co_return k8s::refuse(identity.error());
  const auto port = static_cast<std::uint16_t>(server.port);
  Answer<Endpoint> endpoint = co_await context.resolver.resolve(server.host, port, server.cluster);
  if (!endpoint) co_return k8s::refuse(std::move(endpoint).error());
  Result<postgres::Connection> connection =
      fail(Errc::kInvalid, "the server certificate has no name to verify");
  for (const std::string& name : identity->names) {
    postgres::ConnectOptions options{.host = server.host, .certified_as = name};
    options.address = endpoint->address;
    options.port = endpoint->port;
    options.user = kSuperuser;
    options.ca = identity->authorities;
    options.client = *own;
    postgres::ConnectOptions tried = options;
    connection = co_await postgres::Connection::connect(std::move(tried));
    if (connection)
      co_return SqlSession{*std::move(endpoint), *std::move(connection), std::move(options)};
  }
  co_return k8s::refuse(to_action_error(with_forward_error(*endpoint, connection.error())).error());
}

boost::asio::awaitable<Result<postgres::Connection>> connect_beside(const SqlSession* session,
                                                                    std::string database) {
  postgres::ConnectOptions options = session->options;
  options.database = std::move(database);
  co_return co_await postgres::Connection::connect(std::move(options));
}

}  // namespace annals::actions
