// What the API server says of its kinds, of a Lease and of others: read as far as it makes sense,
// refused where it does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/concat.h"
#include "k8s/discovery/discovery_answers.h"
#include "k8s/discovery/review_answers.h"
#include "k8s/lease/lease_record.h"

namespace annals::k8s {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Result<LeaseRecord> lease_with(std::string_view transitions, std::string_view seconds) {
  JsonReader reader;
  return read_lease(reader, concat(R"({"metadata":{"uid":"u"},"spec":{"holderIdentity":"a",)",
                                   R"("leaseTransitions":)", transitions,
                                   R"(,"leaseDurationSeconds":)", seconds, "}}"));
}

TEST(Answers, ThePreferredVersionComesFirst) {
  const auto versions = read_versions(
      R"({"preferredVersion":{"version":"v1"},"versions":[{"version":"v1beta1"},{"version":"v2"},{"version":"v1"}]})");
  ASSERT_TRUE(versions);
  EXPECT_THAT(*versions, ElementsAre("v1", "v1beta1", "v2"));
}

TEST(Answers, AVersionThatIsNoNameIsNotAskedFor) {
  const auto versions = read_versions(
      R"({"versions":[{"version":"../../api/v1"},{"version":""},{"version":"v1?a=b"},{}]})");
  ASSERT_TRUE(versions);
  EXPECT_THAT(*versions, IsEmpty());
}

TEST(Answers, AKindIsNeitherASubresourceNorWhatIsNoName) {
  const auto resource = read_resource(
      R"({"resources":[{"name":"cronjobs","kind":"CronJob","namespaced":true},)"
      R"({"name":"cronjobs/status","kind":"CronJob"},{"name":"a?b","kind":"CronJob"},)"
      R"({"kind":"CronJob"},{"name":"jobs","kind":"Job"}]})",
      "CronJob");
  ASSERT_TRUE(resource);
  ASSERT_TRUE(resource->has_value());
  EXPECT_EQ((*resource)->plural, "cronjobs");
  EXPECT_TRUE((*resource)->namespaced);
  EXPECT_EQ(read_resource("{}", "CronJob"), std::optional<Resource>());
}

TEST(Answers, ALeaseHasNumbersThatCanBeCountedWith) {
  const Result<LeaseRecord> lease = lease_with("2147483647", "15");
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->holder, "a");
  EXPECT_EQ(lease->transitions, 2147483647);
  EXPECT_FALSE(lease_with("2147483648", "15"));
  EXPECT_FALSE(lease_with("9223372036854775807", "15")) << "the next epoch would overflow";
  EXPECT_FALSE(lease_with("1", "9223372036854775807")) << "so would its term in microseconds";
  EXPECT_FALSE(lease_with("-1", "15"));
  EXPECT_FALSE(lease_with("1", "-15"));
  EXPECT_FALSE(lease_with("1.5", "15"));
}

TEST(Answers, AReviewWithoutAVerdictIsANo) {
  for (const char* body : {"{}", R"({"status":{}})", R"({"status":null})",
                           R"({"status":{"authenticated":null,"allowed":null}})"}) {
    const Result<TokenVerdict> token = read_token_verdict(body);
    ASSERT_TRUE(token) << body;
    EXPECT_FALSE(token->authenticated) << body;
    const Result<AccessVerdict> access = read_access_verdict(body);
    ASSERT_TRUE(access) << body;
    EXPECT_FALSE(access->allowed) << body;
  }
  EXPECT_FALSE(read_token_verdict(R"({"status":{"authenticated":"true"}})"));
  EXPECT_FALSE(read_access_verdict(R"({"status":{"allowed":1}})"));
}

}  // namespace
}  // namespace annals::k8s
