// The patch for our finalizer: on what was read, and on nothing else.
#include "actions/finalizer_patch.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace annals::actions {
namespace {

using nlohmann::json;
using Patch = std::optional<std::string>;

constexpr const char* kOurs = "postgres-operator.crunchydata.com/finalizer";

json resource_with(json finalizers) {
  return {{"metadata",
           {{"uid", "uid"}, {"resourceVersion", "7"}, {"finalizers", std::move(finalizers)}}}};
}

Result<Patch> patch_for(const json& object, bool present, const char* uid = "uid") {
  return finalizer_patch(object.dump(), {.ref = {}, .digest = uid, .present = present});
}

json finalizers_after(const Result<Patch>& patch) {
  if (!patch || !*patch) return "no patch";
  const json metadata = json::parse(**patch).at("metadata");
  EXPECT_EQ(metadata.at("resourceVersion"), "7") << "only what was looked at is written";
  return metadata.at("finalizers");
}

TEST(FinalizerPatch, LeavesTheFinalizersOfOthers) {
  EXPECT_EQ(finalizers_after(patch_for(resource_with({"a", "b"}), true)), json({"a", "b", kOurs}));
  EXPECT_EQ(finalizers_after(patch_for(resource_with({"a", kOurs, "b"}), false)), json({"a", "b"}));
  EXPECT_EQ(finalizers_after(patch_for(resource_with(nullptr), true)), json::array({kOurs}));
}

TEST(FinalizerPatch, IsNoneWhereNothingIsToBeDone) {
  EXPECT_EQ(patch_for(resource_with({"a", kOurs}), true), Patch());
  EXPECT_EQ(patch_for(resource_with({"a"}), false), Patch());
  EXPECT_EQ(patch_for(resource_with({"a"}), true, "another"), Patch()) << "a namesake";
}

TEST(FinalizerPatch, IsAnErrorForWhatIsNoResource) {
  for (const json& object : {json("a"), json::array(), json::object(), json{{"metadata", 1}},
                             resource_with(json::object()), resource_with(7)}) {
    EXPECT_FALSE(patch_for(object, true)) << object;
  }
}

}  // namespace
}  // namespace annals::actions
