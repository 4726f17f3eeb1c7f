#include "postgres/patroni/patroni_api.h"

#include <gmock/gmock.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "base/clock.h"
#include "tests/integration/postgres/loop.h"

namespace annals::postgres {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

std::string answer(std::string_view status, std::string_view body) {
  // As Patroni does: HTTP/1.0, no length; the end of the connection ends the body.
  return concat("HTTP/1.0 ", status, "\r\nServer: BaseHTTP/0.6 Python/3.11.2\r\n\r\n", body);
}

// A server with a certificate for "hippo-0.pods" that asks for the client's, as Patroni does, and
// says to every request what the test wants it to.
class PatroniApiTest : public testing::Test {
 protected:
  PatroniOptions options() const {
    return {.host = "hippo-0.pods",
            .address = "127.0.0.1",
            .port = acceptor_.local_endpoint().port(),
            .ca = ca_.certificate,
            .client = leaf("operator"),
            .timeout = 2s,
            .long_timeout = 2s};
  }

  KeyPair leaf(const std::string& name) const {
    return make_leaf(ca_, {.common_name = name, .dns_names = {name}}, SystemClock().now()).value();
  }

  // The result of the call while the server says this.
  template <class T>
  Result<T> while_server_says(std::string words, asio::awaitable<Result<T>> call) {
    auto outcome = loop_.run(std::move(call) || serve(std::move(words)));
    return std::get<0>(std::move(outcome));
  }

  asio::awaitable<void> serve(std::string words) {
    const auto executor = co_await asio::this_coro::executor;
    ssl::context context(ssl::context::tls_server);
    const KeyPair own = leaf("hippo-0.pods");
    const std::string key(own.key.reveal());
    context.use_certificate_chain(asio::buffer(own.certificate));
    context.use_private_key(asio::buffer(key), ssl::context::pem);
    context.add_certificate_authority(asio::buffer(ca_.certificate));
    context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    {
      tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
      ssl::stream<tcp::socket> stream(std::move(socket), context);
      auto [refused] = co_await stream.async_handshake(ssl::stream_base::server, kAsTuple);
      if (!refused) {
        [[maybe_unused]] auto [unread, size] = co_await asio::async_read_until(
            stream, asio::dynamic_buffer(request_), "\r\n\r\n", kAsTuple);
        [[maybe_unused]] auto [unsent, sent] =
            co_await asio::async_write(stream, asio::buffer(words), kAsTuple);
        if (words.empty()) co_await for_ever();
      }
    }  // closed without a farewell
    co_await for_ever();
  }

  static asio::awaitable<void> for_ever() {
    asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
    co_await timer.async_wait(kAsTuple);
  }

