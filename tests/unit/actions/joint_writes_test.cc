#include "actions/joint_writes.h"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/concat.h"
#include "k8s/task_scope.h"

namespace annals::actions {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

class JointWritesTest : public testing::Test {
 protected:
  // Under way over a suspension.
  boost::asio::awaitable<Answer<ActionResult>> work(std::vector<ClusterIdentity> clusters) {
    std::string who;
    for (const ClusterIdentity& cluster : clusters) who += cluster.name;
    story_.push_back(who + " begins");
    co_await k8s::pause_for(20ms);
    co_await k8s::pause_for(0ms);  // where a cancellation is noticed
    story_.push_back(who + " ends");
    co_return ActionResult{.uid = {}, .version = 0, .digest = who, .fields = {}};
  }
  boost::asio::awaitable<void> write(std::string object, std::string asked, std::string who) {
    ClusterIdentity cluster;
    cluster.name = who;
    const auto work_for = [this](std::vector<ClusterIdentity> clusters) {
      return work(std::move(clusters));
    };
    const Answer<ActionResult> written =
        co_await writes_.write(std::move(object), std::move(asked), std::move(cluster), work_for);
    answers_.push_back(concat(who, ": ", written ? written->digest : written.error().message));
  }
  void spawn(k8s::TaskScope& tasks, const std::string& who, const std::string& asked = "all") {
    tasks.spawn(who, write("authority", asked, who));
  }
  boost::asio::awaitable<void> cancel_soon(k8s::TaskScope* tasks) {
    co_await k8s::pause_for(100us);
    tasks->cancel();
  }

  boost::asio::io_context loop_{1};
  JointWrites writes_;
  std::vector<std::string> story_;
  std::vector<std::string> answers_;
};

TEST_F(JointWritesTest, AreOfAllWhoWaited) {
  k8s::TaskScope tasks(loop_.get_executor());
  for (const char* who : {"a", "b", "c", "d"}) spawn(tasks, who);
  loop_.run();
  EXPECT_THAT(story_, ElementsAre("a begins", "a ends", "bcd begins", "bcd ends"));
  EXPECT_THAT(answers_, testing::UnorderedElementsAre("a: a", "b: bcd", "c: bcd", "d: bcd"));
}

TEST_F(JointWritesTest, OfWhoAsksForSomethingElseComeOneAfterTheOtherInTheOrderOfAsking) {
  k8s::TaskScope tasks(loop_.get_executor());
  spawn(tasks, "a");
  spawn(tasks, "b", "other");
  spawn(tasks, "c");
  spawn(tasks, "d", "other");
  loop_.run();
  EXPECT_THAT(story_,
              ElementsAre("a begins", "a ends", "bd begins", "bd ends", "c begins", "c ends"));
}

// What it would be told may have been read before it asked.
TEST_F(JointWritesTest, AreNotJoinedOnceTheyAreUnderWay) {
  k8s::TaskScope tasks(loop_.get_executor());
  spawn(tasks, "a");
  loop_.run_one();
  EXPECT_THAT(story_, ElementsAre("a begins"));
  spawn(tasks, "b");
  loop_.run();
  EXPECT_THAT(answers_, ElementsAre("a: a", "b: b"));
}

TEST_F(JointWritesTest, OfDifferentObjectsDoNotWaitForEachOther) {
  k8s::TaskScope tasks(loop_.get_executor());
  tasks.spawn("a", write("one", "all", "a"));
  tasks.spawn("b", write("two", "all", "b"));
  loop_.run();
  EXPECT_THAT(std::vector(story_.begin(), story_.begin() + 2), ElementsAre("a begins", "b begins"));
}

TEST_F(JointWritesTest, AreNotForWhoWasCancelledWhileWaiting) {
  k8s::TaskScope given_up(loop_.get_executor());
  k8s::TaskScope tasks(loop_.get_executor());
  spawn(tasks, "a");
  spawn(given_up, "b");
  spawn(tasks, "c");
  tasks.spawn("cancel", cancel_soon(&given_up));
  loop_.run();
  EXPECT_THAT(story_, ElementsAre("a begins", "a ends", "c begins", "c ends"));
  EXPECT_THAT(answers_, ElementsAre("a: a", "c: c"));
}

TEST_F(JointWritesTest, GoOnWhenTheFirstIsCancelled) {
  k8s::TaskScope given_up(loop_.get_executor());
  k8s::TaskScope tasks(loop_.get_executor());
  spawn(given_up, "a");
  spawn(tasks, "b");
  tasks.spawn("cancel", cancel_soon(&given_up));
  loop_.run();
  EXPECT_THAT(story_, ElementsAre("a begins", "b begins", "b ends"));
}

// Nobody knows whether it was sent; the one that has asked for something else is not concerned.
TEST_F(JointWritesTest, ThatWereCancelledAreUnknownToAllOfThem) {
  k8s::TaskScope first(loop_.get_executor());
  k8s::TaskScope given_up(loop_.get_executor());
  k8s::TaskScope tasks(loop_.get_executor());
  spawn(first, "a");
  spawn(given_up, "b");
  spawn(tasks, "c");
  spawn(tasks, "d", "other");
  while (story_.size() < 3) loop_.run_one();
  EXPECT_EQ(story_.back(), "bc begins");
  given_up.cancel();
  loop_.run();
  EXPECT_THAT(answers_,
              testing::UnorderedElementsAre("a: a", "c: the shared write was abandoned", "d: d"));
}

}  // namespace
}  // namespace annals::actions
