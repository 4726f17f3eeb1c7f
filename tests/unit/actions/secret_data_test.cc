// A Secret's JSON: what is none is an error that repeats nothing of it.
#include "actions/secret_data.h"

#include <gtest/gtest.h>

namespace annals::actions {
namespace {

TEST(SecretData, AnErrorRepeatsNothingOfTheSecret) {
  for (const char* object :
       {R"({"data":{"password":"canary)", R"({"data":{"password":"canary" "canary"}})",
        R"({"data":{"password":canary}})", R"({"data":{"password":["canary"]}})",
        R"({"data":{"password":"canary!"},"metadata":{}})", R"({"data":"canary","metadata":{}})",
        R"(["canary"])"}) {
    const Result<StoredSecret> stored = read_secret(object);
    ASSERT_FALSE(stored) << object;
    EXPECT_EQ(to_string(stored.error()).find("canary"), std::string::npos)
        << to_string(stored.error());
  }
}

TEST(SecretData, SaysWhoseItIs) {
  const Result<StoredSecret> owned = read_secret(R"({"metadata":{"ownerReferences":[
      {"apiVersion":"v1","kind":"A","name":"a","uid":"uid-1"},
      {"apiVersion":"v1","kind":"B","name":"b","uid":"uid-2","controller":true}]}})");
  ASSERT_TRUE(owned) << to_string(owned.error());
  EXPECT_EQ(owned->holder.controller_uid, "uid-2");
  EXPECT_FALSE(owned->holder.deleting);
  const Result<StoredSecret> going =
      read_secret(R"({"metadata":{"deletionTimestamp":"2026-01-02T03:04:05Z"}})");
  ASSERT_TRUE(going) << to_string(going.error());
  EXPECT_EQ(going->holder.controller_uid, "");
  EXPECT_TRUE(going->holder.deleting);
}

TEST(SecretData, IsReadAsItWasWritten) {
  const std::string bytes("a\0\xff\n", 4);
  const manifests::SecretObject object{"s", "ns", {}, {}, manifests::Ownership::kController};
  const std::string manifest = secret_manifest(object, {{"key", Secret(bytes)}, {"none", Secret()}},
                                               {}, {ClusterIdentity{}});
  const Result<StoredSecret> stored = read_secret(manifest);
  ASSERT_TRUE(stored) << to_string(stored.error());
  EXPECT_EQ(value_of(stored->data, "key").reveal(), bytes);
  EXPECT_TRUE(stored->data.contains("none"));
  EXPECT_EQ(stored->owners.size(), 1U);
}

TEST(SecretData, ThatIsSharedKeepsItsOwnersAndGetsThoseThatItIsWrittenForOnceEach) {
  const manifests::SecretObject object{"s", "ns", {}, {}, manifests::Ownership::kShared};
  const std::vector<OwnerReference> owners{{"v1", "Other", "else", "uid-0"},
                                           {"v1", "PostgresCluster", "a", "uid-1"}};
  const std::vector<ClusterIdentity> clusters{{ClusterUid("uid-1"), "ns", "a"},
                                              {ClusterUid("uid-2"), "ns", "b"},
                                              {ClusterUid("uid-3"), "ns", "c"},
                                              {ClusterUid("uid-2"), "ns", "b"}};
  const Result<StoredSecret> stored = read_secret(secret_manifest(object, {}, owners, clusters));
  ASSERT_TRUE(stored) << to_string(stored.error());
  std::vector<std::string> uids;
  for (const OwnerReference& owner : stored->owners) uids.push_back(owner.uid);
  EXPECT_EQ(uids, (std::vector<std::string>{"uid-0", "uid-1", "uid-2", "uid-3"}));
}

}  // namespace
}  // namespace annals::actions
