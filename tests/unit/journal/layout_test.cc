#include "journal/layout.h"

#include <gtest/gtest.h>

namespace annals::journal {
namespace {

TEST(Layout, SequenceKeysSortAsNumbers) {
  EXPECT_LT(sequence_key(Sequence(255)), sequence_key(Sequence(256)));
  EXPECT_EQ(sequence_of(sequence_key(Sequence(256))), Sequence(256));
  EXPECT_EQ(sequence_of("short"), std::nullopt);
  EXPECT_EQ(sequence_of("longer than eight"), std::nullopt);
}

TEST(Layout, StreamsOfClustersDoNotMix) {
  const std::string last_of_a = stream_key(ClusterUid("a"), Sequence(~std::uint64_t{0}));
  const std::string first_of_ab = stream_key(ClusterUid("ab"), Sequence(0));
  EXPECT_LT(last_of_a, first_of_ab);
}

TEST(Layout, AStreamKeySaysWhoseAndWhich) {
  const std::optional<StreamPlace> place =
      stream_place_of(stream_key(ClusterUid("5f3c"), Sequence(7)));
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->cluster, ClusterUid("5f3c"));
  EXPECT_EQ(place->seq, Sequence(7));
  EXPECT_EQ(stream_place_of(std::string(9, '\0')).has_value(), false);
}

}  // namespace
}  // namespace annals::journal
