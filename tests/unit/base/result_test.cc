#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/id.h"

namespace annals {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(Errc::kInvalid, n, " is odd");
  return n / 2;
}

Result<void> check(int n) {
  Result<int> halved = half(n);
  if (!halved) return fail(std::move(halved).error().while_doing("check"));
  return {};
}

TEST(Result, HoldsAValueOrAnError) {
  EXPECT_EQ(half(4).value(), 2);
  ASSERT_FALSE(half(3).has_value());
  EXPECT_EQ(half(3).error(), (Error{Errc::kInvalid, "3 is odd"}));
}

TEST(Result, ErrorsGainContextOnTheWayUp) {
  Result<void> checked = check(3);
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(to_string(std::move(checked).error().while_doing("open")),
            "invalid: open: check: 3 is odd");
}

TEST(Result, CarriesWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> owned = std::make_unique<int>(5);
  const std::unique_ptr<int> taken = std::move(owned).value();
  EXPECT_EQ(*taken, 5);
}

TEST(Error, EachCodeHasAName) {
  for (const Errc code : {Errc::kNotFound, Errc::kConflict, Errc::kTimeout, Errc::kUnavailable,
                          Errc::kInvalid, Errc::kForbidden, Errc::kCorrupt}) {
    EXPECT_EQ(to_string(code).find("unknown"), std::string_view::npos);
  }
}

}  // namespace
}  // namespace annals
