#include "spec/changes.h"

#include <gtest/gtest.h>

namespace annals::spec {
namespace {

TEST(ChangesBetween, NamesPathsAndValues) {
  EXPECT_EQ(changes_between(R"({"spec":{"image":"a","n":[{"r":1},{"r":2}]}})",
                            R"({"spec":{"image":"b","n":[{"r":1},{"r":3}]}})"),
            "spec.image a -> b, spec.n[1].r 2 -> 3");
}

TEST(ChangesBetween, SaysWhatWasNotThereBefore) {
  EXPECT_EQ(changes_between("{}", R"({"a":true})"), "a nothing -> true");
  EXPECT_EQ(changes_between(R"({"a":[1]})", R"({"a":[]})"), "a[0] 1 -> nothing");
}

TEST(ChangesBetween, IsEmptyForTheSameInAnotherForm) {
  EXPECT_EQ(changes_between(R"({"a":1,"b":2})", R"({ "b":2, "a":1 })"), "");
}

TEST(ChangesBetween, IsShort) {
  const std::string many = changes_between(R"({"a":[1,2,3,4,5,6,7]})", R"({"a":[0,0,0,0,0,0,0]})");
  EXPECT_TRUE(many.ends_with(" and 2 more")) << many;
  const std::string value(1'000, 'x');
  EXPECT_LT(changes_between("{}", R"({"a":")" + value + R"("})").size(), 100U);
}

TEST(ChangesBetween, TellsThatWhatIsNoJsonHasChanged) {
  EXPECT_EQ(changes_between("{}", "{"), "the whole resource");
}

}  // namespace
}  // namespace annals::spec
