// The patches by which a claim outlives its cluster and becomes another one's: on what was read,
// and on nothing else.
#include "actions/claim_patch.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace annals::actions {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using Patch = std::optional<std::string>;

const ClusterIdentity kOld{ClusterUid("old"), "ns", "hippo"};
const ClusterIdentity kNew{ClusterUid("new"), "ns", "hippo"};
constexpr const char* kKeptFor = "postgres-operator.crunchydata.com/kept-for";
constexpr const char* kUntil = "postgres-operator.crunchydata.com/kept-until";
constexpr const char* kLed = "postgres-operator.crunchydata.com/led-when-deleted";

json claim_of(const json& owners, const json& labels, const json& annotations) {
  return {{"metadata",
           {{"name", "data"},
            {"resourceVersion", "7"},
            {"labels", labels},
            {"annotations", annotations},
            {"ownerReferences", owners}}}};
}
json owner(const char* uid) { return {{"uid", uid}, {"controller", true}}; }

fsm::KeepClaim keeping(bool led = false) {
  return {.ref = {},
          .digest = {},
          .of = "old",
          .kept = true,
          .led = led,
          .deleted_at = "then",
          .until = "later"};
}
fsm::KeepClaim taking(bool led = false) {
  return {.ref = {}, .digest = {}, .of = "old", .kept = false, .led = led};
}

json metadata_in(const Result<Patch>& patch) {
  if (!patch || !*patch) return "no patch";
  json metadata = json::parse(**patch).at("metadata");
  EXPECT_EQ(metadata.at("resourceVersion"), "7") << "only what was looked at is written";
  return metadata;
}
json labels_in(const json& metadata) { return metadata.value("labels", json::object()); }

TEST(ClaimPatch, TakesItsClusterFromTheOwnersAndSaysForWhomItIsKept) {
  const json claim = claim_of({owner("old"), owner("other")}, {{"a", "b"}}, json::object());
  const json after = metadata_in(claim_patch(claim.dump(), keeping(true), kOld));
  EXPECT_EQ(after.at("ownerReferences"), json::array({owner("other")}));
  EXPECT_EQ(labels_in(after), (json{{kKeptFor, "old"}}));
  EXPECT_EQ(after.at("annotations").at(kUntil), "later");
  EXPECT_EQ(after.at("annotations").at(kLed), "old");
}

TEST(ClaimPatch, LeavesTheTimeThatSomebodyHasGivenIt) {
  const json claim = claim_of(json::array(), {{kKeptFor, "old"}}, {{kUntil, "much later"}});
  EXPECT_EQ(claim_patch(claim.dump(), keeping(), kOld), Patch());
  const json after = metadata_in(claim_patch(claim.dump(), keeping(true), kOld));
  EXPECT_FALSE(after.at("annotations").contains(kUntil));
  EXPECT_EQ(after.at("annotations").at(kLed), "old") << "another instance leads by now";
}

TEST(ClaimPatch, LeavesWhatIsNobodysOfTheCluster) {
  EXPECT_EQ(
      claim_patch(claim_of(json::array(), json::object(), json::object()).dump(), keeping(), kOld),
      Patch());
  EXPECT_EQ(
      claim_patch(claim_of(json::array({owner("new")}), json::object(), json::object()).dump(),
                  keeping(), kOld),
      Patch())
      << "a namesake's";
}

TEST(ClaimPatch, MakesAKeptOneTheNewClusters) {
  const json claim =
      claim_of(json::array(), {{kKeptFor, "old"}}, {{kUntil, "later"}, {kLed, "old"}});
  EXPECT_FALSE(claim_patch(claim.dump(), taking(), kNew)) << "it was taken for a replica's";
  const json after = metadata_in(claim_patch(claim.dump(), taking(true), kNew));
  EXPECT_EQ(after.at("ownerReferences").at(0).at("uid"), "new");
  EXPECT_EQ(after.at("ownerReferences").at(0).at("controller"), true);
  EXPECT_EQ(labels_in(after), (json{{kKeptFor, nullptr}}));
  EXPECT_EQ(after.at("annotations").at(kUntil), nullptr);
  EXPECT_FALSE(after.at("annotations").contains(kLed)) << "who led is needed still";
}

TEST(ClaimPatch, TakesUpNothingThatIsNotKeptForThatCluster) {
  const json taken = claim_of(json::array({owner("new")}), json::object(), json::object());
  EXPECT_EQ(claim_patch(taken.dump(), taking(), kNew), Patch()) << "it is done";
  json ending = claim_of(json::array(), {{kKeptFor, "old"}}, json::object());
  ending["metadata"]["deletionTimestamp"] = "now";
  for (const json& claim :
       {claim_of(json::array({owner("third")}), {{kKeptFor, "old"}}, json::object()),
        claim_of(json::array(), {{kKeptFor, "third"}}, json::object()),
        claim_of(json::array(), json::object(), json::object()), ending}) {
    const Result<Patch> patch = claim_patch(claim.dump(), taking(), kNew);
    ASSERT_FALSE(patch) << claim;
    EXPECT_THAT(patch.error().detail, HasSubstr("PersistentVolumeClaim/data"));
  }
}

TEST(ClaimPatch, IsAnErrorForWhatIsNoClaim) {
  for (const json& object : {json("a"), json::array(), json::object(), json{{"metadata", 1}}}) {
    EXPECT_FALSE(claim_patch(object.dump(), keeping(), kOld)) << object;
  }
}

}  // namespace
}  // namespace annals::actions
