// The reflector on a server whose list is fine and whose watch is anything but.
#include <gmock/gmock.h>

#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "k8s/task_scope.h"
#include "k8s/watch/reflector.h"
#include "tests/integration/k8s/support/loop.h"
#include "tests/integration/k8s/support/peer_server.h"
#include "tests/support/any_view.h"

namespace annals::k8s {
namespace {

using boost::asio::ip::tcp;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr std::string_view kList = R"({"metadata":{"resourceVersion":"5"},"items":[)"
                                   R"({"metadata":{"name":"a","uid":"1","resourceVersion":"5"}}]})";

std::string watch_event(std::string_view type, std::string_view object) {
  return concat(R"({"type":")", type, R"(","object":)", object, "}\n");
}

struct Told {
  std::vector<std::string> changes_seen;  // "appeared a", "unreadable b", ...
  std::vector<Freshness> states;
  std::string reason;  // of the last time it became stale
};

class Listener final : public Observer<AnyView> {
 public:
  boost::asio::awaitable<void> observe(std::vector<Change<AnyView>> changes) override {
    for (const Change<AnyView>& change : changes) {
      told.changes_seen.push_back(concat(to_string(change.kind), " ", change.key.name));
    }
    co_return;
  }
  boost::asio::awaitable<void> freshness(Freshness now, std::string why) override {
    told.states.push_back(now);
    if (now == Freshness::kStale) told.reason = std::move(why);
    co_return;
  }
  Told told;
};

class HostileStream : public LoopTest {
 protected:
  // Runs a reflector on a server that answers each watch with these bytes, after the head.
  Told reflect(std::string stream, int watches_wanted = 3, bool endless = false) {
    std::atomic<int> watches = 0;
    std::atomic<int> lists = 0;
    PeerServer server([&](tcp::socket& socket) {
      const std::string request = read_header(socket);
      const bool watch = request.find("watch=true") != std::string::npos;
      ++(watch ? watches : lists);
      const std::string head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
      boost::asio::write(socket, boost::asio::buffer(head));
      do {
        const std::string_view body = watch ? std::string_view(stream) : kList;
        boost::asio::write(socket, boost::asio::buffer(body));
      } while (watch && endless);
    });
    Config config;
    config.server = {false, "127.0.0.1", std::to_string(server.port()), ""};
    Transport transport(loop_.get_executor(), config, clock_, Log(), no_metrics());
    Client client(transport);
    ReflectorOptions options;
    options.backoff = {.first = 1ms, .most = 5ms};
    options.silence_max = 300ms;
    options.line_max = 100'000;
    Listener listener;
    Reflector<AnyView> reflector(client, pods(), read_any_view, listener, options);
    TaskScope scope(loop_.get_executor());
    scope.spawn("reflector", reflector.run());
    run_until([&] { return watches >= watches_wanted; }, 20s);
    scope.cancel();
    run(scope.join());
    lists_ = lists;
    return listener.told;
  }

