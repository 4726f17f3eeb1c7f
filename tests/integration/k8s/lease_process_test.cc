// Two processes and one lease: a holder that was stopped past its term must not write when it
// wakes.
#include <gmock/gmock.h>

#include <csignal>

#include "tests/integration/k8s/support/api_server.h"
#include "tests/integration/k8s/support/process.h"

namespace annals::k8s {
namespace {

using testing::AnyOf;
using testing::StartsWith;
using testing::UnorderedElementsAre;

class LeaseProcesses : public ApiServerTest {
 protected:
  std::vector<std::string> holder(const std::string& identity) {
    return {ANNALS_LEASE_HOLDER, cluster_path("admin.conf"), space_, "leader", identity};
  }
  std::string version_of(const std::string& name) {
    return fetched(config_maps(), name)["metadata"]["resourceVersion"];
  }
};

TEST_F(LeaseProcesses, AHolderThatSleptPastItsTermDoesNotWriteWhenItWakes) {
  Process first(holder("first"));
  ASSERT_EQ(first.hear(), "leading 1");
  first.tell("write");
  ASSERT_EQ(first.hear(), "written");
  const std::string version = version_of("first");
  Process second(holder("second"));
  ASSERT_EQ(::kill(first.pid(), SIGSTOP), 0);
  ASSERT_EQ(second.hear(), "leading 2");
  second.tell("write");
  ASSERT_EQ(second.hear(), "written");
  first.tell("write");  // what it is asked first when it wakes
  ASSERT_EQ(::kill(first.pid(), SIGCONT), 0);
  const std::vector<std::string> said{first.hear(), first.hear()};
  EXPECT_THAT(said, UnorderedElementsAre("refused", StartsWith("lost ")));
  first.tell("write");
  EXPECT_EQ(first.hear(), "refused");
  EXPECT_EQ(version_of("first"), version);
  second.tell("write");
  EXPECT_EQ(second.hear(), "written") << "the new holder is not disturbed";
  EXPECT_EQ(fetched(leases(), "leader")["spec"]["holderIdentity"], "second");
}

TEST_F(LeaseProcesses, AHolderThatIsKilledIsFollowedWithTheNextEpoch) {
  auto first = std::make_unique<Process>(holder("first"));
  ASSERT_EQ(first->hear(), "leading 1");
  Process second(holder("second"));
  second.tell("write");
  EXPECT_EQ(second.hear(), "refused");
  first.reset();
  EXPECT_EQ(second.hear(), "leading 2");
}

}  // namespace
}  // namespace annals::k8s
