#include "actions/turns.h"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "k8s/task_scope.h"

namespace annals::actions {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

class TurnsTest : public testing::Test {
 protected:
  // Takes its turn, and has it over a suspension.
  boost::asio::awaitable<void> write(std::string what, std::string who) {
    const Turns::Turn turn = co_await turns_.take(what);
    story_.push_back(who + " begins");
    co_await k8s::pause_for(20ms);
    co_await k8s::pause_for(0ms);  // where a cancellation is noticed
    story_.push_back(who + " ends");
  }
  boost::asio::awaitable<void> cancel_soon(k8s::TaskScope* tasks) {
    co_await k8s::pause_for(100us);
    tasks->cancel();
  }

  boost::asio::io_context loop_{1};
  Turns turns_;
  std::vector<std::string> story_;
};

TEST_F(TurnsTest, ComeOneAfterTheOtherInTheOrderOfAsking) {
  k8s::TaskScope tasks(loop_.get_executor());
  for (const char* who : {"a", "b", "c"}) tasks.spawn(who, write("authority", who));
  loop_.run();
  EXPECT_THAT(story_,
              ElementsAre("a begins", "a ends", "b begins", "b ends", "c begins", "c ends"));
}

TEST_F(TurnsTest, OfDifferentThingsDoNotWaitForEachOther) {
  k8s::TaskScope tasks(loop_.get_executor());
  tasks.spawn("a", write("one", "a"));
  tasks.spawn("b", write("two", "b"));
  loop_.run();
  EXPECT_THAT(std::vector(story_.begin(), story_.begin() + 2), ElementsAre("a begins", "b begins"));
}

TEST_F(TurnsTest, PassByWhoWasCancelledWhileWaiting) {
  k8s::TaskScope given_up(loop_.get_executor());
  k8s::TaskScope tasks(loop_.get_executor());
  tasks.spawn("a", write("authority", "a"));
  given_up.spawn("b", write("authority", "b"));
  tasks.spawn("c", write("authority", "c"));
  tasks.spawn("cancel", cancel_soon(&given_up));
  loop_.run();
  EXPECT_THAT(story_, ElementsAre("a begins", "a ends", "c begins", "c ends"));
}

TEST_F(TurnsTest, AreFreeAgainWhenAHolderIsCancelled) {
  k8s::TaskScope given_up(loop_.get_executor());
  k8s::TaskScope tasks(loop_.get_executor());
  given_up.spawn("a", write("authority", "a"));
  tasks.spawn("b", write("authority", "b"));
  tasks.spawn("cancel", cancel_soon(&given_up));
  loop_.run();
  EXPECT_THAT(story_, ElementsAre("a begins", "b begins", "b ends"));
}

}  // namespace
}  // namespace annals::actions
