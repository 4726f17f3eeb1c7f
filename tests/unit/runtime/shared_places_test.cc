// Clusters with a repository at one place: each is told of the others, before the specification
// that makes them rivals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "runtime/place_index.h"
#include "tests/unit/runtime/shell_fixture.h"

namespace annals::runtime {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kEarly = "2026-01-01T00:00:00Z";
constexpr const char* kLate = "2026-02-01T00:00:00Z";

fsm::SpecObserved in_bucket(const std::string& name, const std::string& bucket) {
  fsm::SpecObserved spec = spec_of(name);
  spec.resource = concat(R"({"metadata":{"name":")", name,
                         R"(","namespace":"zoo"},"spec":{"postgresVersion":15,)",
                         R"("backups":{"pgbackrest":{"repos":[{"name":"repo1","s3":{"bucket":")",
                         bucket, R"(","endpoint":"s3.example.com","region":"r"}}]}}}})");
  return spec;
}

class SharedPlaces : public ShellTest {
 protected:
  static std::vector<std::string> in_words(const std::vector<fsm::PlaceRival>& rivals) {
    std::vector<std::string> words;
    for (const fsm::PlaceRival& rival : rivals)
      words.push_back(concat(rival.cluster, rival.came_first ? " first" : "",
                             rival.has_stanza ? " writes" : ""));
    return words;
  }
  std::vector<std::string> rivals_of(const std::string& uid) const {
    std::vector<fsm::PlaceRival> rivals;
    shell_.each([&](const fsm::ClusterState& state) {
      if (state.uid.value() == uid) rivals = state.rivals;
    });
    return in_words(rivals);
  }
};

TEST_F(SharedPlaces, BothAreToldOfEachOther) {
  shell_.all_listed();
  shell_.observe(ClusterUid("uid-1"), in_bucket("hippo", "b"), kLate);
  shell_.observe(ClusterUid("uid-2"), in_bucket("rhino", "b"), kEarly);
  EXPECT_THAT(rivals_of("uid-1"), ElementsAre("zoo/rhino first"));
  EXPECT_THAT(rivals_of("uid-2"), ElementsAre("zoo/hippo"));
}

TEST_F(SharedPlaces, OfOneSecondTheNameDecides) {
  shell_.all_listed();
  shell_.observe(ClusterUid("uid-2"), in_bucket("rhino", "b"), kEarly);
  shell_.observe(ClusterUid("uid-1"), in_bucket("hippo", "b"), kEarly);
  EXPECT_THAT(rivals_of("uid-2"), ElementsAre("zoo/hippo first"));
  EXPECT_THAT(rivals_of("uid-1"), ElementsAre("zoo/rhino"));
}

TEST_F(SharedPlaces, TheFactComesBeforeTheSpecification) {
  shell_.all_listed();
  shell_.observe(ClusterUid("uid-1"), in_bucket("hippo", "b"), kEarly);
  shell_.observe(ClusterUid("uid-2"), in_bucket("rhino", "c"), kLate);
  journal_.types.clear();
  shell_.observe(ClusterUid("uid-2"), in_bucket("rhino", "b"), kLate);
  const std::size_t rivals = journal_.types.find("rivals-seen");
  ASSERT_NE(rivals, std::string::npos) << journal_.types;
  EXPECT_LT(rivals, journal_.types.find("spec-observed")) << journal_.types;
}

TEST_F(SharedPlaces, NothingIsToldBeforeAllIsListedOrWithoutARival) {
  shell_.observe(ClusterUid("uid-2"), in_bucket("rhino", "b"), kLate);
  shell_.observe(ClusterUid("uid-1"), in_bucket("hippo", "b"), kEarly);
  shell_.observe(ClusterUid("uid-3"), in_bucket("zebra", "c"), kEarly);
  EXPECT_FALSE(journal_.types.contains("rivals-seen"));
  shell_.all_listed();
  EXPECT_THAT(rivals_of("uid-2"), ElementsAre("zoo/hippo first"));
  EXPECT_THAT(rivals_of("uid-3"), IsEmpty());
  EXPECT_LT(journal_.types.find("rivals-seen"), journal_.types.find("synced"));
}

