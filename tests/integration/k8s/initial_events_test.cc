// The reflector on servers that send all there is at the beginning of a watch, that do not, and
// that do it badly.
#include "k8s/watch/initial_events.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <mutex>
#include <optional>
#include <sstream>

#include "k8s/task_scope.h"
#include "k8s/watch/reflector.h"
#include "tests/integration/k8s/support/loop.h"
#include "tests/integration/k8s/support/peer_server.h"
#include "tests/integration/k8s/support/present.h"
#include "tests/support/any_view.h"

namespace annals::k8s {
namespace {

using boost::asio::ip::tcp;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using Names = std::set<std::string>;
using namespace std::chrono_literals;

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";

std::string object(std::string_view name, std::string_view version) {
  return concat(R"({"metadata":{"name":")", name, R"(","uid":"uid-)", name,
                R"(","resourceVersion":")", version, R"("}})");
}
std::string event(std::string_view type, std::string_view object) {
  return concat(R"({"type":")", type, R"(","object":)", object, "}\n");
}
std::string added(std::string_view name, std::string_view version = "3") {
  return event("ADDED", object(name, version));
}
std::string end_of_all(std::string_view version) {
  return event("BOOKMARK", concat(R"({"kind":"Pod","metadata":{"resourceVersion":")", version,
                                  R"(","annotations":{"k8s.io/initial-events-end":"true"}}})"));
}
std::string refusal(std::string_view line, std::string_view reason) {
  const std::string body = concat(R"({"kind":"Status","reason":")", reason, R"(","message":"no"})");
  return concat("HTTP/1.1 ", line, "\r\nConnection: close\r\nContent-Length: ", body.size(),
                "\r\n\r\n", body);
}
const std::string kExpired = event("ERROR", R"({"kind":"Status","reason":"Expired","code":410})");

bool asks_for_all(const std::string& request) {
  return request.find("sendInitialEvents=true&resourceVersionMatch=NotOlderThan") !=
         std::string::npos;
}
bool is_watch(const std::string& request) {
  return request.find("watch=true") != std::string::npos;
}

struct Reply {
  std::string bytes;
  bool stays_open = false;
  std::string again{};  // sent again and again while it stays open
};

class InitialEventsTest : public LoopTest {
 protected:
  // How the server answers a request that is the `number`th of its sort.
  using Answers = std::function<Reply(int number)>;

  ~InitialEventsTest() override {
    if (scope_) {
      scope_->cancel();
      run(scope_->join());
    }
  }

  // Runs a reflector on a server that answers wishes for all, lists, and other watches like this.
  void reflect(Answers all, Answers list = {}, Answers watch = {}) {
    all_ = std::move(all);
    list_ = std::move(list);
    watch_ = std::move(watch);
    server_.emplace([this](tcp::socket& socket) { serve(socket); });
    Config config;
    config.server = {false, "127.0.0.1", std::to_string(server_->port()), ""};
    const Log log(log_to(said_), clock_, LogLevel::kInfo);
    transport_.emplace(loop_.get_executor(), std::move(config), clock_, log, counts_);
    client_.emplace(*transport_);
    ReflectorOptions options;
    options.backoff = {.first = 1ms, .most = 5ms};
    options.initial_events = true;
    options.initial_patience = 300ms;
    reflector_.emplace(*client_, pods(), read_any_view, told_, options);
    scope_.emplace(loop_.get_executor());
    scope_->spawn("reflector", reflector_->run());
  }

  bool current() const { return reflector_->freshness() == Freshness::kCurrent; }
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  // As a list in pages answers it.
  static Reply page(std::string_view objects) {
    return {concat(kOk, R"({"metadata":{"resourceVersion":"7"},"items":[)", objects, "]}")};
  }
  static Reply silent_watch() { return {std::string(kOk), true}; }

  Present<AnyView> told_;
  WatchCounts counts_;
  std::ostringstream said_;

