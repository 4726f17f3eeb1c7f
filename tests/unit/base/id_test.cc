#include "base/id.h"

#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>

namespace annals {
namespace {

TEST(Id, OneKindDoesNotStandForAnother) {
  static_assert(!std::is_convertible_v<Sequence, Epoch>);
  static_assert(!std::is_constructible_v<Sequence, Epoch>);
  static_assert(!std::is_convertible_v<std::uint64_t, Sequence>);
  static_assert(!std::is_convertible_v<Sequence, std::uint64_t>);
}

TEST(Id, OrdersAndCountsLikeItsRepresentation) {
  EXPECT_LT(Sequence(1), Sequence(2));
  EXPECT_EQ(Sequence(1).next(), Sequence(2));
  EXPECT_EQ(Sequence(), Sequence(0));
  EXPECT_LT(ClusterUid("a"), ClusterUid("b"));
}

TEST(Id, WorksAsAKey) {
  const std::unordered_set<ClusterUid> seen{ClusterUid("a"), ClusterUid("b"), ClusterUid("a")};
  EXPECT_EQ(seen.size(), 2U);
}

}  // namespace
}  // namespace annals
