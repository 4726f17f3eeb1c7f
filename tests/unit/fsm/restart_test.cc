// Parameters that PostgreSQL is restarted for.
#include <gtest/gtest.h>

#include "tests/unit/fsm/running_cluster.h"

namespace annals::fsm {
namespace {

TEST_F(RunningCluster, RestartsReplicasFirstUnlessAValueGoesDown) {
  for (const bool down : {false, true}) {
    for (const std::string& instance : instances_) {
      PodObserved pod = world_.state().pods.at(instance + "-0");
      pod.pending_restart = down ? "max_connections 200 -> 100" : "max_connections 100 -> 200";
      world_.tell_only(pod);
    }
    world_.carry_out();
    const std::vector<std::string> order = asked();
    ASSERT_FALSE(order.empty());
    EXPECT_EQ(order.front(), "postgres/" + instances_[down ? 0 : 1] + "-0");
    for (const std::string& instance : instances_) {
      PodObserved pod = world_.state().pods.at(instance + "-0");
      pod.pending_restart.clear();
      world_.tell(pod);
    }
    (void)asked();
    EXPECT_EQ(name_of(world_.state().operation), "");
  }
}

}  // namespace
}  // namespace annals::fsm
