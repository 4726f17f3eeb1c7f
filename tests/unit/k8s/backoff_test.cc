#include "k8s/transport/backoff.h"

#include <gtest/gtest.h>

namespace annals::k8s {
namespace {

using std::chrono::milliseconds;

TEST(Backoff, DoublesWithJitterUpToTheMost) {
  Backoff backoff({.first = milliseconds(100), .most = milliseconds(1000)}, 7);
  for (const int full : {100, 200, 400, 800, 1000, 1000}) {
    const Duration wait = backoff.next();
    EXPECT_GE(wait, milliseconds(full / 2));
    EXPECT_LE(wait, milliseconds(full));
  }
  for (int i = 0; i < 100; ++i) EXPECT_LE(backoff.next(), milliseconds(1000));
  backoff.reset();
  EXPECT_LE(backoff.next(), milliseconds(100));
}

TEST(Backoff, NeverComesBackBeforeTheServerAsked) {
  Backoff backoff({.first = milliseconds(1), .most = milliseconds(2)}, 7);
  EXPECT_EQ(backoff.next(std::chrono::seconds(5)), std::chrono::seconds(5));
}

}  // namespace
}  // namespace annals::k8s
