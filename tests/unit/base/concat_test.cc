#include "base/concat.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/id.h"

namespace annals {
namespace {

TEST(Concat, JoinsTextNumbersAndIds) {
  EXPECT_EQ(concat("record ", Sequence(7), " of ", ClusterUid("u-1"), ", ", 3U, '/', -4, ' ', true),
            "record 7 of u-1, 3/-4 true");
}

TEST(Concat, UsesTheToStringBesideAType) { EXPECT_EQ(concat(Errc::kCorrupt), "corrupt"); }

TEST(Concat, OfNothingIsEmpty) { EXPECT_EQ(concat(), ""); }

}  // namespace
}  // namespace annals
