#include "journal/content.h"

#include <gtest/gtest.h>

namespace annals::journal {
namespace {

TEST(Content, ComesBackAsItWas) {
  for (const std::string& content :
       {std::string(), std::string("a\0b", 3), std::string(99'999, 'x')}) {
    EXPECT_EQ(unpack(pack(content), 1 << 20).value(), content);
  }
}

TEST(Content, ThatRepeatsItselfTakesLittleSpace) {
  EXPECT_LT(pack(std::string(100'000, 'x')).size(), 200U);
}

TEST(Content, IsRefusedWhenItClaimsToBeTooLarge) {
  EXPECT_EQ(unpack(pack(std::string(1001, 'x')), 1000).error().code, Errc::kCorrupt);
}

TEST(Content, IsRefusedWhenItIsCutOff) {
  const std::string packed = pack("some content");
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_FALSE(unpack(packed.substr(0, size), 1000).has_value()) << size;
  }
}

}  // namespace
}  // namespace annals::journal
