#include "runtime/roll_call.h"

#include <gtest/gtest.h>

#include <string>

#include "fsm/machine.h"

namespace annals::runtime {
namespace {

fsm::ObjectObserved object(const std::string& name) {
  return {.ref = {.api_version = "v1", .kind = "Service", .name_space = "zoo", .name = name},
          .uid = "uid-of-" + name,
          .digest = "d",
          .fields = {.service = {{.cluster_ip = "10.0.0.1"}}},
          .actor = {},
          .version = 7};
}

fsm::PodObserved pod(const std::string& name) {
  fsm::PodObserved pod;
  pod.name = name;
  pod.uid = "uid-of-" + name;
  pod.ready = true;
  return pod;
}

class RollCallTest : public testing::Test {
 protected:
  RollCallTest() {
    for (const char* name : {"a", "b"}) {
      known_.objects[object(name).ref] = object(name);
      known_.pods[name] = pod(name);
    }
    known_.spec.emplace().resource = "{}";
  }

  // Names of what has gone.
  std::string missing(const RollCall& roll_call) const {
    std::string names;
    for (const fsm::Input& gone : roll_call.missing(known_)) {
      if (const auto* object = std::get_if<fsm::ObjectGone>(&gone)) names += object->ref.name;
      if (const auto* pod = std::get_if<fsm::PodGone>(&gone)) names += "/" + pod->name;
    }
    return names;
  }

  fsm::ClusterState known_ = fsm::initial_state(ClusterUid("u"));
};

TEST_F(RollCallTest, WhatIsAsItWasIsNoNewsAndNotMissing) {
  RollCall roll_call(known_);
  EXPECT_EQ(missing(roll_call), "ab/a/b");
  fsm::ObjectObserved written_since = object("a");
  written_since.version = 8;
  EXPECT_TRUE(roll_call.is_as_known(written_since));
  EXPECT_TRUE(roll_call.is_as_known(pod("b")));
  EXPECT_EQ(missing(roll_call), "b/a");
  EXPECT_FALSE(roll_call.is_complete());
  EXPECT_TRUE(roll_call.is_as_known(object("b")));
  EXPECT_TRUE(roll_call.is_as_known(pod("a")));
  EXPECT_TRUE(roll_call.is_as_known(*known_.spec));
  EXPECT_TRUE(roll_call.is_complete());
  EXPECT_EQ(missing(roll_call), "");
}

TEST_F(RollCallTest, EachFieldThatCountsIsNews) {
  RollCall roll_call(known_);
  fsm::ObjectObserved other = object("a");
  other.uid = "another";
  EXPECT_FALSE(roll_call.is_as_known(other));
  other = object("a");
  other.digest = "e";
  EXPECT_FALSE(roll_call.is_as_known(other));
  other = object("a");
  other.fields.service.edit().cluster_ip = "10.0.0.2";
  EXPECT_FALSE(roll_call.is_as_known(other));
  fsm::PodObserved unready = pod("a");
  unready.ready = false;
  EXPECT_FALSE(roll_call.is_as_known(unready));
  fsm::SpecObserved spec = *known_.spec;
  spec.deleting = true;
  EXPECT_FALSE(roll_call.is_as_known(spec));
  EXPECT_FALSE(roll_call.is_as_known(object("new")));
}

TEST_F(RollCallTest, WhatWasOtherwiseMeanwhileIsNewsWhenItIsAsBeforeAgain) {
  RollCall roll_call(known_);
  roll_call.note_news(object("a"));
  EXPECT_FALSE(roll_call.is_as_known(object("a")));
  const fsm::ObjectGone gone{.ref = object("a").ref, .uid = "uid-of-a"};
  EXPECT_FALSE(roll_call.is_as_known(gone));
  EXPECT_EQ(missing(roll_call), "b/a/b");
}

TEST_F(RollCallTest, WhatHasAppearedSinceIsNotMissing) {
  const RollCall roll_call(known_);
  known_.objects[object("new").ref] = object("new");
  known_.pods["new"] = pod("new");
  EXPECT_EQ(missing(roll_call), "ab/a/b");
}

}  // namespace
}  // namespace annals::runtime
