// The server of probes and metrics on the loopback, with peers that behave and peers that do not.
#include "api/http_server.h"

#include <gmock/gmock.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "k8s/task_scope.h"

namespace annals::api {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

constexpr ServerLimits kLimits{
    .sessions_max = 4, .header_bytes_max = 1024, .idle = 500ms, .write = 500ms};

class HttpServerTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_->listen("127.0.0.1:0"));
    tasks_->spawn("server", server_->run());
    thread_ = std::thread([this] { context_.run(); });
  }

  void TearDown() override {
    // What belongs to the loop's thread ends there.
    asio::post(context_, [this] {
      tasks_->cancel();
      server_.reset();
    });
    thread_.join();
  }

  static Response answer(const Request& request) {
    if (request.path == "/echo") return {.body = "query=" + request.query};
    return {.status = 404, .body = "no\n"};
  }

  tcp::socket connected() {
    tcp::socket socket(own_);
    socket.connect({asio::ip::address_v4::loopback(), server_->port()});
    return socket;
  }
  static void send(tcp::socket& socket, const std::string& text) {
    asio::write(socket, asio::buffer(text));
  }
  // Everything until the peer hangs up.
  static std::string rest_of(tcp::socket& socket) {
    std::string text;
    boost::system::error_code error;
    asio::read(socket, asio::dynamic_buffer(text), error);
    return text;
  }
  std::string ask(const std::string& text) {
    tcp::socket socket = connected();
    send(socket, text);
    return rest_of(socket);
  }

  asio::io_context context_{1};
  asio::io_context own_{1};
  std::unique_ptr<k8s::TaskScope> tasks_ =
      std::make_unique<k8s::TaskScope>(context_.get_executor());
  std::unique_ptr<HttpServer> server_ =
      std::make_unique<HttpServer>(context_.get_executor(), answer, Log(), kLimits);
  std::thread thread_;
};

TEST_F(HttpServerTest, AnswersAGet) {
  const std::string text =
      ask("GET /echo?verbose HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(text, HasSubstr("Cache-Control: no-store\r\n"));
  EXPECT_THAT(text, EndsWith("\r\n\r\nquery=verbose"));
  EXPECT_THAT(ask("GET /other HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 404 "));
}

TEST_F(HttpServerTest, AnswersAHeadWithoutABody) {
  const std::string text = ask("HEAD /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(text, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_THAT(text, EndsWith("\r\n\r\n"));
}

TEST_F(HttpServerTest, AnswersSeveralQuestionsOnOneConnection) {
  tcp::socket socket = connected();
  for (int i = 0; i < 3; ++i) {
    send(socket, "GET /echo?" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    std::string text;
    asio::read_until(socket, asio::dynamic_buffer(text), "query=" + std::to_string(i));
  }
}

TEST_F(HttpServerTest, TakesNothingButGetAndHead) {
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
    const std::string text =
        ask(std::string(method) + " /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_THAT(text, StartsWith("HTTP/1.1 405 ")) << method;
    EXPECT_THAT(text, HasSubstr("Allow: GET, HEAD\r\n")) << method;
  }
}

TEST_F(HttpServerTest, TakesNoBodyForAQuestion) {
  const std::string text =
      ask("GET /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 36\r\n\r\nGET /other HTTP/1.1\r\nHost: "
          "a\r\n\r\n..");
  EXPECT_THAT(text, StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(text.find("404"), std::string::npos) << text;
}

TEST_F(HttpServerTest, HangsUpOnWhatIsNoHttpOrTooLong) {
  EXPECT_EQ(ask("\x16\x03\x01 this is another protocol\r\n\r\n"), "");
  EXPECT_EQ(ask("GET /echo HTTP/1.1\r\nLong: " + std::string(2000, 'x')), "");
}

TEST_F(HttpServerTest, HangsUpOnWhoSaysNothing) {
  tcp::socket socket = connected();
  send(socket, "GET /ec");
  EXPECT_EQ(rest_of(socket), "");
}

TEST_F(HttpServerTest, LetsTooManyWaitAndServesThemLater) {
  std::vector<tcp::socket> idlers;
  for (int i = 0; i < kLimits.sessions_max; ++i) idlers.push_back(connected());
  // Who comes now waits until the idle ones were hung up on.
  EXPECT_THAT(ask("GET /echo?late HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
              EndsWith("query=late"));
  for (tcp::socket& idler : idlers) EXPECT_EQ(rest_of(idler), "");
}

TEST(HttpServerListenTest, RefusesWhatIsNoAddress) {
  asio::io_context context(1);
  HttpServer server(context.get_executor(), [](const Request&) { return Response{}; }, Log());
  for (const char* where : {"", "8081", "localhost:8081", "127.0.0.1:x", "127.0.0.1:99999", "[::1"})
    EXPECT_FALSE(server.listen(where)) << where;
  EXPECT_TRUE(server.listen(":0"));
  EXPECT_NE(server.port(), 0);
}

TEST(HttpServerListenTest, SaysWhenThePortIsTaken) {
  asio::io_context context(1);
  const auto answer = [](const Request&) { return Response{}; };
  HttpServer first(context.get_executor(), answer, Log());
  HttpServer second(context.get_executor(), answer, Log());
  ASSERT_TRUE(first.listen("127.0.0.1:0"));
  const Result<void> taken = second.listen("127.0.0.1:" + std::to_string(first.port()));
  ASSERT_FALSE(taken);
  EXPECT_THAT(to_string(taken.error()), HasSubstr("listen on 127.0.0.1:"));
}

}  // namespace
}  // namespace annals::api
