#include "manifests/yaml.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace annals::manifests {
namespace {

TEST(Yaml, IsABlockOfSortedKeys) {
  const Json value = {{"b", Json::array({1, "x"})}, {"a", {{"c", true}}}, {"d", nullptr}};
  EXPECT_EQ(to_yaml(value), "a:\n  c: true\nb:\n- 1\n- x\nd: null\n");
}

TEST(Yaml, ListsOfObjectsAndListsStandBehindTheirDash) {
  const Json value =
      Json::array({Json{{"a", 1}, {"b", Json::array({2})}}, Json::array({3, Json::array({4})})});
  EXPECT_EQ(to_yaml(value), "- a: 1\n  b:\n  - 2\n- - 3\n  - - 4\n");
}

TEST(Yaml, EmptyThingsStayWhatTheyAre) {
  EXPECT_EQ(to_yaml({{"a", Json::object()}, {"b", Json::array()}, {"c", ""}}),
            "a: {}\nb: []\nc: \"\"\n");
}

TEST(Yaml, StringsThatLookLikeSomethingElseAreQuoted) {
  for (const char* const text : {"true", "No", "off", "null", "1", "1.5", "-", "a: b", "#", "*a",
                                 "0x1", "~", "", " a", "a\tb", "y", "."}) {
    const std::string yaml = to_yaml(Json(text));
    EXPECT_EQ(yaml.front(), '"') << yaml;
  }
  EXPECT_EQ(to_yaml(Json("hippo-ha.svc")), "hippo-ha.svc\n");
}

TEST(Yaml, LinesAreALiteralBlock) {
  EXPECT_EQ(to_yaml({{"a", "x\n\n  y\n"}}), "a: |\n  x\n\n    y\n");
  EXPECT_EQ(to_yaml({{"a", "x\ny"}}), "a: |-\n  x\n  y\n");
  EXPECT_EQ(to_yaml({{"a", "x \ny"}}), "a: \"x \\ny\"\n") << "white space at an end is quoted";
}

}  // namespace
}  // namespace annals::manifests
