// The receipt of a clean shutdown: what is written is read back, and what is none says why.
#include "lens/receipt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "base/concat.h"

namespace annals::lens {
namespace {

using testing::HasSubstr;

constexpr Timestamp kShutdown{std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) +
                              std::chrono::hours(8) + std::chrono::minutes(5)};
constexpr const char* kText =
    R"({"checkpoint":"0/5000028","cluster":"postgres/hippo","end":"0/5000000","receipt":1,)"
    R"("systemIdentifier":"7412345678901234567","time":"2026-01-31T08:05:00Z","timeline":1})";
constexpr const char* kWithdrawn =
    R"({"cluster":"postgres/hippo","receipt":1,"time":"2026-01-31T08:05:00Z","withdrawn":true})";

fsm::Receipt of_hippo() {
  return {.cluster = "postgres/hippo",
          .system_id = "7412345678901234567",
          .timeline = 1,
          .checkpoint_lsn = 0x5000028,
          .end_lsn = 0x5000000,
          .at = kShutdown};
}

// Of the text with `from` replaced.
std::string refusal_with(std::string_view from, std::string_view to) {
  std::string text = kText;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  const Result<fsm::Receipt> read = read_receipt(text.replace(at, from.size(), to));
  if (read) return "read";
  EXPECT_EQ(read.error().code, Errc::kInvalid);
  return read.error().detail;
}

TEST(ReceiptTest, IsReadAsItIsWritten) {
  EXPECT_EQ(receipt_text(of_hippo()), kText);
  EXPECT_EQ(read_receipt(kText).value(), of_hippo());
  EXPECT_EQ(read_receipt(concat(" ", kText, "\n")).value(), of_hippo());
}

TEST(ReceiptTest, SaysThatItIsWithdrawn) {
  const fsm::Receipt withdrawn{.cluster = "postgres/hippo", .at = kShutdown, .withdrawn = true};
  EXPECT_EQ(receipt_text(withdrawn), kWithdrawn);
  EXPECT_EQ(read_receipt(kWithdrawn).value(), withdrawn);
}

TEST(ReceiptTest, MayHaveMembersOfALaterProgram) {
  EXPECT_EQ(refusal_with(R"("receipt":1,)", R"("receipt":1,"more":{},)"), "read");
}

TEST(ReceiptTest, OfAnotherVersionIsNone) {
  EXPECT_THAT(refusal_with(R"("receipt":1)", R"("receipt":2)"), HasSubstr("receipt is no number"));
  EXPECT_THAT(refusal_with(R"("receipt":1,)", ""), HasSubstr("receipt is no number"));
}

TEST(ReceiptTest, SaysWhichMemberIsWrong) {
  EXPECT_THAT(refusal_with(R"("postgres/hippo")", R"("hippo")"), HasSubstr("cluster is 'hippo'"));
  EXPECT_THAT(refusal_with(R"("postgres/hippo")", R"("Post/gres/x")"), HasSubstr("cluster is"));
  EXPECT_THAT(refusal_with(R"(:1})", R"(:4294967296})"), HasSubstr("timeline is no number"));
  EXPECT_THAT(refusal_with(R"(:1})", R"(:0})"), HasSubstr("timeline is no number"));
  EXPECT_THAT(refusal_with("0/5000028", "5000028"), HasSubstr("checkpoint is '5000028'"));
  EXPECT_THAT(refusal_with("0/5000028", "0/4000028"), HasSubstr("end is behind checkpoint"));
  EXPECT_THAT(refusal_with("0/5000000", "0/0"), HasSubstr("end is '0/0'"));
  EXPECT_THAT(refusal_with(R"("7412345678901234567")", "7412345678901234567"),
              HasSubstr("systemIdentifier is no text"));
  EXPECT_THAT(refusal_with("7412345678901234567", "99999999999999999999"),
              HasSubstr("systemIdentifier is '999"));
  EXPECT_THAT(refusal_with("08:05:00Z", "08:05"), HasSubstr("time is '2026-01-31T08:05'"));
  EXPECT_THAT(refusal_with(R"("timeline")", R"("withdrawn":1,"timeline")"),
              HasSubstr("withdrawn is neither"));
}

TEST(ReceiptTest, OfOtherBytesIsNone) {
  EXPECT_THAT(read_receipt("").error().detail, HasSubstr("malformed JSON"));
  EXPECT_THAT(read_receipt("[]").error().detail, HasSubstr("receipt is no number"));
  EXPECT_THAT(read_receipt(concat(kText, kText)).error().detail, HasSubstr("malformed JSON"));
  EXPECT_THAT(read_receipt(std::string(5000, ' ')).error().detail, HasSubstr("longer than"));
}

}  // namespace
}  // namespace annals::lens
