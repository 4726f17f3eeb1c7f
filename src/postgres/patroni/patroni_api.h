// PatroniApi: Patroni's REST API of one pod over mutual TLS, as coroutines on the caller's
// io_context. A value without connections: each call makes its own. One thread, the loop's; the
// object outlives its calls. Errors: kUnavailable = not reached or refused for now, kTimeout = sent
// but the outcome is unknown, kForbidden = TLS or authorization, kConflict = Patroni says that this
// is not the moment; patroni.h has the rest.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "postgres/patroni/patroni.h"
#include "postgres/tls/certificate.h"

namespace annals::postgres {

struct PatroniOptions {
  std::string host;                      // the name that the pod's certificate must carry
  std::optional<std::string> address{};  // the pod's address, called instead of resolving the host
  std::uint16_t port = 8008;
  std::string ca{};
  KeyPair client{};  // Patroni asks for it before anything that changes (verify_client: optional)
  std::chrono::milliseconds timeout{10'000};
  // A restart is answered when it is done.
  std::chrono::milliseconds long_timeout{120'000};
  // A switchover as well, or after two of Patroni's rounds, which are 20 s by default. A leader
  // that is cut off meanwhile never answers, and nobody else is asked until then.
  std::chrono::milliseconds switchover_timeout{45'000};
};

class PatroniApi {
 public:
  explicit PatroniApi(PatroniOptions options);

  boost::asio::awaitable<Result<PatroniStatus>> status();    // GET /patroni
  boost::asio::awaitable<Result<PatroniCluster>> cluster();  // GET /cluster
  // GET /readiness: whether the member leads, or runs and follows.
  boost::asio::awaitable<Result<bool>> ready();

  // PUT /config: the JSON object and nothing else. A GET may answer with the one before for as long
  // as a turn of the member's loop.
  boost::asio::awaitable<Result<std::string>> put_config(std::string json);
  // PATCH /config: merges the JSON object, null removes. Yields the configuration that results.
  boost::asio::awaitable<Result<std::string>> patch_config(std::string json);

  // POST /switchover, answered when the new leader leads.
  boost::asio::awaitable<Result<void>> switchover(std::string leader,
                                                  std::optional<std::string> candidate);
  // POST /failover, answered when the candidate leads: also when nobody leads, or the leader would
  // not let go.
  boost::asio::awaitable<Result<void>> failover(std::string candidate);
  // POST /restart of this member's PostgreSQL; kUnavailable when the conditions of the request do
  // not hold.
  boost::asio::awaitable<Result<void>> restart(RestartRequest request);
  // POST /reinitialize: throws this replica's data away and copies it anew. Answered when that has
  // begun.
  boost::asio::awaitable<Result<void>> reinitialize();

 private:
  boost::asio::awaitable<Result<std::string>> call(std::string method, std::string target,
                                                   std::string body,
                                                   std::chrono::milliseconds timeout);

  PatroniOptions options_;
};

}  // namespace annals::postgres
