#include "postgres/patroni/https.h"

#include <openssl/ssl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <utility>

#include "http/response_parser.h"

namespace annals::postgres {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;
using namespace asio::experimental::awaitable_operators;  // operator||

using Stream = beast::ssl_stream<beast::tcp_stream>;
using Endpoints = std::vector<tcp::endpoint>;

constexpr auto kHttpsTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadBytes = std::size_t{16} << 10;
constexpr annals::http::ResponseLimits kLimits{.header_bytes_max = 16 * 1024,
                                               .body_bytes_max = std::uint64_t{1} << 20};

// The CA that counts, and who we are.
Result<void> fill(ssl::context& context, const HttpsServer& server) {
  error_code problem;
  const std::string_view key = server.client.key.reveal();
  if (context.add_certificate_authority(asio::buffer(server.ca), problem)) {
    return fail(Errc::kInvalid, "the CA: ", problem.message());
  }
  if (context.use_certificate_chain(asio::buffer(server.client.certificate), problem)) {
    return fail(Errc::kInvalid, "the client certificate: ", problem.message());
  }
  if (context.use_private_key(asio::buffer(key.data(), key.size()), ssl::context::pem, problem)) {
    return fail(Errc::kInvalid, "the client key: ", problem.message());
  }
  return {};
}

// The name for SNI (RFC 6066) and for the verification of the certificate.
bool expect_name(Stream& stream, const std::string& host) {
  stream.set_verify_mode(ssl::verify_peer);
  stream.set_verify_callback(ssl::host_name_verification(host));
  return SSL_set_tlsext_host_name(stream.native_handle(), host.c_str()) == 1;
}

asio::awaitable<Result<Endpoints>> resolve(std::string name, std::uint16_t port,
                                           std::chrono::milliseconds timeout) {
  error_code not_an_address;
  const asio::ip::address address = asio::ip::make_address(name, not_an_address);
  if (!not_an_address) co_return Endpoints{{address, port}};
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  asio::steady_timer deadline(executor, timeout);
  const std::string service = std::to_string(port);
  auto outcome = co_await (resolver.async_resolve(name, service, kHttpsTuple) ||
                           deadline.async_wait(kHttpsTuple));
  if (outcome.index() == 1) co_return fail(Errc::kUnavailable, "resolve: timed out");
  const auto& [problem, found] = std::get<0>(outcome);
  if (problem) co_return fail(Errc::kUnavailable, "resolve: ", problem.message());
  Endpoints endpoints;
  for (const auto& entry : found) endpoints.push_back(entry.endpoint());
  co_return endpoints;
}

http::request<http::string_body> to_message(const HttpsServer& server, HttpsRequest request) {
  http::request<http::string_body> message;
  message.method_string(request.method);
  message.target(request.target);
  message.version(11);
  message.set(http::field::host, concat(server.host, ':', server.port));
  message.set(http::field::connection, "close");
  if (!request.body.empty()) message.set(http::field::content_type, "application/json");
  message.body() = std::move(request.body);
  message.prepare_payload();
  return message;
}

// With or without TLS's farewell.
bool is_closed(error_code problem) {
  return problem == ssl::error::stream_truncated || problem == asio::error::eof ||
         problem == asio::error::connection_reset;
}

Error tls_error(error_code problem) {
  const bool timeout = problem == beast::error::timeout;
  return Error{timeout ? Errc::kUnavailable : Errc::kForbidden, concat("TLS: ", problem.message())};
}

Error read_error(error_code problem) {
  // With TLS 1.3 a server refuses our certificate only after we think that the handshake is done.
  if (problem.category() == asio::error::get_ssl_category()) return tls_error(problem);
  return Error{Errc::kTimeout, concat("no answer: ", problem.message())};
}

asio::awaitable<Result<HttpsAnswer>> read_answer(Stream* stream) {
  annals::http::ResponseParser parser(kLimits);
  HttpsAnswer answer;
  std::string bytes(kReadBytes, '\0');
  while (!parser.complete()) {
    auto [problem, size] = co_await stream->async_read_some(asio::buffer(bytes), kHttpsTuple);
    // A server that closes without a farewell has said all that it had to, if HTTP agrees.
    if (problem && is_closed(problem) && parser.end_of_stream()) break;
    if (problem) co_return fail(read_error(problem));
    Result<void> taken = parser.feed(std::string_view(bytes).substr(0, size), answer.body);
    if (!taken) co_return fail(std::move(taken).error());
  }
  answer.status = static_cast<unsigned>(parser.head().status);
  co_return answer;
}

// Moves from one connected stream to its answer.
asio::awaitable<Result<HttpsAnswer>> converse(std::unique_ptr<Stream> stream,
                                              http::request<http::string_body> message) {
  auto [shaken] = co_await stream->async_handshake(ssl::stream_base::client, kHttpsTuple);
  if (shaken) co_return fail(tls_error(shaken));
  auto [written, sent] = co_await http::async_write(*stream, message, kHttpsTuple);
  if (written) co_return fail(read_error(written));
  Result<HttpsAnswer> answer = co_await read_answer(stream.get());
  co_return answer;
}

}  // namespace

asio::awaitable<Result<HttpsAnswer>> exchange(HttpsServer server, HttpsRequest request) {
  ssl::context context(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  const Result<void> filled = fill(context, server);
  if (!filled) co_return fail(filled.error());
  const std::string name = server.address.value_or(server.host);
  const auto timeout = request.timeout;
  const Result<Endpoints> endpoints = co_await resolve(name, server.port, timeout);
  if (!endpoints) co_return fail(endpoints.error());

  const auto executor = co_await asio::this_coro::executor;
  auto stream = std::make_unique<Stream>(executor, context);
  if (!expect_name(*stream, server.host)) co_return fail(Errc::kInvalid, "not a host name");
  beast::tcp_stream& transport = beast::get_lowest_layer(*stream);
  transport.expires_after(timeout);
  auto [problem, endpoint] = co_await transport.async_connect(*endpoints, kHttpsTuple);
  if (problem) co_return fail(Errc::kUnavailable, "connect: ", problem.message());
  auto message = to_message(server, std::move(request));
  Result<HttpsAnswer> answer = co_await converse(std::move(stream), std::move(message));
  co_return answer;
}

}  // namespace annals::postgres
