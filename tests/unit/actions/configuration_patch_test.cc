// What is written where Patroni keeps its configuration, and who is asked first.
#include "actions/configuration_patch.h"

#include <gmock/gmock.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "k8s/text/rfc3339.h"

namespace annals::actions {
namespace {

using nlohmann::json;

const ClusterIdentity kOfHippo{ClusterUid("uid"), "ns", "hippo"};

std::string store_with(const json& annotations, const char* cluster = "hippo") {
  const json store = {{"metadata",
                       {{"name", "hippo-ha-config"},
                        {"resourceVersion", "7"},
                        {"labels", {{"postgres-operator.crunchydata.com/cluster", cluster}}},
                        {"annotations", annotations}}}};
  return store.dump();
}
std::string lock_of(const std::string& leader, const std::string& renewed,
                    const std::string& ttl = "30") {
  return store_with({{"leader", leader}, {"renewTime", renewed}, {"ttl", ttl}});
}
Timestamp time(const char* text) { return k8s::parse_rfc3339(text).value(); }

TEST(ConfigurationPatch, ReplacesTheWholeAsItWasRead) {
  const auto patch = configuration_patch(
      store_with({{"config", R"({"ttl":30})"}, {"initialize", "8"}}), R"({"ttl":20})", kOfHippo);
  ASSERT_TRUE(patch && *patch);
  EXPECT_EQ(json::parse(**patch),
            (json{{"metadata",
                   {{"resourceVersion", "7"}, {"annotations", {{"config", R"({"ttl":20})"}}}}}}));
}

TEST(ConfigurationPatch, IsNoneWhereItIsSoAlready) {
  const auto patch = configuration_patch(store_with({{"config", R"({"b": 1, "a": 2})"}}),
                                         R"({"a":2,"b":1})", kOfHippo);
  ASSERT_TRUE(patch);
  EXPECT_EQ(*patch, std::nullopt);
}

TEST(ConfigurationPatch, IsRefusedWherePatroniHasNoneOrItIsAnothersOrUnreadable) {
  EXPECT_EQ(configuration_patch(store_with({{"initialize", "8"}}), "{}", kOfHippo).error().code,
            Errc::kConflict);
  EXPECT_EQ(
      configuration_patch(store_with({{"config", "{}"}}, "rhino"), "{}", kOfHippo).error().code,
      Errc::kConflict);
  for (const char* text : {"", "[]", "{}", R"({"metadata":[]})"})
    EXPECT_EQ(configuration_patch(text, "{}", kOfHippo).error().code, Errc::kInvalid) << text;
}

// Patroni writes its times with +00:00.
TEST(HolderOfLock, IsWhoeverHasRenewedItLately) {
  const Timestamp now = time("2026-01-31T08:05:00Z");
  EXPECT_EQ(holder_of_lock(lock_of("hippo-a-0", "2026-01-31T08:04:50.123456+00:00"), now),
            "hippo-a-0");
  EXPECT_EQ(holder_of_lock(lock_of("hippo-a-0", "2026-01-31T08:04:00+00:00"), now), "hippo-a-0");
  EXPECT_EQ(holder_of_lock(lock_of("hippo-a-0", "2026-01-31T08:03:59+00:00"), now), "");
  EXPECT_EQ(holder_of_lock(lock_of("hippo-a-0", "2026-01-31T08:03:59+00:00", "60"), now),
            "hippo-a-0");
  EXPECT_EQ(holder_of_lock(lock_of("hippo-a-0", "yesterday"), now), "hippo-a-0");
}

TEST(HolderOfLock, IsNobodyWhereItWasGivenBack) {
  const Timestamp now = time("2026-01-31T08:05:00Z");
  EXPECT_EQ(holder_of_lock(lock_of("", "2026-01-31T08:04:50+00:00"), now), "");
  EXPECT_EQ(holder_of_lock(store_with({{"optime", "1"}}), now), "");
  EXPECT_EQ(holder_of_lock("no JSON", now).error().code, Errc::kInvalid);
}

}  // namespace
}  // namespace annals::actions
