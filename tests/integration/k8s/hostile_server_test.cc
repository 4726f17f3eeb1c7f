// The client against servers that do everything wrong: no crash, no hang, no memory without bounds,
// and an error that says what is known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "k8s/client/client.h"
#include "k8s/task_scope.h"
#include "k8s/watch/reflector.h"
#include "tests/integration/k8s/support/loop.h"
#include "tests/integration/k8s/support/present.h"
#include "tests/integration/k8s/support/raw_server.h"
#include "tests/support/any_view.h"

namespace annals::k8s {
namespace {

using testing::AnyOf;
using testing::Eq;
using testing::HasSubstr;
using namespace std::chrono_literals;

std::string whole(std::string_view body, std::string_view status = "200 OK",
                  std::string_view lines = "") {
  return concat("HTTP/1.1 ", status, "\r\n", lines, "Content-Length: ", body.size(), "\r\n\r\n",
                body);
}

std::string chunked(std::string_view rest) {
  return concat("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", rest);
}

std::string chunk(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string size;
  for (std::size_t rest = bytes.size(); rest > 0; rest /= 16)
    size.insert(size.begin(), kHex[rest % 16]);
  return concat(size, "\r\n", bytes, "\r\n");
}

class Hostile : public LoopTest {
 protected:
  void serve(Script script, TransportLimits limits = {}) {
    server_.emplace(std::move(script));
    Config config;
    config.server = {false, "127.0.0.1", std::to_string(server_->port()), ""};
    transport_.emplace(loop_.get_executor(), std::move(config), clock_, Log(), no_metrics(),
                       limits);
  }
  Answer<Response> ask(Request request) { return run(transport_->send(std::move(request))); }
  Request read_request(Duration timeout = 10s) {
    Request request;
    request.path = "/api";
    request.timeout = timeout;
    return request;
  }
  Request write_request(Duration timeout = 10s) {
    Request request = read_request(timeout);
    request.verb = Verb::kPost;
    request.body = "{}";
    return request;
  }
  // What a read and a write make of the same answer.
  void expect_troubles(Trouble of_read, Trouble of_write, const std::string& answer) {
    serve({.answer = answer});
    const Answer<Response> read = ask(read_request());
    const Answer<Response> written = ask(write_request());
    ASSERT_FALSE(read) << answer;
    ASSERT_FALSE(written) << answer;
    EXPECT_EQ(read.error().trouble, of_read) << answer << to_string(read.error());
    EXPECT_EQ(written.error().trouble, of_write) << answer << to_string(written.error());
  }

