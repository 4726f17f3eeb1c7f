#include "base/percent_encoding.h"

#include <gtest/gtest.h>

namespace annals {
namespace {

TEST(PercentEncoding, LeavesOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encoded("a-Z_0.~"), "a-Z_0.~");
  EXPECT_EQ(percent_encoded("a=b,c in (d)/\n\xc3\xa9"), "a%3Db%2Cc%20in%20%28d%29%2F%0A%C3%A9");
}

TEST(PercentEncoding, LeavesWhatThePartOfTheUrlAllows) {
  EXPECT_EQ(percent_encoded("a=b&c/d", "=&"), "a=b&c%2Fd");
}

}  // namespace
}  // namespace annals
