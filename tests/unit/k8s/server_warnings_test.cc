#include "k8s/transport/server_warnings.h"

#include <gtest/gtest.h>

namespace annals::k8s {
namespace {

TEST(ServerWarnings, AreNewsOnce) {
  ServerWarnings warnings;
  EXPECT_TRUE(warnings.is_news("v1 Endpoints is deprecated"));
  EXPECT_FALSE(warnings.is_news("v1 Endpoints is deprecated"));
  EXPECT_TRUE(warnings.is_news("unknown field \"spec.x\""));
}

TEST(ServerWarnings, ThatAreDifferentEachTimeFillNoMemory) {
  ServerWarnings warnings;
  std::size_t news = 0;
  for (int number = 0; number < 1000; ++number) {
    if (warnings.is_news(std::to_string(number))) ++news;
  }
  EXPECT_EQ(news, ServerWarnings::kTextsMax);
  EXPECT_TRUE(warnings.full());
}

}  // namespace
}  // namespace annals::k8s