TEST_F(SharedPlaces, WhoeverLeavesIsARivalNoMore) {
  shell_.all_listed();
  shell_.observe(ClusterUid("uid-1"), in_bucket("hippo", "b"), kEarly);
  shell_.observe(ClusterUid("uid-2"), in_bucket("rhino", "b"), kLate);
  shell_.observe(ClusterUid("uid-1"), in_bucket("hippo", "c"), kEarly);
  EXPECT_THAT(rivals_of("uid-2"), IsEmpty());
  shell_.observe(ClusterUid("uid-1"), in_bucket("hippo", "b"), kEarly);
  EXPECT_THAT(rivals_of("uid-2"), ElementsAre("zoo/hippo first"));
  shell_.observe_gone(ClusterUid("uid-1"));
  EXPECT_THAT(rivals_of("uid-2"), IsEmpty());
}

TEST_F(SharedPlaces, ANamesakeIsNotARivalOfTheClusterBeforeIt) {
  shell_.all_listed();
  shell_.observe(ClusterUid("uid-1"), in_bucket("hippo", "b"), kEarly);
  shell_.observe(ClusterUid("uid-2"), in_bucket("hippo", "b"), kLate);
  EXPECT_THAT(rivals_of("uid-2"), IsEmpty());
}

// ---- The index

TEST(PlaceIndexTest, AStanzaStaysWhereItWasUntilItIsForgotten) {
  const auto at = [](const std::string& text) {
    return std::vector<fsm::ClaimedPlace>{{.repo = "repo1", .text = text}};
  };
  PlaceIndex index;
  const ClusterUid hippo("uid-1");
  const ClusterUid rhino("uid-2");
  index.claim(hippo, {.created = kEarly, .name = "zoo/hippo"}, at("here"));
  index.claim(rhino, {.created = kLate, .name = "zoo/rhino"}, at("there"));
  EXPECT_THAT(index.note_stanzas(hippo, at("here")), IsEmpty()) << "nobody is near";
  EXPECT_THAT(index.claim(rhino, {.created = kLate, .name = "zoo/rhino"}, at("here")),
              ElementsAre(hippo));
  EXPECT_TRUE(index.rivals_of(rhino).at(0).has_stanza);
  index.claim(hippo, {.created = kEarly, .name = "zoo/hippo"}, at("elsewhere"), at("here"));
  EXPECT_THAT(index.rivals_of(rhino), testing::SizeIs(1)) << "it has not left yet";
  EXPECT_THAT(index.note_stanzas(hippo, {}), ElementsAre(rhino));
  EXPECT_THAT(index.rivals_of(rhino), IsEmpty());
}

TEST(PlaceIndexTest, WhatALateRecordSaysOfAClusterThatIsGoneIsOfNoAccount) {
  const std::vector<fsm::ClaimedPlace> place{{.repo = "repo1", .text = "here"}};
  PlaceIndex index;
  index.claim(ClusterUid("uid-1"), {.created = kEarly, .name = "zoo/hippo"}, place, place);
  index.claim(ClusterUid("uid-2"), {.created = kLate, .name = "zoo/rhino"}, place);
  EXPECT_THAT(index.rivals_of(ClusterUid("uid-2")), testing::SizeIs(1));
  EXPECT_THAT(index.forget(ClusterUid("uid-1")), ElementsAre(ClusterUid("uid-2")));
  EXPECT_THAT(index.note_stanzas(ClusterUid("uid-1"), place), IsEmpty());
  EXPECT_THAT(index.rivals_of(ClusterUid("uid-2")), IsEmpty());
}

}  // namespace
}  // namespace annals::runtime