 private:
  void serve(tcp::socket& socket) {
    const std::string request = read_header(socket);
    int number = 0;
    {
      const std::lock_guard lock(mutex_);
      number = asks_for_all(request) ? ++alls_ : is_watch(request) ? ++watches_ : ++lists_;
      requests_.push_back(request.substr(0, request.find('\r')));
    }
    const Answers& answers = asks_for_all(request) ? all_ : is_watch(request) ? watch_ : list_;
    const Reply reply = answers ? answers(number) : Reply{};
    boost::asio::write(socket, boost::asio::buffer(reply.bytes));
    if (!reply.stays_open) return;
    boost::system::error_code ec;
    char ignored = 0;
    while (!reply.again.empty() && !ec) {
      boost::asio::write(socket, boost::asio::buffer(reply.again), ec);
      boost::asio::steady_timer pause(socket.get_executor(), 20ms);
      pause.wait();
    }
    (void)socket.read_some(boost::asio::buffer(&ignored, 1), ec);
  }

  Answers all_;
  Answers list_;
  Answers watch_;
  std::mutex mutex_;
  std::vector<std::string> requests_;  // first lines; protected by mutex_, as the counts
  int alls_ = 0;
  int lists_ = 0;
  int watches_ = 0;
  std::optional<PeerServer> server_;
  std::optional<Transport> transport_;
  std::optional<Client> client_;
  std::optional<Reflector<AnyView>> reflector_;
  std::optional<TaskScope> scope_;
};

TEST_F(InitialEventsTest, AreAllThereIsAndThenTheWatchGoesOn) {
  reflect([](int) {
    return Reply{concat(kOk, added("b", "3"), added("a", "2"), end_of_all("7"), added("c", "8")),
                 true};
  });
  run_until([&] { return told_.names == Names{"a", "b", "c"}; });
  run_until([&] { return current(); });
  EXPECT_THAT(requests(), ElementsAre(AllOf(HasSubstr("allowWatchBookmarks=true"),
                                            Not(HasSubstr("resourceVersion=")))));
  EXPECT_EQ(counts_.lists, 1);
}

TEST_F(InitialEventsTest, ProveNothingBeforeTheirEndIsTold) {
  reflect([](int number) {
    if (number == 1) return Reply{concat(kOk, added("a"), added("b"))};
    if (number == 2) return Reply{concat(kOk, added("b"), "nonsense\n")};
    return Reply{concat(kOk, added("b"), end_of_all("7")), true};
  });
  run_until([&] { return current(); });
  EXPECT_EQ(told_.names, Names{"b"}) << "what is not in a whole list is gone";
  EXPECT_EQ(told_.told, 3U) << "a, b, and that a is gone";
  EXPECT_THAT(told_.states, ElementsAre(Freshness::kCurrent));
  EXPECT_EQ(counts_.lists, 1);
}

TEST_F(InitialEventsTest, ResumeWhereTheyEndedNotAtAnObject) {
  reflect([](int) { return Reply{concat(kOk, added("a", "999"), end_of_all("7"))}; }, {},
          [](int) { return silent_watch(); });
  run_until([&] { return requests().size() == 2; });
  EXPECT_THAT(requests()[1], HasSubstr("resourceVersion=7"));
}

TEST_F(InitialEventsTest, ComeAnewWhenTheServerForgotThePlace) {
  reflect([](int number) {
    if (number == 1) return Reply{concat(kOk, added("a"), added("b"), end_of_all("7"), kExpired)};
    return Reply{concat(kOk, added("b"), end_of_all("9")), true};
  });
  run_until([&] { return told_.states.size() == 3; });
  EXPECT_THAT(told_.states,
              ElementsAre(Freshness::kCurrent, Freshness::kStale, Freshness::kCurrent));
  EXPECT_EQ(told_.names, Names{"b"});
}

TEST_F(InitialEventsTest, ChangesAmongThemCountToo) {
  reflect([](int) {
    return Reply{concat(kOk, added("a"), added("b"), event("DELETED", object("a", "6")),
                        event("MODIFIED", object("b", "6")), end_of_all("7")),
                 true};
  });
  run_until([&] { return current(); });
  EXPECT_EQ(told_.names, Names{"b"});
}

// ---- Servers without them

TEST_F(InitialEventsTest, AreNotAskedForAgainWhereTheyAreRefused) {
  reflect([](int) { return Reply{refusal("422 Unprocessable Entity", "Invalid")}; },
          [](int number) { return page(object(number == 1 ? "a" : "b", "5")); },
          [](int number) { return number == 1 ? Reply{concat(kOk, kExpired)} : silent_watch(); });
  run_until([&] { return told_.states.size() == 3; });
  EXPECT_EQ(told_.names, Names{"b"});
  EXPECT_EQ(std::ranges::count_if(requests(), asks_for_all), 1);
  const std::string said = said_.str();
  EXPECT_THAT(said, HasSubstr("lists-in-pages"));
  EXPECT_EQ(said.find("lists-in-pages"), said.rfind("lists-in-pages")) << "said once";
}

