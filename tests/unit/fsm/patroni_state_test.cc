#include "fsm/machines/patroni_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "fsm/model/behaviour.h"
#include "fsm/text/sentence.h"
#include "tests/unit/fsm/world.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr const char* kOldPod = "hippo-instance1-zzzz-0";

ObjectObserved store(const std::string& name, PatroniFields fields) {
  ObjectObserved object;
  object.ref = World::ref("Endpoints", name);
  object.uid = "old-" + name;
  object.fields.patroni = std::move(fields);
  return object;
}

// A cluster of the same name has just been deleted by force, and this one is made.
class Namesake : public testing::Test {
 protected:
  void SetUp() override { start({}); }
  void start(bool journal_reset) {
    world_.tell(OperatorStarted{.identity = "test", .journal_reset = journal_reset});
    world_.tell(OperatorConfigured{.version = "test",
                                   .name_space = "operators",
                                   .images = {{"RELATED_IMAGE_POSTGRES_15", "postgres:15"}},
                                   .behaviour = kBehaviour});
  }
  void meet() {
    world_.tell(World::hippo());
    world_.tell(Synced{});
  }
  void old_pod_runs() {
    PodObserved pod;
    pod.instance = "hippo-instance1-zzzz";
    pod.name = kOldPod;
    pod.uid = "old-pod";
    pod.node = "node-7";
    pod.role = "master";
    pod.phase = "Running";
    pod.deleting = true;
    world_.tell_only(pod);
  }
  void old_pod_ends() { world_.tell(PodGone{.name = kOldPod, .uid = "old-pod"}); }
  // What it writes as long as it lives, after Kubernetes had collected what was there.
  void old_state_is_there() {
    world_.tell_only(store("hippo-ha", {.leader = kOldPod}));
    world_.tell_only(store("hippo-ha-config", {.initialize = "7000000000000000666"}));
  }
  // A member of ours that was made, and says this of itself.
  void member_is(const std::string& member, const std::string& role = {}) {
    PodObserved pod;
    pod.instance = world_.state().instances.at("instance1").front();
    pod.name = pod.instance + "-0";
    pod.uid = "uid-of-pod";
    pod.phase = "Running";
    pod.member = member;
    pod.role = role;
    world_.tell(pod);
  }
  void pass(Duration time) {
    world_.pass(time);
    world_.tell(TimerFired{.name = "due"});
  }
  bool was_asked(const std::string& target) const {
    return std::ranges::find(world_.history(), target) != world_.history().end();
  }
  bool has_started() const {
    return std::ranges::any_of(world_.history(), [](const std::string& target) {
      return target.starts_with("StatefulSet/") || target.starts_with("PersistentVolumeClaim/");
    });
  }
  std::string progressing() const {
    return sentence(world_.state().conditions.at("Progressing").message);
  }

  World world_;
};

TEST_F(Namesake, StartsNothingWhileAPodRunsThatCouldWriteItsState) {
  old_pod_runs();
  old_state_is_there();
  meet();
  EXPECT_FALSE(has_started());
  EXPECT_FALSE(was_asked("Endpoints/hippo-ha-config")) << "it would only come back";
  EXPECT_TRUE(progressing().contains(kOldPod)) << progressing();
  old_pod_ends();
  EXPECT_TRUE(was_asked("Endpoints/hippo-ha"));
  EXPECT_TRUE(was_asked("Endpoints/hippo-ha-config"));
  EXPECT_TRUE(has_started());
  EXPECT_TRUE(world_.state().begun_here);
}

TEST_F(Namesake, TellsWhatToDoAboutAPodOfALostNode) {
  old_pod_runs();
  meet();
  pass(6min);
  const Condition& stalled = world_.state().conditions.at("Stalled");
  EXPECT_TRUE(stalled.status);
  EXPECT_TRUE(sentence(stalled.message).contains(kOldPod)) << sentence(stalled.message);
  EXPECT_TRUE(sentence(stalled.message).contains("node-7")) << sentence(stalled.message);
}

TEST_F(Namesake, RemovesWhatIsLeftByTheUidThatItSawAndSaysWhatIsLost) {
  old_state_is_there();
  world_.silent = {"Endpoints/hippo-ha", "Endpoints/hippo-ha-config"};
  meet();
  std::vector<std::string> guards;
  for (const World::Entry& entry : world_.journal()) {
    for (const std::string& output : entry.outputs) {
      if (output.contains("\"guard\"")) guards.push_back(output);
    }
  }
  ASSERT_EQ(guards.size(), 2U);
  EXPECT_TRUE(guards[0].contains("old-hippo-ha")) << guards[0];
  EXPECT_TRUE(guards[0].contains("patroni-state-of-namesake")) << guards[0];
  EXPECT_FALSE(has_started());
  EXPECT_TRUE(progressing().contains("Endpoints/hippo-ha")) << progressing();
}

TEST_F(Namesake, SaysWhyWhatIsLeftCannotBeRemoved) {
  old_state_is_there();
  world_.failures["Endpoints/hippo-ha"] = "403 Forbidden: a webhook";
  meet();
  EXPECT_FALSE(has_started());
  EXPECT_TRUE(progressing().contains("403 Forbidden: a webhook")) << progressing();
  world_.failures.clear();
  pass(2s);
  EXPECT_TRUE(has_started());
}

