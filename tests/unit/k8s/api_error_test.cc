#include "k8s/api_error.h"

#include <gtest/gtest.h>

namespace annals::k8s {
namespace {

constexpr std::string_view kStatus =
    R"({"kind":"Status","status":"Failure","message":"it is wrong","reason":)"
    R"("Invalid","details":{"retryAfterSeconds":3,)"
    R"("causes":[{"reason":"FieldValueInvalid","message":"too big","field":)"
    R"("spec.replicas"}, 7]},"code":422})";

TEST(StatusErrors, CarryReasonCausesAndRetryAfter) {
  const ApiError error = read_status(422, std::nullopt, kStatus, Effect::kWrite);
  EXPECT_EQ(error.trouble, Trouble::kRefused);
  EXPECT_EQ(error.code(), Errc::kInvalid);
  EXPECT_EQ(error.reason, "Invalid");
  EXPECT_EQ(error.message, "it is wrong");
  EXPECT_EQ(error.retry_after, std::chrono::seconds(3));
  ASSERT_EQ(error.causes.size(), 1U);
  EXPECT_EQ(error.causes[0], (Cause{"FieldValueInvalid", "spec.replicas", "too big"}));
  EXPECT_EQ(to_string(error), "refused (422) Invalid: it is wrong");
}

TEST(StatusErrors, TheHeaderOfARetryWinsOverTheBody) {
  EXPECT_EQ(read_status(429, std::chrono::seconds(9), kStatus, Effect::kRead).retry_after,
            std::chrono::seconds(9));
}

TEST(StatusErrors, AServerThatGaveUpOnAWriteLeavesItsOutcomeUnknown) {
  for (const int status : {500, 502, 504}) {
    EXPECT_TRUE(read_status(status, {}, "", Effect::kWrite).unknown_outcome()) << status;
    EXPECT_EQ(read_status(status, {}, "", Effect::kWrite).code(), Errc::kTimeout) << status;
    EXPECT_EQ(read_status(status, {}, "", Effect::kRead).code(), Errc::kUnavailable) << status;
  }
  EXPECT_FALSE(read_status(503, {}, "", Effect::kWrite).unknown_outcome());
  EXPECT_FALSE(read_status(429, {}, "", Effect::kWrite).unknown_outcome());
}

TEST(StatusErrors, CodesSayWhatTheCallerCanDo) {
  EXPECT_EQ(read_status(404, {}, "", Effect::kRead).code(), Errc::kNotFound);
  EXPECT_EQ(read_status(409, {}, "", Effect::kWrite).code(), Errc::kConflict);
  EXPECT_EQ(read_status(403, {}, "", Effect::kRead).code(), Errc::kForbidden);
  EXPECT_EQ(read_status(429, {}, "", Effect::kRead).code(), Errc::kUnavailable);
  EXPECT_EQ(read_status(415, {}, "", Effect::kWrite).code(), Errc::kInvalid);
  EXPECT_TRUE(read_status(410, {}, "", Effect::kRead).expired());
}

TEST(StatusErrors, BodiesThatAreNoStatusAreQuotedSafely) {
  EXPECT_EQ(read_status(502, {}, "<html>\x1b[2J</html>", Effect::kRead).message,
            "<html>?[2J</html>");
  EXPECT_EQ(read_status(404, {}, "", Effect::kRead).message, "HTTP status 404");
  EXPECT_LE(read_status(500, {}, std::string(1'000'000, 'x'), Effect::kRead).message.size(), 256U);
  for (const char* odd :
       {"[]", "null", "7", R"({"kind":7})", R"({"kind":"Status","details":[]})",
        R"({"kind":"Status","details":{"causes":{}}})", R"({"kind":"Status","message":{}})"}) {
    EXPECT_EQ(read_status(400, {}, odd, Effect::kRead).causes.size(), 0U) << odd;
  }
  const std::string deep = std::string(500'000, '[');
  EXPECT_EQ(read_status(400, {}, deep, Effect::kRead).reason, "");
}

}  // namespace
}  // namespace annals::k8s
