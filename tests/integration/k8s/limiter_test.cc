// Whose turn it is, and what a server that asks for a pause gets.
#include "k8s/transport/limiter.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <map>
#include <mutex>
#include <optional>

#include "k8s/task_scope.h"
#include "k8s/transport/transport.h"
#include "tests/integration/k8s/support/loop.h"
#include "tests/integration/k8s/support/peer_server.h"

namespace annals::k8s {
namespace {

using boost::asio::ip::tcp;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

class Turns : public LoopTest {
 protected:
  Turns() : scope_(loop_.get_executor()), limiter_(loop_.get_executor(), clock_, 1) {}
  ~Turns() override {
    scope_.cancel();
    run(scope_.join());
  }
  void want(std::string name, Place place, Effect effect = Effect::kRead) {
    scope_.spawn(name, take(&limiter_, std::move(name), place, effect, &order_));
  }
  // The place among twenty that are more urgent, and came later.
  std::ptrdiff_t place_of_patient(Limiter* limiter) {
    std::optional<Limiter::Permit> busy = run(limiter->acquire(Priority::kNormal, Effect::kRead));
    const auto spawn = [&](const char* name, Priority priority) {
      scope_.spawn(name, take(limiter, name, priority, Effect::kRead, &order_));
    };
    spawn("patient", Priority::kLater);
    run_until([&] { return limiter->waiting() == 1; });
    for (int i = 0; i < 20; ++i) spawn("pushing", Priority::kUrgent);
    run_until([&] { return limiter->waiting() == 21; });
    busy.reset();
    run(scope_.join());
    return std::ranges::find(order_, "patient") - order_.begin();
  }
  static boost::asio::awaitable<void> take(Limiter* limiter, std::string name, Place place,
                                           Effect effect, std::vector<std::string>* order) {
    const Limiter::Permit permit = co_await limiter->acquire(place, effect);
    order->push_back(std::move(name));
  }

  TaskScope scope_;
  Limiter limiter_;
  std::vector<std::string> order_;
};

TEST_F(Turns, GoByPriorityThenByArrivalAndLeasesNeverWait) {
  std::optional<Limiter::Permit> busy = run(limiter_.acquire(Priority::kNormal, Effect::kRead));
  want("normal 1", Priority::kNormal);
  want("normal 2", Priority::kNormal, Effect::kWrite);
  want("urgent", Priority::kUrgent);
  want("lease", Priority::kLease, Effect::kWrite);
  run_until([&] { return limiter_.waiting() == 3 && order_.size() == 1; });
  EXPECT_THAT(order_, ElementsAre("lease"));
  busy.reset();
  run(scope_.join());
  EXPECT_THAT(order_, ElementsAre("lease", "urgent", "normal 1", "normal 2"));
  EXPECT_EQ(limiter_.in_use(), 0);
}

TEST_F(Turns, OfOnePriorityGoByLineBeforeTheyGoByArrival) {
  std::optional<Limiter::Permit> busy = run(limiter_.acquire(Priority::kNormal, Effect::kRead));
  want("later", Priority::kLater);
  want("second", {Priority::kNormal, 2});
  want("first", {Priority::kNormal, 1});
  want("first again", {Priority::kNormal, 1});
  want("of what runs", Priority::kNormal);
  run_until([&] { return limiter_.waiting() == 5; });
  busy.reset();
  run(scope_.join());
  EXPECT_THAT(order_, ElementsAre("of what runs", "first", "first again", "second", "later"));
}

TEST_F(Turns, ComeToEverybodyWhoeverKeepsComing) {
  Limiter limiter(loop_.get_executor(), clock_, 1, 0s);
  EXPECT_LT(place_of_patient(&limiter), 8);
}

TEST_F(Turns, AreNotGivenAwayBeforeAnybodyHasWaitedLong) {
  Limiter limiter(loop_.get_executor(), clock_, 1, 24h);
  EXPECT_EQ(place_of_patient(&limiter), 20);
}

TEST_F(Turns, OfWhoWasCancelledPassOn) {
  std::optional<Limiter::Permit> busy = run(limiter_.acquire(Priority::kNormal, Effect::kRead));
  {
    TaskScope impatient(loop_.get_executor());
    impatient.spawn("gone", take(&limiter_, "gone", Priority::kUrgent, Effect::kRead, &order_));
    run_until([&] { return limiter_.waiting() == 1; });
    want("patient", Priority::kNormal);
    run_until([&] { return limiter_.waiting() == 2; });
    busy.reset();  // the turn is that of who is cancelled at the same moment
    impatient.cancel();
    run(impatient.join());
  }
  run(scope_.join());
  EXPECT_EQ(order_.back(), "patient");
  EXPECT_EQ(limiter_.in_use(), 0);
}

TEST_F(Turns, AreHeldForAllButLeasesUntilTheTimeIsOver) {
  const Duration began = clock_.steady();
  limiter_.hold_all(200ms);
  want("read", Priority::kUrgent);
  want("lease", Priority::kLease);
  run_until([&] { return order_.size() == 1; });
  EXPECT_THAT(order_, ElementsAre("lease"));
  limiter_.hold_all(1ms);  // a shorter one does not end it
  run(scope_.join());
  EXPECT_THAT(order_, ElementsAre("lease", "read"));
  EXPECT_GE(clock_.steady() - began, 200ms);
}

TEST_F(Turns, OfReadsPassThoseOfHeldWrites) {
  limiter_.hold_writes(200ms);
  want("write", Priority::kUrgent, Effect::kWrite);
  run_until([&] { return limiter_.waiting() == 1; });
  want("read", Priority::kNormal, Effect::kRead);
  run(scope_.join());
  EXPECT_THAT(order_, ElementsAre("read", "write"));
}

TEST_F(Turns, AreNotHeldForLongerThanAMinuteWhateverTheServerSays) {
  limiter_.hold_all(24h);
  EXPECT_LE(limiter_.held_until(Effect::kRead), clock_.steady() + 60s);
}

// ---- With a server

class Notes final : public ClientMetrics {
 public:
  void server_answers(bool yes) override { answers.push_back(yes); }
  std::vector<bool> answers;
};

class Pauses : public LoopTest {
 protected:
  // The server answers with what `next_` says.
  Pauses()
      : server_([this](tcp::socket& socket) {
          (void)read_header(socket);
          std::string answer;
          {
            const std::lock_guard lock(mutex_);
            answer = next_;
          }
          boost::asio::write(socket, boost::asio::buffer(answer));
        }) {
    Config config;
    config.server = {false, "127.0.0.1", std::to_string(server_.port()), ""};
    transport_.emplace(loop_.get_executor(), std::move(config), clock_, Log(), notes_);
  }
  void answer_with(std::string_view status, std::string_view lines = "") {
    const std::lock_guard lock(mutex_);
    next_ = concat("HTTP/1.1 ", status, "\r\n", lines,
                   "Connection: close\r\nContent-Length: 2\r\n\r\n{}");
  }
  Answer<Response> ask(Verb verb, Priority priority = Priority::kNormal) {
    Request request;
    request.verb = verb;
    request.path = "/api";
    request.place = priority;
    request.timeout = 10s;
    return run(transport_->send(std::move(request)));
  }
  // How long it took.
  Duration ask_again(Verb verb, Priority priority = Priority::kNormal) {
    const Duration began = clock_.steady();
    EXPECT_TRUE(ask(verb, priority));
    return clock_.steady() - began;
  }

