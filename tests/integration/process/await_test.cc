// What the tests on a real cluster wait with: a wait has a deadline, says what it saw, and ends the
// test; a command that fails has seen nothing.
#include "support/await.h"

#include <gtest/gtest-spi.h>

#include <filesystem>
#include <string>

namespace annals::e2e {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Ne;

// What fails in `work`, and whether it was left.
struct Ended {
  std::string failures;
  bool left = false;
};
Ended end_of(const std::function<void()>& work) {
  testing::TestPartResultArray failures;
  Ended ended;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(&failures);
    try {
      work();
    } catch (const testing::AssertionException&) {
      ended.left = true;
    }
  }
  for (int i = 0; i < failures.size(); ++i)
    ended.failures += failures.GetTestPartResult(i).message();
  return ended;
}

TEST(Await, ReturnsWhatItSawInTheEnd) {
  int looks = 0;
  const auto look = [&] { return std::to_string(++looks); };
  EXPECT_EQ(await("the third look", 10s, look, "3"), "3");
}

TEST(Await, SaysWhatItWaitedForAndSawLastAndEndsTheTest) {
  const Ended ended = end_of([] {
    await("work_mem", 0s, [] { return std::string("4MB"); }, "7MB",
          {.details = [] { return std::string("and more"); }});
  });
  EXPECT_TRUE(ended.left);
  EXPECT_THAT(ended.failures, HasSubstr("waited 0 s for work_mem, that it is equal to \"7MB\""));
  EXPECT_THAT(ended.failures, HasSubstr("seen last: 4MB\nand more"));
}

TEST(Await, TakesWhatCannotBeReadForNothingSeenAndNotForNone) {
  const Ended ended = end_of([] {
    await("pods", 0s, [] { return must("echo refused >&2; false"); }, IsEmpty(),
          {.details = [] { return must("exit 3"); }});
  });
  EXPECT_TRUE(ended.left);
  EXPECT_THAT(ended.failures, HasSubstr("seen last: nothing, since echo refused >&2; false"));
  EXPECT_THAT(ended.failures, HasSubstr("ended with 1\n\nrefused"));
}

TEST(Await, SaysTheSameOfAConditionOfMoreThanOneText) {
  const Ended ended = end_of(
      [] { await_true("peace", 0s, [] { return false; }, [] { return std::string("war"); }); });
  EXPECT_TRUE(ended.left);
  EXPECT_THAT(ended.failures, HasSubstr("waited 0 s for peace\nseen last: war"));
}

TEST(Must, EndsTheTestWithAllThatTheCommandPrinted) {
  try {
    must("echo out; echo err >&2; exit 7");
    FAIL() << "it did not throw";
  } catch (const CommandFailed& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("exit 7\nended with 7\nout\nerr"));
  }
}

TEST(Must, SaysThatItsTimeIsOver) {
  try {
    must("exec tail -f /dev/null", 1s);
    FAIL() << "it did not throw";
  } catch (const CommandFailed& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("has not ended after 1 s"));
  }
}

TEST(Kubectl, IsTheOneThatIsNamed) {
  EXPECT_THAT(must("echo $KUBECTL"), EndsWith(" " + kubectl_program()));
  EXPECT_EQ(must("echo $KUBECONFIG"), "/var/lib/annals-cluster/admin.conf");
}

// ctest ends a test that takes too long: nothing of it goes on.
TEST(Command, DoesNotOutliveTheTest) {
  const std::string file = "/tmp/annals-await-" + std::to_string(getpid());
  const pid_t test = fork();
  if (test == 0) {
    run("echo $$ >" + file + "; exec tail -f /dev/null");
    _exit(0);
  }
  const std::string command =
      await("the command's process", 10s, [&] { return must("cat " + file); }, Ne(""));
  kill(test, SIGKILL);
  await(
      "the command", 10s, [&] { return run("ps -o stat= -p " + command + " | grep -v Z").out; },
      IsEmpty());
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace annals::e2e
