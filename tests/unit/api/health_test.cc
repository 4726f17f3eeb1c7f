#include "api/health.h"

#include <gtest/gtest.h>

namespace annals::api {
namespace {

TEST(HealthTest, SaysOkInOneWord) {
  Health health("readyz");
  health.add("journal", [] { return std::nullopt; });
  EXPECT_TRUE(health.is_well());
  EXPECT_EQ(health.answer({.path = "/readyz", .query = ""}).status, 200);
  EXPECT_EQ(health.answer({.path = "/readyz", .query = ""}).body, "ok\n");
}

TEST(HealthTest, ListsItsChecksWhenAsked) {
  Health health("readyz");
  health.add("journal", [] { return std::nullopt; });
  const Response response = health.answer({.path = "/readyz", .query = "verbose"});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "[+]journal ok\nreadyz check passed\n");
}

TEST(HealthTest, NamesWhatIsWrongWithoutBeingAsked) {
  bool held = false;
  Health health("readyz");
  health.add("journal", [] { return std::nullopt; });
  health.add("lease", [&]() -> std::optional<std::string> {
    return held ? std::nullopt : std::optional<std::string>("held by another");
  });
  EXPECT_FALSE(health.is_well());
  const Response response = health.answer({.path = "/readyz", .query = ""});
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body,
            "[+]journal ok\n[-]lease failed: held by another\nreadyz check failed\n");
  held = true;
  EXPECT_TRUE(health.is_well());
  EXPECT_EQ(health.answer({.path = "/readyz", .query = ""}).status, 200);
}

}  // namespace
}  // namespace annals::api
