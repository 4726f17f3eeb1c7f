#include "base/assert.h"

#include <gtest/gtest.h>

#include "base/id.h"

namespace annals {
namespace {

TEST(AssertDeathTest, ABugStopsTheProcessAndSaysWhereAndWhy) {
  const Sequence last(7);
  EXPECT_DEATH(ANNALS_ASSERT(last == Sequence(8), "the last record is ", last),
               "assert_test.cc:[0-9]+: assertion failed: last == Sequence\\(8\\): "
               "the last record is 7");
}

TEST(Assert, AConditionThatHoldsCostsNothingAndEvaluatesNoMessage) {
  int evaluated = 0;
  ANNALS_ASSERT(true, ++evaluated);
  EXPECT_EQ(evaluated, 0);
}

}  // namespace
}  // namespace annals
