#include "base/secret.h"

#include <gtest/gtest.h>

#include <sstream>
#include <utility>

#include "base/concat.h"

namespace annals {
namespace {

TEST(Secret, PrintsAsStarsHoweverItIsPrinted) {
  const Secret secret("hunter2");
  std::ostringstream out;
  out << secret << concat(secret);
  EXPECT_EQ(out.str(), "******");
  EXPECT_EQ(secret.reveal(), "hunter2");
}

TEST(Secret, LeavesNothingBehindWhereItMovedFrom) {
  Secret from("short");
  const Secret to = std::move(from);
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is the question
  EXPECT_EQ(to.reveal(), "short");
}

TEST(Secret, CanBeReplaced) {
  Secret secret("old");
  const Secret fresh("new");
  secret = fresh;
  EXPECT_EQ(secret.reveal(), "new");
  EXPECT_EQ(fresh.reveal(), "new");
}

}  // namespace
}  // namespace annals