  std::mutex mutex_;
  std::string next_;  // protected by mutex_
  Notes notes_;
  PeerServer server_;
  std::optional<Transport> transport_;
};

TEST_F(Pauses, TooManyRequestsHoldsWhatFollowsButNoLease) {
  answer_with("429 Too Many Requests", "Retry-After: 1\r\n");
  const Answer<Response> refused = ask(Verb::kPost);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().trouble, Trouble::kRefused) << "it surely did not happen";
  EXPECT_EQ(refused.error().retry_after, 1s);
  answer_with("200 OK");
  EXPECT_LT(ask_again(Verb::kPut, Priority::kLease), 500ms);
  EXPECT_GT(ask_again(Verb::kGet), 500ms);
  EXPECT_LT(ask_again(Verb::kGet), 500ms) << "the pause is over";
  EXPECT_TRUE(transport_->server_state().answers()) << "a busy server is not a lost one";
}

TEST_F(Pauses, OfOneResourceHoldNothingElse) {
  {
    const std::string status = R"({"kind":"Status","reason":"TooManyRequests","message":"busy"})";
    const std::lock_guard lock(mutex_);
    next_ = concat("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 10\r\nConnection: close\r\n",
                   "Content-Length: ", status.size(), "\r\n\r\n", status);
  }
  const Answer<Response> refused = ask(Verb::kPost);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().resource_busy());
  EXPECT_EQ(refused.error().retry_after, 10s) << "its sender is to wait";
  answer_with("200 OK");
  EXPECT_LT(ask_again(Verb::kPost), 500ms);
}

TEST_F(Pauses, ServiceUnavailableHoldsWritesAndIsAnOutage) {
  answer_with("503 Service Unavailable");
  ASSERT_FALSE(ask(Verb::kGet));
  EXPECT_FALSE(transport_->server_state().answers());
  EXPECT_THAT(transport_->server_state().reason(), HasSubstr("503"));
  answer_with("200 OK");
  EXPECT_LT(ask_again(Verb::kGet), 500ms);
  EXPECT_TRUE(transport_->server_state().answers());
  EXPECT_GT(ask_again(Verb::kPost), 400ms);
}

TEST_F(Pauses, AnOutageIsToldOnceWithSinceWhenAndWhy) {
  answer_with("200 OK");
  ASSERT_TRUE(ask(Verb::kGet));
  EXPECT_THAT(notes_.answers, IsEmpty());
  answer_with("");
  {
    const std::lock_guard lock(mutex_);
    next_.clear();  // closes without a word
  }
  const Duration before = clock_.steady();
  for (int i = 0; i < 3; ++i) ASSERT_FALSE(ask(Verb::kGet));
  EXPECT_EQ(transport_->server_state().failures(), 3);
  EXPECT_GE(transport_->server_state().since(), before);
  EXPECT_THAT(transport_->server_state().reason(), HasSubstr("no answer"));
  EXPECT_THAT(notes_.answers, ElementsAre(false));
  answer_with("404 Not Found");
  ASSERT_FALSE(ask(Verb::kGet));
  EXPECT_TRUE(transport_->server_state().answers()) << "who says no is there";
  EXPECT_THAT(notes_.answers, ElementsAre(false, true));
}

}  // namespace
}  // namespace annals::k8s
