#include "spec/quantity.h"

#include <gtest/gtest.h>

#include <limits>

namespace annals::spec {
namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

TEST(Quantity, KnowsEverySuffix) {
  EXPECT_EQ(quantity_value("1Ki"), 1024);
  EXPECT_EQ(quantity_value("1Mi"), 1048576);
  EXPECT_EQ(quantity_value("1Gi"), 1073741824);
  EXPECT_EQ(quantity_value("2k"), 2000);
  EXPECT_EQ(quantity_value("3M"), 3000000);
  EXPECT_EQ(quantity_value("4G"), 4000000000);
  EXPECT_EQ(quantity_value("1E"), 1000000000000000000);
  EXPECT_EQ(quantity_value("1e3"), 1000);
  EXPECT_EQ(quantity_value("1E3"), 1000);
  EXPECT_EQ(quantity_value("15"), 15);
}

TEST(Quantity, RoundsUp) {
  EXPECT_EQ(quantity_value("1m"), 1);
  EXPECT_EQ(quantity_value("1.5"), 2);
  EXPECT_EQ(quantity_value("1.5Gi"), 1610612736);
  EXPECT_EQ(quantity_thousandths("1.5"), 1500);
  EXPECT_EQ(quantity_thousandths("250m"), 250);
  EXPECT_EQ(quantity_thousandths("1u"), 1);
  EXPECT_EQ(quantity_value("0"), 0);
  EXPECT_EQ(quantity_value("0.0"), 0);
}

TEST(Quantity, IsLimitedToWhatFits) {
  EXPECT_EQ(quantity_value("100Ei"), kLargest);
  EXPECT_EQ(quantity_value("1e999"), kLargest);
  EXPECT_EQ(quantity_value("99999999999999999999999999999999999999999999"), kLargest);
  EXPECT_EQ(quantity_value("-1Gi"), -1073741824);
}

TEST(Quantity, RefusesEverythingElse) {
  for (const char* const text :
       {"", "Gi", "1 Gi", "1GB", "1gi", "1e", "1e1.5", ".", "-", "1..2", "abc", "0x10", "1e1234"}) {
    EXPECT_EQ(quantity_value(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace annals::spec