// Kubernetes that does not know the wish and lets it pass begins with all that is there, tells no
// end, and then only what happens.
TEST_F(InitialEventsTest, WithoutAnEndAreFollowedByPages) {
  reflect([](int) { return Reply{concat(kOk, added("a")), true}; },
          [](int) { return page(object("a", "5")); }, [](int) { return silent_watch(); });
  run_until([&] { return current(); });
  EXPECT_EQ(told_.told, 1U) << "what was told is not told again";
  EXPECT_EQ(counts_.lists, 1);
}

TEST_F(InitialEventsTest, WithoutAnEndAreFollowedByPagesHoweverMuchHappens) {
  reflect(
      [](int) { return Reply{concat(kOk, added("a")), true, event("MODIFIED", object("a", "6"))}; },
      [](int) { return page(object("a", "5")); }, [](int) { return silent_watch(); });
  run_until([&] { return current(); });
}

TEST_F(InitialEventsTest, ThatKeepBreakingOffAreFollowedByPagesOnce) {
  reflect(
      [](int number) {
        if (number == 4) return Reply{concat(kOk, added("a"), end_of_all("9")), true};
        return Reply{concat(kOk, added("a"))};
      },
      [](int) { return page(object("a", "5")); }, [](int) { return Reply{concat(kOk, kExpired)}; });
  run_until([&] { return counts_.lists == 2; });
  EXPECT_THAT(requests(), SizeIs(6)) << "three times all, pages, a watch, all again";
  EXPECT_TRUE(asks_for_all(requests()[5]));
}

// ---- A kind that was made a moment ago

TEST_F(InitialEventsTest, OfAKindWhoseStorageComesUpComeSoonAndQuietly) {
  const Duration began = clock_.steady();
  reflect([](int number) {
    if (number <= 2) {
      return Reply{refusal("429 Too Many Requests\r\nRetry-After: 1", "TooManyRequests")};
    }
    return Reply{concat(kOk, end_of_all("7")), true};
  });
  run_until([&] { return current(); });
  EXPECT_LT(clock_.steady() - began, 900ms) << "before the second is over that it asks for";
  EXPECT_THAT(told_.states, ElementsAre(Freshness::kCurrent));
  EXPECT_THAT(said_.str(), Not(HasSubstr("warn")));
  EXPECT_THAT(requests(), Each(HasSubstr("sendInitialEvents")));
}

TEST_F(InitialEventsTest, OfAStorageThatStaysAwayAreNotHammeredFor) {
  reflect([](int) {
    return Reply{refusal("429 Too Many Requests\r\nRetry-After: 1", "TooManyRequests")};
  });
  const Duration began = clock_.steady();
  run_until([&] { return clock_.steady() - began > 4s; });
  EXPECT_THAT(requests(), SizeIs(testing::Lt(14U)));
  EXPECT_TRUE(told_.states.empty());
}

TEST_F(InitialEventsTest, OfAStorageThatGoesAgainAndAgainAreNotHammeredFor) {
  const std::string busy =
      event("ERROR", R"({"kind":"Status","reason":"TooManyRequests","code":429})");
  reflect([busy](int) { return Reply{concat(kOk, busy)}; }, [](int) { return page({}); },
          [busy](int) { return Reply{concat(kOk, busy)}; });
  const Duration began = clock_.steady();
  run_until([&] { return clock_.steady() - began > 2s; });
  EXPECT_THAT(requests(), SizeIs(testing::Lt(16U)));
}

TEST_F(InitialEventsTest, AWatchThatIsRefusedForItsStorageIsStillCurrent) {
  reflect([](int) { return Reply{refusal("422 Unprocessable Entity", "Invalid")}; },
          [](int) { return page(object("a", "5")); },
          [](int number) {
            if (number == 1)
              return Reply{refusal("429 Too Many Requests\r\nRetry-After: 1", "TooManyRequests")};
            return Reply{concat(kOk, added("b", "8")), true};
          });
  run_until([&] { return told_.names == Names{"a", "b"}; });
  EXPECT_THAT(told_.states, ElementsAre(Freshness::kCurrent));
}

}  // namespace
}  // namespace annals::k8s
