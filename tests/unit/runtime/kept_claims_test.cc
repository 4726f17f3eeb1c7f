// The shell and claims that outlive their cluster.
#include <string>

#include "tests/unit/runtime/shell_fixture.h"

namespace annals::runtime {
namespace {

fsm::ObjectObserved kept_claim(const std::string& uid) {
  fsm::ObjectObserved claim = object("PersistentVolumeClaim", "data", "c");
  claim.fields.claim.edit().kept_for = uid;
  claim.fields.claim.edit().kept_until = "2030-01-01T00:00:00.000000Z";
  return claim;
}

TEST_F(ShellTest, TellsOfAKeptClaimWhoKeepsItAndWhoMayTakeItUp) {
  shell_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  shell_.all_listed();
  shell_.observe("zoo", "hippo", kept_claim("uid-1"));
  shell_.observe_gone(ClusterUid("uid-1"));
  EXPECT_EQ(known_to("uid-1"), Names{"data"});
  shell_.observe(ClusterUid("uid-2"), spec_of("hippo"));
  EXPECT_EQ(known_to("uid-2"), Names{"data"});
  fsm::ObjectObserved taken = object("PersistentVolumeClaim", "data", "c");
  taken.digest = "e";
  shell_.observe("zoo", "hippo", taken, "uid-2");
  EXPECT_EQ(known_to("uid-2"), Names{"data"});
  EXPECT_EQ(known_to("uid-1"), Names{}) << "it must not end what is another's";
}

TEST_F(ShellTest, KnowsWhatIsKeptForAClusterOfWhichNothingElseIsKnown) {
  shell_.observe("zoo", "hippo", kept_claim("uid-1"));
  shell_.all_listed();
  EXPECT_EQ(known_to("uid-1"), Names{"data"});
  EXPECT_TRUE(shell_.next_due()) << "its end";
  shell_.observe("zoo", "hippo", gone(kept_claim("uid-1")));
  EXPECT_EQ(known_to("uid-1"), Names{});
}

// Its journal has the claim as it is; but nothing of before this process began is carried over.
TEST_F(ShellTest, AProcessThatBeginsAfterTheClusterHasGoneIsToldOfWhatIsKept) {
  fsm::ClusterState state = fsm::initial_state(ClusterUid("uid-1"));
  state.spec = spec_of("hippo");
  state.gone = true;
  const fsm::ObjectObserved claim = kept_claim("uid-1");
  state.objects[claim.ref] = claim;
  shell_.recover(state);
  shell_.observe("zoo", "hippo", claim);
  shell_.all_listed();
  EXPECT_EQ(known_to("uid-1"), Names{"data"});
  EXPECT_TRUE(shell_.next_due()) << "its end";
}

TEST_F(ShellTest, ANamesakeOfAClusterWithKeptClaimsLooksBeforeItWrites) {
  shell_.observe("zoo", "hippo", kept_claim("uid-1"));
  shell_.observe(ClusterUid("uid-2"), spec_of("hippo"));
  shell_.all_listed();
  EXPECT_TRUE(runner_.with_namesake.contains("uid-2"));
}

TEST_F(ShellTest, ALabelThatNamesAClusterElsewhereTellsItNothing) {
  fsm::SpecObserved elsewhere = spec_of("rhino");
  elsewhere.name_space = "safari";
  shell_.observe(ClusterUid("uid-1"), elsewhere);
  shell_.observe("zoo", "hippo", kept_claim("uid-1"));
  EXPECT_EQ(known_to("uid-1"), Names{});
}

}  // namespace
}  // namespace annals::runtime