TEST_F(Namesake, TakesNoForeignDatabaseForItsOwn) {
  old_pod_runs();
  old_state_is_there();
  meet();
  EXPECT_FALSE(world_.status.contains("7000000000000000666")) << world_.status;
  const std::string config = world_.state().written.at("ConfigMap/hippo-config").asked;
  old_pod_ends();
  EXPECT_EQ(world_.state().written.at("ConfigMap/hippo-config").asked, config)
      << "it says how to bootstrap all the time";
}

// A watch that was silent while the old primary wrote: nobody knew of it.
TEST_F(Namesake, HealsWhenTheStateWasSeenTooLate) {
  meet();
  old_state_is_there();
  member_is(kNoDatabase);
  EXPECT_FALSE(was_asked("Endpoints/hippo-ha-config"))
      << "a bootstrap looks like that for a moment";
  EXPECT_TRUE(progressing().contains("7000000000000000666")) << progressing();
  pass(61s);
  EXPECT_TRUE(was_asked("Endpoints/hippo-ha"));
  EXPECT_TRUE(was_asked("Endpoints/hippo-ha-config"));
  EXPECT_FALSE(world_.state().foreign_from);
}

// Patroni notes that it begins, and whoever ends before the database is there leaves the note.
TEST_F(Namesake, HealsABootstrapThatEndedInTheMiddle) {
  meet();
  world_.tell(store("hippo-ha-config", {.initialize = ""}));
  member_is("creating replica");
  pass(5min);
  EXPECT_FALSE(was_asked("Endpoints/hippo-ha-config")) << "it may take long";
  member_is(kNoDatabase);
  EXPECT_FALSE(progressing().contains("has ended in the middle")) << "it may begin just now";
  pass(61s);
  EXPECT_TRUE(was_asked("Endpoints/hippo-ha-config"));
}

TEST_F(Namesake, TouchesNothingWhileItsOwnDatabaseComesUp) {
  meet();
  member_is(kNoDatabase);
  world_.tell(store("hippo-ha-config", {.initialize = "8000000000000000001", .config = "x"}));
  pass(30s);
  member_is("running", "master");
  pass(5min);
  EXPECT_FALSE(was_asked("Endpoints/hippo-ha-config"));
}

TEST_F(Namesake, TouchesNothingThatItsOwnMemberLeads) {
  meet();
  const std::string pod = world_.state().instances.at("instance1").front() + "-0";
  world_.tell(store("hippo-ha", {.leader = pod}));
  world_.tell(store("hippo-ha-config", {.initialize = "8000000000000000001", .config = "x"}));
  member_is(kNoDatabase);
  pass(5min);
  EXPECT_FALSE(was_asked("Endpoints/hippo-ha-config"));
}

// Patroni's state may be all that is left of a database whose journal and volumes were lost.
TEST_F(Namesake, OfAClusterThatBeganElsewhereOnlyWhatNobodyCouldUseGoes) {
  start(true);
  ObjectObserved runner;
  runner.ref = World::ref("StatefulSet", "hippo-instance1-abcd", "apps/v1");
  runner.uid = "uid-of-runner";
  runner.fields.instance = {{.set = "instance1", .name = "hippo-instance1-abcd"}};
  world_.tell_only(runner);
  world_.tell_only(store("hippo-ha-config", {.initialize = "7000000000000000666", .config = "x"}));
  meet();
  EXPECT_FALSE(world_.state().begun_here);
  ASSERT_EQ(world_.state().instances.at("instance1").front(), "hippo-instance1-abcd");
  ASSERT_EQ(world_.state().objects.count(World::ref("Endpoints", "hippo-ha-config")), 1U);
  world_.tell(store("hippo-ha-config", {.initialize = "7000000000000000666", .config = "x"}));
  member_is(kNoDatabase);
  pass(5min);
  EXPECT_FALSE(was_asked("Endpoints/hippo-ha-config"));
  EXPECT_TRUE(progressing().contains("no member has")) << progressing();
  world_.tell(store("hippo-ha-config", {.initialize = "7000000000000000666"}));
  EXPECT_TRUE(was_asked("Endpoints/hippo-ha-config"));
}

// Members that find no configuration end with an error at once, unless they are told one.
TEST_F(Namesake, SaysHowToBeginAsLongAsPatroniHasNoConfiguration) {
  meet();
  const std::string beginning = world_.state().written.at("ConfigMap/hippo-config").asked;
  world_.tell(store("hippo-ha-config", {.initialize = "8000000000000000001"}));
  EXPECT_EQ(world_.state().written.at("ConfigMap/hippo-config").asked, beginning);
  world_.tell(store("hippo-ha-config", {.initialize = "8000000000000000001", .config = "x"}));
  EXPECT_NE(world_.state().written.at("ConfigMap/hippo-config").asked, beginning);
}

}  // namespace
}  // namespace annals::fsm
