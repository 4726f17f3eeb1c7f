#include "k8s/transport/server_state.h"

#include <gtest/gtest.h>

#include <chrono>

namespace annals::k8s {
namespace {

using namespace std::chrono_literals;

class ServerStateTest : public testing::Test {
 protected:
  void answers(int times = 1) {
    for (int i = 0; i < times; ++i) state_.answered(now_ += 100ms);
  }
  void fails() {
    ApiError error;
    error.trouble = Trouble::kRefused;
    error.status = 503;
    error.message = "etcd has no leader";
    state_.failed(now_ += 100ms, error);
  }
  std::string unsteadiness() const { return state_.unsteadiness(now_); }

  ServerState state_;
  Duration now_ = 1h;
};

TEST_F(ServerStateTest, OneFailureIsNoSign) {
  answers(5);
  fails();
  EXPECT_EQ(unsteadiness(), "");
  answers();
  EXPECT_EQ(unsteadiness(), "");
}

TEST_F(ServerStateTest, TwoInARowAre) {
  fails();
  fails();
  EXPECT_TRUE(unsteadiness().contains("no answer")) << unsteadiness();
  answers();
  EXPECT_EQ(unsteadiness(), "");
}

TEST_F(ServerStateTest, OneInThreeThatAnswersIsNotSteady) {
  for (int i = 0; i < 4; ++i) {
    fails();
    answers();
    fails();
  }
  answers();
  EXPECT_TRUE(unsteadiness().contains("8 of the last 13")) << unsteadiness();
  EXPECT_TRUE(unsteadiness().contains("etcd has no leader")) << unsteadiness();
}

TEST_F(ServerStateTest, IsSteadyAgainAMinuteAfterTheLastFailures) {
  for (int i = 0; i < 3; ++i) {
    fails();
    answers();
  }
  EXPECT_NE(unsteadiness(), "");
  now_ += 61s;
  EXPECT_EQ(unsteadiness(), "");
}

TEST_F(ServerStateTest, ForgetsWhatIsManyRequestsAgo) {
  for (int i = 0; i < 3; ++i) {
    fails();
    answers();
  }
  answers(20);
  EXPECT_EQ(unsteadiness(), "");
}

}  // namespace
}  // namespace annals::k8s
