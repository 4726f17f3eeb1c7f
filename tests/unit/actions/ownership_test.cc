// What stands where an object of ours belongs, and what is said of it.
#include "actions/ownership.h"

#include <gmock/gmock.h>

namespace annals::actions {
namespace {

using testing::HasSubstr;

const ClusterIdentity kHippo{ClusterUid("uid-2"), "ns", "hippo"};
const fsm::ObjectRef kHost{"apps/v1", "StatefulSet", "ns", "hippo-repo-host"};

TEST(Holder, OursAndNobodysMayBeWritten) {
  EXPECT_TRUE(check_ownership(kHost, {.controller_uid = "uid-2"}, kHippo));
  EXPECT_TRUE(check_ownership(kHost, {}, kHippo)) << "it is adopted";
}

TEST(Holder, WhatAnotherOwnsIsWaitedForWithItsCure) {
  const Answer<void> free = check_ownership(kHost, {.controller_uid = "uid-1"}, kHippo);
  ASSERT_FALSE(free);
  EXPECT_FALSE(free.error().unknown_outcome()) << "nothing was sent";
  const std::string told = to_string(free.error());
  EXPECT_THAT(told, HasSubstr("StatefulSet/hippo-repo-host"));
  EXPECT_THAT(told, HasSubstr("uid-1"));
  EXPECT_THAT(told, HasSubstr("ownerReferences"));
}

TEST(Holder, WhatIsOnItsWayOutIsWaitedFor) {
  const Answer<void> free =
      check_ownership(kHost, {.controller_uid = "uid-2", .deleting = true}, kHippo);
  ASSERT_FALSE(free);
  EXPECT_THAT(to_string(free.error()), HasSubstr("is being deleted"));
}

TEST(Holder, WhatIsKeptForADeletedClusterIsNeverTakenInSilence) {
  const fsm::ObjectRef claim{"v1", "PersistentVolumeClaim", "ns", "hippo-repo1"};
  const Answer<void> free =
      check_ownership(claim, {.controller_uid = {}, .kept_for = "uid-1"}, kHippo);
  ASSERT_FALSE(free);
  EXPECT_THAT(to_string(free.error()), HasSubstr("take-up-deleted=uid-1"));
  EXPECT_TRUE(check_ownership(claim, {.controller_uid = "uid-2", .kept_for = "uid-1"}, kHippo))
      << "it has been taken up";
}

}  // namespace
}  // namespace annals::actions
