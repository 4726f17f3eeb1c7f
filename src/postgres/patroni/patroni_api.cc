#include "postgres/patroni/patroni_api.h"

#include <utility>

#include "postgres/patroni/https.h"

namespace annals::postgres {

namespace asio = boost::asio;

namespace {

HttpsServer to_server(const PatroniOptions& options) {
  return {.host = options.host,
          .address = options.address,
          .port = options.port,
          .ca = options.ca,
          .client = options.client};
}

Result<void> without_text(const Result<std::string>& answer) {
  if (!answer) return fail(answer.error());
  return {};
}

}  // namespace

PatroniApi::PatroniApi(PatroniOptions options) : options_(std::move(options)) {}

asio::awaitable<Result<std::string>> PatroniApi::call(std::string method, std::string target,
                                                      std::string body,
                                                      std::chrono::milliseconds timeout) {
  const std::string purpose = concat(method, ' ', target, " of Patroni at ", options_.host);
  HttpsServer server = to_server(options_);
  HttpsRequest request{.method = std::move(method),
                       .target = std::move(target),
                       .body = std::move(body),
                       .timeout = timeout};
  Result<HttpsAnswer> answer = co_await exchange(std::move(server), std::move(request));
  if (!answer) co_return fail(std::move(answer).error().while_doing(purpose));
  if (answer->status >= 200 && answer->status < 300) co_return std::move(answer->body);
  co_return fail(patroni_error(answer->status, answer->body).while_doing(purpose));
}

asio::awaitable<Result<PatroniStatus>> PatroniApi::status() {
  const Result<std::string> answer = co_await call("GET", "/patroni", "", options_.timeout);
  if (!answer) co_return fail(answer.error());
  co_return read_status(*answer);
}

asio::awaitable<Result<PatroniCluster>> PatroniApi::cluster() {
  const Result<std::string> answer = co_await call("GET", "/cluster", "", options_.timeout);
  if (!answer) co_return fail(answer.error());
  co_return read_cluster(*answer);
}

asio::awaitable<Result<bool>> PatroniApi::ready() {
  HttpsServer server = to_server(options_);
  HttpsRequest request{.method = "GET", .target = "/readiness", .timeout = options_.timeout};
  const Result<HttpsAnswer> answer = co_await exchange(std::move(server), std::move(request));
  if (!answer) co_return fail(answer.error().while_doing("query Patroni at " + options_.host));
  if (answer->status == 200) co_return true;
  if (answer->status == 503) co_return false;
  co_return fail(patroni_error(answer->status, answer->body).while_doing("GET /readiness"));
}

asio::awaitable<Result<std::string>> PatroniApi::put_config(std::string json) {
  Result<std::string> answer = co_await call("PUT", "/config", std::move(json), options_.timeout);
  co_return answer;
}

asio::awaitable<Result<std::string>> PatroniApi::patch_config(std::string json) {
  Result<std::string> answer = co_await call("PATCH", "/config", std::move(json), options_.timeout);
  co_return answer;
}

asio::awaitable<Result<void>> PatroniApi::switchover(std::string leader,
                                                     std::optional<std::string> candidate) {
  std::string body = switchover_body(leader, candidate);
  const Result<std::string> answer =
      co_await call("POST", "/switchover", std::move(body), options_.switchover_timeout);
  co_return without_text(answer);
}

asio::awaitable<Result<void>> PatroniApi::failover(std::string candidate) {
  std::string body = failover_body(candidate);
  const Result<std::string> answer =
      co_await call("POST", "/failover", std::move(body), options_.switchover_timeout);
  co_return without_text(answer);
}

asio::awaitable<Result<void>> PatroniApi::restart(RestartRequest request) {
  std::string body = restart_body(request);
  const Result<std::string> answer =
      co_await call("POST", "/restart", std::move(body), options_.long_timeout);
  co_return without_text(answer);
}

asio::awaitable<Result<void>> PatroniApi::reinitialize() {
  const Result<std::string> answer = co_await call("POST", "/reinitialize", "{}", options_.timeout);
  co_return without_text(answer);
}

}  // namespace annals::postgres
