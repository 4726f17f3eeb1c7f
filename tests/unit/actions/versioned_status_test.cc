// A status for one version of one cluster, and for nothing else.
#include "actions/versioned_status.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace annals::actions {
namespace {

using nlohmann::json;

const ClusterIdentity kHippoIdentity{ClusterUid("uid"), "ns", "hippo"};
constexpr const char* kManifest = R"({"metadata":{"name":"hippo"},"status":{"phase":"Ready"}})";

json resource(const char* uid) {
  return {{"metadata", {{"name", "hippo"}, {"uid", uid}, {"resourceVersion", "7"}}},
          {"spec", {{"postgresVersion", 15}}}};
}

TEST(VersionedStatus, IsWhatWasToBeWrittenForTheVersionThatIsKnown) {
  const Result<std::string> version = version_of(resource("uid").dump(), kHippoIdentity);
  ASSERT_TRUE(version) << to_string(version.error());
  const Result<std::string> status = versioned_status(kManifest, *version, kHippoIdentity);
  ASSERT_TRUE(status) << to_string(status.error());
  const json expected = {
      {"metadata", {{"name", "hippo"}, {"uid", "uid"}, {"resourceVersion", "7"}}},
      {"status", {{"phase", "Ready"}}}};
  EXPECT_EQ(json::parse(*status), expected);
}

TEST(VersionedStatus, IsNotWrittenToANamesake) {
  const Result<std::string> version = version_of(resource("another").dump(), kHippoIdentity);
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().code, Errc::kConflict);
}

TEST(VersionedStatus, IsAnErrorWithoutAVersionOrAResource) {
  json unversioned = resource("uid");
  unversioned["metadata"].erase("resourceVersion");
  for (const json& object :
       {unversioned, json("a"), json::array(), json::object(), json{{"metadata", 1}}}) {
    const Result<std::string> version = version_of(object.dump(), kHippoIdentity);
    ASSERT_FALSE(version) << object;
    EXPECT_EQ(version.error().code, Errc::kInvalid) << object;
  }
  EXPECT_FALSE(versioned_status("[]", "7", kHippoIdentity)) << "no manifest";
}

}  // namespace
}  // namespace annals::actions
