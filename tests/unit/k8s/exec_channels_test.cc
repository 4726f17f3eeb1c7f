#include "k8s/pods/exec_channels.h"

#include <gtest/gtest.h>

namespace annals::k8s {
namespace {

TEST(ExecChannels, TheFirstByteSaysWhereTheRestBelongs) {
  const Result<ChannelMessage> output = read_channel("\x01hi");
  ASSERT_TRUE(output);
  EXPECT_EQ(output->channel, ExecChannel::kOutput);
  EXPECT_EQ(output->bytes, "hi");
  EXPECT_EQ(read_channel("\x02").value().bytes, "");
  EXPECT_EQ(channel_message(ExecChannel::kInput, "in"), std::string("\0in", 3));
  EXPECT_EQ(resize_message(80, 24), "\x04{\"Width\":80,\"Height\":24}");
}

TEST(ExecChannels, ThatNobodySpeaksOnAreErrors) {
  EXPECT_FALSE(read_channel(""));
  EXPECT_FALSE(read_channel("\x05x"));
  EXPECT_FALSE(read_channel("\xfex"));
}

TEST(ExecStatuses, TellTheExitCode) {
  EXPECT_EQ(read_exec_status(R"({"metadata":{},"status":"Success"})").value().code, 0);
  const Answer<ExecExit> failed = read_exec_status(
      R"({"status":"Failure","message":"m","reason":"NonZeroExitCode",)"
      R"("details":{"causes":[{"reason":"Other","message":"7"},{"reason":"ExitCode","message":"137"}]}})");
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->code, 137);
  EXPECT_EQ(failed->message, "m");
}

TEST(ExecStatuses, WithoutAnExitCodeAreUnknownOutcomes) {
  for (
      const char* bad :
      {"", "{", "[]", "{}", R"({"status":"Failure","message":"no such container"})",
       R"({"status":"Failure","reason":"NonZeroExitCode"})",
       R"({"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"x"}]}})",
       R"({"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[7]}})"}) {
    const Answer<ExecExit> exit = read_exec_status(bad);
    ASSERT_FALSE(exit) << bad;
    EXPECT_TRUE(exit.error().unknown_outcome()) << bad;
  }
}

}  // namespace
}  // namespace annals::k8s