  Loop loop_;
  KeyPair ca_ = make_root("test-ca", SystemClock().now()).value();
  tcp::acceptor acceptor_{loop_.context(), tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::string request_;
};

TEST_F(PatroniApiTest, ReadsTheStatusOverMutualTls) {
  PatroniApi patroni(options());
  const Result<PatroniStatus> status = while_server_says(
      answer("200 OK", R"({"state": "running", "role": "primary"})"), patroni.status());
  ASSERT_TRUE(status) << to_string(status.error());
  EXPECT_EQ(status->role, PatroniRole::kPrimary);
  EXPECT_THAT(request_, StartsWith("GET /patroni HTTP/1.1\r\n"));
}

TEST_F(PatroniApiTest, ReadsTheCluster) {
  PatroniApi patroni(options());
  const Result<PatroniCluster> cluster = while_server_says(
      answer("200 OK", R"({"members": [{"name": "a", "role": "leader"}]})"), patroni.cluster());
  ASSERT_TRUE(cluster) << to_string(cluster.error());
  EXPECT_EQ(cluster->members.at(0).name, "a");
}

TEST_F(PatroniApiTest, TellsReadyFromNotReadyFromUnknown) {
  PatroniApi patroni(options());
  EXPECT_TRUE(while_server_says(answer("200 OK", ""), patroni.ready()).value());
  EXPECT_FALSE(while_server_says(answer("503 Service Unavailable", ""), patroni.ready()).value());
  EXPECT_FALSE(while_server_says(answer("404 Not Found", ""), patroni.ready()));
}

TEST_F(PatroniApiTest, SendsItsCommandsAsJson) {
  PatroniApi patroni(options());
  const Result<std::string> config = while_server_says(answer("200 OK", R"({"ttl": 30})"),
                                                       patroni.patch_config(R"({"pause": null})"));
  EXPECT_EQ(config.value(), R"({"ttl": 30})");
  EXPECT_THAT(request_, StartsWith("PATCH /config HTTP/1.1\r\n"));
  EXPECT_THAT(request_, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(request_, HasSubstr(R"({"pause": null})"));

  request_.clear();
  EXPECT_TRUE(while_server_says(answer("200 OK", "Successfully switched over to \"b\""),
                                patroni.switchover("a", "b")));
  EXPECT_THAT(request_, StartsWith("POST /switchover HTTP/1.1\r\n"));
  EXPECT_THAT(request_, HasSubstr(R"({"candidate":"b","leader":"a"})"));

  request_.clear();
  EXPECT_TRUE(while_server_says(answer("200 OK", "restarted successfully"),
                                patroni.restart({.only_if_pending = true})));
  EXPECT_THAT(request_, HasSubstr(R"({"restart_pending":true})"));

  request_.clear();
  EXPECT_TRUE(while_server_says(answer("200 OK", "reinitialize started"), patroni.reinitialize()));
  EXPECT_THAT(request_, StartsWith("POST /reinitialize HTTP/1.1\r\n"));
}

TEST_F(PatroniApiTest, RepeatsPatronisReasonForARefusal) {
  PatroniApi patroni(options());
  const Result<void> refused = while_server_says(
      answer("412 Precondition Failed", "switchover is not possible: no good candidates"),
      patroni.switchover("a", std::nullopt));
  ASSERT_FALSE(refused);
  EXPECT_EQ(to_string(refused.error()),
            "conflict: POST /switchover of Patroni at hippo-0.pods: HTTP 412: "
            "switchover is not possible: no good candidates");
}

// Who is not who they should be.

TEST_F(PatroniApiTest, RefusesAServerOfAnotherNameOrAnotherCa) {
  PatroniOptions other_name = options();
  other_name.host = "hippo-1.pods";
  PatroniApi one(other_name);
  EXPECT_EQ(while_server_says(answer("200 OK", ""), one.ready()).error().code, Errc::kForbidden);
  PatroniOptions other_ca = options();
  other_ca.ca = make_root("test-ca", SystemClock().now()).value().certificate;
  PatroniApi two(other_ca);
  EXPECT_EQ(while_server_says(answer("200 OK", ""), two.ready()).error().code, Errc::kForbidden);
  EXPECT_EQ(request_, "");
}

TEST_F(PatroniApiTest, SaysThatItsOwnCertificateIsRefused) {
  PatroniOptions stranger = options();
  const KeyPair other = make_root("other", SystemClock().now()).value();
  stranger.client = make_leaf(other, {.common_name = "operator"}, SystemClock().now()).value();
  PatroniApi patroni(stranger);
  const Result<bool> refused = while_server_says(answer("200 OK", ""), patroni.ready());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kForbidden) << refused.error().detail;
}

TEST_F(PatroniApiTest, SaysThatItsMaterialIsBroken) {
  PatroniOptions broken = options();
  broken.client.key = Secret("no key");
  EXPECT_EQ(loop_.run(PatroniApi(broken).ready()).error().code, Errc::kInvalid);
  broken = options();
  broken.ca = "no CA";
  EXPECT_EQ(loop_.run(PatroniApi(broken).ready()).error().code, Errc::kInvalid);
}

TEST_F(PatroniApiTest, SaysThatNobodyIsThere) {
  PatroniOptions nobody = options();
  acceptor_.close();
  PatroniApi patroni(nobody);
  EXPECT_EQ(loop_.run(patroni.ready()).error().code, Errc::kUnavailable);
}

// What a server may do.

TEST_F(PatroniApiTest, GivesUpOnAServerThatSaysNothing) {
  PatroniOptions impatient = options();
  impatient.timeout = 200ms;
  PatroniApi patroni(impatient);
  const Result<PatroniStatus> silent = while_server_says("", patroni.status());
  EXPECT_EQ(silent.error().code, Errc::kTimeout);
}

TEST_F(PatroniApiTest, RefusesWhatIsNotHttp) {
  PatroniApi patroni(options());
  EXPECT_EQ(while_server_says("SSH-2.0-OpenSSH_9.2\r\n", patroni.status()).error().code,
            Errc::kInvalid);
  EXPECT_FALSE(while_server_says("HTTP/1.1 2", patroni.status()));
  EXPECT_FALSE(
      while_server_says("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}", patroni.status()));
}

TEST_F(PatroniApiTest, RefusesAnAnswerWithoutItsEnd) {
  PatroniApi patroni(options());
  const Result<PatroniStatus> cut = while_server_says(
      "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"state\": \"running\"}", patroni.status());
  EXPECT_EQ(cut.error().code, Errc::kTimeout);
  EXPECT_EQ(while_server_says(answer("200 OK", R"({"state": "run)"), patroni.status()).error().code,
            Errc::kInvalid);
}

TEST_F(PatroniApiTest, RefusesAnswersWithoutMeasure) {
  PatroniApi patroni(options());
  const std::string large = answer("200 OK", std::string(3U << 20U, ' '));
  EXPECT_EQ(while_server_says(large, patroni.status()).error().code, Errc::kInvalid);
  const std::string header = "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n";
  EXPECT_EQ(while_server_says(header, patroni.status()).error().code, Errc::kInvalid);
  const std::string claim = "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n{}";
  EXPECT_EQ(while_server_says(claim, patroni.status()).error().code, Errc::kInvalid);
}

}  // namespace
}  // namespace annals::postgres