  int lists_ = 0;
};

TEST_F(HostileStream, ALineThatIsNoEventIsStaleAndListedAnew) {
  const std::string deep = std::string(50'000, '[') + std::string(50'000, ']');
  for (const std::string& line :
       {std::string("\n\n nonsense\n"), std::string("null\n"), std::string("7\n"),
        std::string("{\"type\":\"ADDED\"\n"), watch_event("ADDED", "7"),
        watch_event("ADDED", "null"), watch_event("SURPRISE", "{}"), watch_event("ADDED", "{}"),
        watch_event("ADDED", R"({"metadata":7})"),
        watch_event("ADDED", R"({"metadata":{"name":7,"uid":"2","resourceVersion":"6"}})"),
        watch_event("ADDED", R"({"metadata":{"name":"b","resourceVersion":"6"}})"),
        watch_event("ADDED", R"({"metadata":{"name":"b","uid":"2"}})"),
        watch_event("ADDED",
                    concat(R"({"metadata":{"name":"b","uid":"2","resourceVersion":"6"},"x":)",
                           deep.substr(0, 90'000), "}")),
        watch_event("ADDED", "{\"metadata\":{\"name\":\"\xff\xfe\",\"uid\":\"2\"}}"),
        watch_event("BOOKMARK", "{}"), std::string(70'000, '\0') + "\n"}) {
    const Told told = reflect(line);
    ASSERT_GE(told.states.size(), 2U) << line.substr(0, 100);
    EXPECT_EQ(told.states[0], Freshness::kCurrent);
    EXPECT_EQ(told.states[1], Freshness::kStale) << line.substr(0, 100);
    EXPECT_GT(lists_, 1) << "what was lost only a list can tell: " << line.substr(0, 100);
    EXPECT_FALSE(told.reason.empty());
  }
}

TEST_F(HostileStream, DeepNestingWhereNobodyLooksIsNoHarm) {
  // Nesting is refused or passed over, never followed by recursion.
  for (const int depth : {500, 2'000, 40'000}) {
    const auto size = static_cast<std::size_t>(depth);
    const Told told = reflect(watch_event(
        "ADDED", concat(R"({"metadata":{"name":"b","uid":"2","resourceVersion":"6"},"x":)",
                        std::string(size, '['), std::string(size, ']'), "}")));
    EXPECT_EQ(told.changes_seen.at(0), "appeared a");
  }
}

TEST_F(HostileStream, TheSameKeyTwiceIsReadOneWayOrTheOther) {
  const Told told =
      reflect(watch_event("ADDED", R"({"metadata":{"name":"b","name":"c","uid":"2","uid":"3",)"
                                   R"("resourceVersion":"6","resourceVersion":"7"}})"));
  ASSERT_GE(told.changes_seen.size(), 2U);
  EXPECT_EQ(told.changes_seen[1].substr(0, 9), "appeared ");
}

TEST_F(HostileStream, WhatCameBeforeTheNonsenseIsTold) {
  const Told told = reflect(
      watch_event("ADDED", R"({"metadata":{"name":"b","uid":"2","resourceVersion":"6"}})") +
      watch_event("DELETED", R"({"metadata":{"name":"a","uid":"1","resourceVersion":"7"}})") +
      "nonsense\n");
  ASSERT_GE(told.changes_seen.size(), 3U);
  EXPECT_EQ(told.changes_seen[0], "appeared a");
  EXPECT_EQ(told.changes_seen[1], "appeared b");
  EXPECT_EQ(told.changes_seen[2], "vanished a");
}

TEST_F(HostileStream, AnEarlyCloseAtEachByteLosesNoEventAndInventsNone) {
  const std::string good = watch_event("ADDED", R"({"metadata":{"name":"b","uid":"2",)"
                                                R"("resourceVersion":"6"}})");
  for (std::size_t size = 0; size <= good.size(); ++size) {
    const Told told = reflect(good.substr(0, size), 2);
    for (const std::string& change : told.changes_seen) {
      EXPECT_THAT(change, testing::AnyOf("appeared a", "appeared b", "vanished b")) << size;
    }
    EXPECT_EQ(told.changes_seen.size() > 1, size == good.size()) << size;
  }
}

TEST_F(HostileStream, AnEndlessLineIsCutAndTriedAgain) {
  const Told told = reflect(std::string(65'536, ' '), 3, true);
  EXPECT_THAT(told.changes_seen, ElementsAre("appeared a"));
  EXPECT_THAT(told.reason, HasSubstr("more than 100000 bytes"));
}

TEST_F(HostileStream, AnErrorEventIsNeverTakenForAnObject) {
  const Told gone = reflect(watch_event(
      "ERROR", R"({"kind":"Status","status":"Failure","reason":"Expired","code":410})"));
  EXPECT_GT(lists_, 1);
  EXPECT_THAT(gone.changes_seen, ElementsAre("appeared a"));
  const Told strange = reflect(watch_event("ERROR", R"({"code":"x","message":{}})"));
  EXPECT_THAT(strange.changes_seen, ElementsAre("appeared a"));
}

// ---- Servers that take their time

class SlowServer : public LoopTest {
 protected:
  // Each connection gets these bytes one by one, and is then left open until the peer goes.
  Answer<Response> ask_dripping(const std::string& bytes, Duration timeout) {
    PeerServer server([&bytes](tcp::socket& socket) {
      (void)read_header(socket);
      for (const char byte : bytes) {
        boost::asio::write(socket, boost::asio::buffer(&byte, 1));
        char ignored = 0;
        boost::system::error_code ec;
        socket.non_blocking(true);
        (void)socket.read_some(boost::asio::buffer(&ignored, 1), ec);
        socket.non_blocking(false);
        if (ec != boost::asio::error::would_block) return;  // the peer has gone
        boost::asio::steady_timer pause(socket.get_executor(), 5ms);
        pause.wait();
      }
      char ignored = 0;
      (void)socket.read_some(boost::asio::buffer(&ignored, 1));
    });
    Config config;
    config.server = {false, "127.0.0.1", std::to_string(server.port()), ""};
    Transport transport(loop_.get_executor(), config, clock_, Log(), no_metrics());
    Request request;
    request.path = "/api";
    request.timeout = timeout;
    Answer<Response> answer = run(transport.send(std::move(request)));
    return answer;
  }
};

TEST_F(SlowServer, ADrippingHeaderEndsAtTheDeadline) {
  const Duration began = clock_.steady();
  const Answer<Response> answer =
      ask_dripping("HTTP/1.1 200 OK\r\nX: " + std::string(5'000, 'x'), 300ms);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().trouble, Trouble::kNoAnswer);
  EXPECT_LT(clock_.steady() - began, 3s);
}

TEST_F(SlowServer, ABodyShorterThanItsLengthEndsAtTheDeadline) {
  const Duration began = clock_.steady();
  const Answer<Response> answer =
      ask_dripping("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{}", 700ms);
  ASSERT_FALSE(answer);
  EXPECT_LT(clock_.steady() - began, 3s);
}

TEST_F(SlowServer, ASlowButWholeAnswerIsAnAnswer) {
  const Answer<Response> answer =
      ask_dripping("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 10s);
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->body, "{}");
}

}  // namespace
}  // namespace annals::k8s
