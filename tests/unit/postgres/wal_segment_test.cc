#include "postgres/sql/wal_segment.h"

#include <gtest/gtest.h>

namespace annals::postgres {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;

TEST(WalSegment, HasTheByteBeforeAPosition) {
  EXPECT_EQ(wal_segment_before("0/7000148", 1, 16 * kMiB).value(), "000000010000000000000007");
  EXPECT_EQ(wal_segment_before("0/7000000", 1, 16 * kMiB).value(), "000000010000000000000006");
  EXPECT_EQ(wal_segment_before("0/7000001", 1, 16 * kMiB).value(), "000000010000000000000007");
  EXPECT_EQ(wal_segment_before("2A/FF000001", 27, 16 * kMiB).value(), "0000001B0000002A000000FF");
  EXPECT_EQ(wal_segment_before("2B/0", 27, 16 * kMiB).value(), "0000001B0000002A000000FF");
}

TEST(WalSegment, IsCountedByItsSize) {
  EXPECT_EQ(wal_segment_before("1/40000001", 2, 1024 * kMiB).value(), "000000020000000100000001");
  EXPECT_EQ(wal_segment_before("0/100001", 2, kMiB).value(), "000000020000000000000001");
  EXPECT_EQ(wal_segment_before("1/0", 2, kMiB).value(), "000000020000000000000FFF");
}

TEST(WalSegment, WhatIsNoPositionIsAnError) {
  for (const char* end : {"", "/", "7", "0/", "/7", "0/g", "0/-1", "0/123456789", "0/0", "0/1/2"})
    EXPECT_FALSE(wal_segment_before(end, 1, 16 * kMiB)) << end;
  EXPECT_FALSE(wal_segment_before("0/7000148", 0, 16 * kMiB));
  EXPECT_FALSE(wal_segment_before("0/7000148", 1, 0));
  EXPECT_FALSE(wal_segment_before("0/7000148", 1, 3 * kMiB));
}

}  // namespace
}  // namespace annals::postgres
