#include "process/rules.h"

#include <gtest/gtest.h>

#include <string_view>

namespace annals::process {
namespace {

TEST(Rules, AreTheSha256OfTheirSources) {
  EXPECT_EQ(rules().size(), 64U);
  EXPECT_EQ(rules().find_first_not_of("0123456789abcdef"), std::string_view::npos) << rules();
}

}  // namespace
}  // namespace annals::process
