#include "actions/sql_login.h"

#include <utility>

#include "actions/operator_login.h"

namespace annals::actions {

boost::asio::awaitable<Result<postgres::Connection>> connect_to(std::string host, int port,
                                                                const postgres::KeyPair& authority,
                                                                Timestamp now) {
  Result<postgres::KeyPair> own = operator_login(authority, now);
  if (!own) co_return fail(std::move(own).error());
  postgres::ConnectOptions options{.host = std::move(host)};
  options.port = static_cast<std::uint16_t>(port);
  options.user = kSuperuser;
  options.ca = authority.certificate;
  options.client = std::move(*own);
  Result<postgres::Connection> connection =
      co_await postgres::Connection::connect(std::move(options));
  co_return connection;
}

}  // namespace annals::actions
