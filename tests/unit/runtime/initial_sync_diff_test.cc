#include "runtime/initial_sync_diff.h"

#include <gtest/gtest.h>

#include <string>

#include "fsm/machine.h"

namespace annals::runtime {
namespace {

fsm::ObjectObserved service(const std::string& name) {
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

class InitialSyncDiffTest : public testing::Test {
 protected:
  InitialSyncDiffTest() {
    for (const char* name : {"a", "b"}) {
      known_.objects[service(name).ref] = service(name);
      known_.pods[name] = pod(name);
    }
    known_.spec.emplace().resource = "{}";
  }

  // Names of what has gone.
  std::string missing(const InitialSyncDiff& initial_sync_diff) const {
    std::string names;
    for (const fsm::Input& gone : initial_sync_diff.missing(known_)) {
      if (const auto* object = std::get_if<fsm::ObjectGone>(&gone)) names += object->ref.name;
      if (const auto* pod = std::get_if<fsm::PodGone>(&gone)) names += "/" + pod->name;
    }
    return names;
  }

  fsm::ClusterState known_ = fsm::initial_state(ClusterUid("u"));
};

TEST_F(InitialSyncDiffTest, WhatIsAsItWasIsNoNewsAndNotMissing) {
  InitialSyncDiff initial_sync_diff(known_);
  EXPECT_EQ(missing(initial_sync_diff), "ab/a/b");
  fsm::ObjectObserved written_since = service("a");
  written_since.version = 8;
  EXPECT_TRUE(initial_sync_diff.is_as_known(written_since));
  EXPECT_TRUE(initial_sync_diff.is_as_known(pod("b")));
  EXPECT_EQ(missing(initial_sync_diff), "b/a");
  EXPECT_FALSE(initial_sync_diff.is_complete());
  EXPECT_TRUE(initial_sync_diff.is_as_known(service("b")));
  EXPECT_TRUE(initial_sync_diff.is_as_known(pod("a")));
  EXPECT_TRUE(initial_sync_diff.is_as_known(*known_.spec));
  EXPECT_TRUE(initial_sync_diff.is_complete());
  EXPECT_EQ(missing(initial_sync_diff), "");
}

TEST_F(InitialSyncDiffTest, EachFieldThatCountsIsNews) {
  InitialSyncDiff initial_sync_diff(known_);
  fsm::ObjectObserved other = service("a");
  other.uid = "another";
  EXPECT_FALSE(initial_sync_diff.is_as_known(other));
  other = service("a");
  other.digest = "e";
  EXPECT_FALSE(initial_sync_diff.is_as_known(other));
  other = service("a");
  other.fields.service.edit().cluster_ip = "10.0.0.2";
  EXPECT_FALSE(initial_sync_diff.is_as_known(other));
  fsm::PodObserved unready = pod("a");
  unready.ready = false;
  EXPECT_FALSE(initial_sync_diff.is_as_known(unready));
  fsm::SpecObserved spec = *known_.spec;
  spec.deleting = true;
  EXPECT_FALSE(initial_sync_diff.is_as_known(spec));
  EXPECT_FALSE(initial_sync_diff.is_as_known(service("new")));
}

TEST_F(InitialSyncDiffTest, WhatWasOtherwiseMeanwhileIsNewsWhenItIsAsBeforeAgain) {
  InitialSyncDiff initial_sync_diff(known_);
  initial_sync_diff.note_news(service("a"));
  EXPECT_FALSE(initial_sync_diff.is_as_known(service("a")));
  const fsm::ObjectGone gone{.ref = service("a").ref, .uid = "uid-of-a"};
  EXPECT_FALSE(initial_sync_diff.is_as_known(gone));
  EXPECT_EQ(missing(initial_sync_diff), "b/a/b");
}

TEST_F(InitialSyncDiffTest, WhatHasAppearedSinceIsNotMissing) {
  const InitialSyncDiff initial_sync_diff(known_);
  known_.objects[service("new").ref] = service("new");
  known_.pods["new"] = pod("new");
  EXPECT_EQ(missing(initial_sync_diff), "ab/a/b");
}

}  // namespace
}  // namespace annals::runtime