  std::optional<RawServer> server_;
  std::optional<Transport> transport_;
};

TEST_F(Hostile, AnEarlyCloseAtEachByteIsAnUnknownOutcomeForAWrite) {
  const std::string good = whole("{}");
  for (std::size_t size = 0; size < good.size(); ++size) {
    expect_troubles(Trouble::kNoAnswer, Trouble::kUnknownOutcome, good.substr(0, size));
  }
}

TEST_F(Hostile, AnEarlyCloseAtEachByteOfAChunkedAnswerLikewise) {
  const std::string good = chunked(chunk("{\"a\"") + chunk(":1}") + "0\r\n\r\n");
  for (std::size_t size = 0; size < good.size(); ++size) {
    expect_troubles(Trouble::kNoAnswer, Trouble::kUnknownOutcome, good.substr(0, size));
  }
}

TEST_F(Hostile, GarbageIsNoAnswer) {
  for (const std::string& bad :
       {std::string("\x16\x03\x01\x02garbage"), std::string("HTTP/1.1 abc\r\n\r\n"),
        std::string(70'000, 'x'), chunked("zz\r\n"), chunked("ffffffffffffffffff\r\n"),
        chunked("5\r\nabcdefgh\r\n0\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 9\r\n\r\n{}"),
        std::string("HTTP/1.1 100 Continue\r\n\r\n")}) {
    expect_troubles(Trouble::kNoAnswer, Trouble::kUnknownOutcome, bad);
  }
}

TEST_F(Hostile, AShortContentLengthLeavesNothingForTheNextRequest) {
  serve({.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 "
                   "OK\r\nContent-Length: 6\r\n\r\nforged",
         .keep_open = true,
         .requests = 2});
  for (int i = 0; i < 3; ++i) {
    const Answer<Response> answer = ask(read_request());
    ASSERT_TRUE(answer) << to_string(answer.error());
    EXPECT_EQ(answer->body, "{}");
  }
}

TEST_F(Hostile, RedirectsAreRefusedAndNotFollowed) {
  serve({.answer = whole("", "307 Temporary Redirect", "Location: /elsewhere\r\n"),
         .keep_open = true,
         .requests = 3});
  const Answer<Response> read = ask(read_request());
  const Answer<Response> written = ask(write_request());
  ASSERT_FALSE(read);
  ASSERT_FALSE(written);
  EXPECT_EQ(read.error().trouble, Trouble::kNoAnswer) << to_string(read.error());
  EXPECT_EQ(written.error().trouble, Trouble::kUnknownOutcome) << to_string(written.error());
  const std::vector<std::string> requests = server_->requests();
  EXPECT_EQ(requests.size(), 2);
  for (const std::string& request : requests)
    EXPECT_EQ(request.find("elsewhere"), std::string::npos) << request;
}

TEST_F(Hostile, ASlowDripEndsAtTheDeadline) {
  serve({.answer = whole(std::string(10'000, 'x')), .piece = 1, .between = 20ms});
  const Duration began = clock_.steady();
  const Answer<Response> answer = ask(read_request(500ms));
  ASSERT_FALSE(answer);
  EXPECT_LT(clock_.steady() - began, 3s);
}

TEST_F(Hostile, SilenceEndsAtTheDeadline) {
  serve({.answer = "", .keep_open = true});
  const Duration began = clock_.steady();
  const Answer<Response> answer = ask(write_request(300ms));
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().unknown_outcome());
  EXPECT_LT(clock_.steady() - began, 3s);
}

TEST_F(Hostile, AnEndlessBodyIsCutAtItsLimit) {
  serve({.answer = chunked(""), .endless = false});
  std::string flood = chunked("");
  for (int i = 0; i < 64; ++i) flood += chunk(std::string(65'536, 'x'));
  serve({.answer = flood});
  Request request = read_request();
  request.answer_bytes_max = 1 << 20;
  const Answer<Response> answer = ask(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, kAnswerTooLarge);
}

TEST_F(Hostile, AnEndlessHeaderIsCut) {
  serve({.answer = "HTTP/1.1 200 OK\r\n" + std::string(50'000, 'x'), .endless = true});
  const Answer<Response> answer = ask(read_request());
  ASSERT_FALSE(answer);
  EXPECT_LT(server_->bytes_sent(), 8U << 20U);
}

TEST_F(Hostile, ARefusedConnectionSentNothing) {
  serve({.answer = ""});
  server_.reset();
  const Answer<Response> answer = ask(write_request());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().trouble, Trouble::kNotSent);
  EXPECT_EQ(answer.error().code(), Errc::kUnavailable);
}

TEST_F(Hostile, PlainTextWhereTlsIsExpectedIsNotSent) {
  server_.emplace(Script{.answer = "HTTP/1.0 400 Bad Request\r\n\r\n"});
  Config config;
  config.server = {true, "127.0.0.1", std::to_string(server_->port()), ""};
  transport_.emplace(loop_.get_executor(), std::move(config), clock_, Log(), no_metrics(),
                     TransportLimits{.connect_patience = 500ms});
  const Answer<Response> answer = ask(write_request(1s));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().trouble, Trouble::kNotSent);
  EXPECT_THAT(answer.error().message, HasSubstr("TLS handshake"));
}

TEST_F(Hostile, ADeadPooledConnectionIsReplacedForAReadButNeverResendsAWrite) {
  serve({.answer = whole("{}"), .requests = 1});
  ASSERT_TRUE(ask(read_request()));
  ASSERT_TRUE(ask(read_request()));
  // What is seen to be closed is not written to; a moment earlier the outcome would be unknown.
  run_until([&] { return server_->closed() == 2; });
  ASSERT_TRUE(ask(write_request()));
  EXPECT_EQ(server_->requests().size(), 3U);
}

TEST_F(Hostile, KeepAliveReusesOneConnection) {
  serve({.answer = whole("{}"), .requests = 5});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(ask(read_request()));
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(Hostile, TooManyRequestsSaysWhenToComeBack) {
  serve({.answer = whole("slow down", "429 Too Many Requests", "Retry-After: 3\r\n")});
  const Answer<Response> answer = ask(write_request());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().trouble, Trouble::kRefused);
  EXPECT_EQ(answer.error().code(), Errc::kUnavailable);
  EXPECT_EQ(answer.error().retry_after, 3s);
}

// ---- The reflector on a hostile server

class HostileWatch : public Hostile {
 protected:
  // Lets a reflector run on that answer, to lists and watches alike, until the server was asked
  // often.
  void reflect(const std::string& answer, int connections = 6) {
    serve({.answer = answer});
    Client client(*transport_);
    ReflectorOptions options;
    options.backoff = {.first = 1ms, .most = 5ms};
    options.silence_max = 200ms;
    options.line_max = 100'000;
    Reflector<AnyView> reflector(client, pods(), read_any_view, notes_, options);
    TaskScope scope(loop_.get_executor());
    scope.spawn("reflector", reflector.run());
    run_until([&] { return server_->connections() >= connections; }, 20s);
    scope.cancel();
    run(scope.join());
  }

  Present<AnyView> notes_;
};

TEST_F(HostileWatch, AListThatIsNoneProvesNothing) {
  for (const std::string& body :
       {std::string("{}"), std::string("[]"), std::string(200'000, '['),
        std::string(R"({"items":[{}],"metadata":{"resourceVersion":"1"}})"),
        std::string("{\"items\":[\"\xff\"],\"metadata\":{}}")}) {
    reflect(whole(body));
    EXPECT_EQ(notes_.told, 0U);
    EXPECT_TRUE(notes_.states.empty()) << "nothing was ever known, so nothing became stale";
  }
}

TEST_F(HostileWatch, WhatCameBeforeTheTroubleInAListIsToldOnce) {
  const std::string good = R"({"metadata":{"name":"a","uid":"1","resourceVersion":"5"}})";
  for (const std::string& rest :
       {std::string(",{}]}"), std::string(",7]}"), std::string(), std::string("]}"),
        concat(",{\"x\":\"", std::string(200'000, 'x'), "\"}]}"),
        concat(",{\"x\":", std::string(90'000, '['), "]}")}) {
    notes_.told = 0;
    notes_.names.clear();
    reflect(whole(concat(R"({"items":[)", good, rest)));
    EXPECT_EQ(notes_.told, 1U) << rest.substr(0, 20);
    EXPECT_TRUE(notes_.states.empty()) << "the list never was complete: " << rest.substr(0, 20);
  }
}

TEST_F(HostileWatch, AStreamOfNonsenseIsStaleAndKeepsTrying) {
  // As a list this is fine and empty; as a watch it is a line that is no event.
  reflect(whole("{\"items\":[],\"metadata\":{\"resourceVersion\":\"1\"}}\n"));
  ASSERT_GE(notes_.states.size(), 2U);
  EXPECT_EQ(notes_.states[0], Freshness::kCurrent);
  EXPECT_EQ(notes_.states[1], Freshness::kStale);
}

TEST_F(HostileWatch, AnEmptyWatchThatClosesAtOnceIsNotHammered) {
  reflect(whole(R"({"items":[],"metadata":{"resourceVersion":"1"}})", "200 OK",
                "Connection: close\r\n"));
  EXPECT_EQ(notes_.told, 0U);
}

TEST_F(HostileWatch, ALineWithoutEndIsCut) {
  serve({.answer = chunked(chunk(R"({"items":[],"metadata":{"resourceVersion":"1"}})") +
                           chunk(std::string(60'000, ' '))),
         .endless = false,
         .keep_open = true});
  Client client(*transport_);
  Answer<Exchange> stream =
      run(client.watch(pods(), {.name_space = {}, .label_selector = {}, .resource_version = "1"}));
  ASSERT_TRUE(stream);
  LineSplitter lines(50'000);
  Result<void> compacted;
  std::string_view line;
  while (compacted) {
    const Answer<bool> more = run(stream->read(&lines.inbox(), 2s));
    ASSERT_TRUE(more && *more) << "the limit comes first";
    while (lines.next_line(line)) {
    }
    compacted = lines.compact();
  }
  EXPECT_THAT(compacted.error().detail, HasSubstr("50000"));
}

}  // namespace
}  // namespace annals::k8s
