// Messages and their sentences: the catalogue's form, what is compared, and what is stored.
#include "fsm/text/sentence.h"

#include <gtest/gtest.h>

#include <set>

#include "base/concat.h"
#include "fsm/codec/message_codec.h"
#include "fsm/text/say.h"

namespace annals::fsm {
namespace {

Message read(std::string_view json) {
  const Result<Message> message = decode_message(json);
  EXPECT_TRUE(message) << (message ? "" : to_string(message.error()));
  return message.value_or(Message());
}
Message round_trip(const Message& message) { return read(encode_message(message)); }

TEST(SentenceTest, PutsTheArgumentsInTheirPlaces) {
  EXPECT_EQ(sentence(say::pod_to_terminate("hippo-0")), "pod hippo-0 to terminate");
  EXPECT_EQ(sentence(say::describe_pod_and_logs("a")),
            "see 'kubectl describe pod a' and 'kubectl logs a'")
      << "one argument, named twice";
  EXPECT_EQ(sentence(Message()), "");
}

TEST(SentenceTest, LeavesOutBracketsWithoutAnArgument) {
  EXPECT_EQ(sentence(say::pod_to_stream("a", "starting")),
            "pod a to stream from the primary; its state is starting");
  EXPECT_EQ(sentence(say::pod_to_stream("a", "")), "pod a to stream from the primary");
  EXPECT_EQ(sentence(say::repository_host_not_ready("h", "Pending", Message())),
            "the repository host: pod h is Pending");
}

TEST(SentenceTest, HoldsMessagesInMessages) {
  const Message wait = say::candidate_for_primary(
      "a", std::vector{say::pod_not_ready("b"), say::pod_lag_unknown("c")});
  EXPECT_EQ(sentence(say::timed_out(10, wait)),
            "timed out after 10 minutes waiting for a replica that can become the primary instead "
            "of pod a: pod b is not ready; pod c: replication lag unknown");
}

TEST(SentenceTest, ComparesWhatMatters) {
  EXPECT_EQ(say::pod_lags("a", 81234, 1024), say::pod_lags("a", 99999, 1024));
  EXPECT_EQ(key_of(say::pod_lags("a", 81234, 1024)), key_of(say::pod_lags("a", 99999, 1024)));
  EXPECT_NE(say::pod_lags("a", 1, 1024), say::pod_lags("b", 1, 1024));
  EXPECT_NE(sentence(say::pod_lags("a", 1, 9)), sentence(say::pod_lags("a", 2, 9)));
  const auto wait = [](int lag) { return say::waiting_for(say::pod_lags("a", lag, 1024)); };
  EXPECT_EQ(wait(1), wait(2)) << "within another one too";
  EXPECT_NE(key_of(say::manager_of("a", "b", "")), key_of(say::manager_of("a", "", "b")));
}

TEST(SentenceTest, ComesBackFromARecord) {
  const Message message = say::timed_out(
      10, say::candidate_for_primary("a", std::vector{say::pod_lags("b", 7, 1024), literal("x")}));
  EXPECT_EQ(round_trip(message), message);
  EXPECT_EQ(sentence(round_trip(message)), sentence(message)) << "what does not matter as well";
  EXPECT_EQ(round_trip(Message()), Message());
  EXPECT_EQ(encode_message(say::pod_to_terminate("a")), R"({"pod":"a","say":"pod-to-terminate"})");
}

TEST(SentenceTest, ReadsTheSentencesOfOldRecords) {
  const Message old = read(R"("waits for a primary")");
  EXPECT_EQ(sentence(old), "waits for a primary");
  EXPECT_EQ(encode_message(old), R"("waits for a primary")");
  EXPECT_TRUE(read(R"("")").empty());
}

TEST(SentenceTest, LosesNothingOfAMessageOfAnotherVersion) {
  const Message other = read(R"({"say":"made-later","pod":"a"})");
  EXPECT_EQ(sentence(other), R"(made-later pod="a")");
  const Message fewer = read(R"({"say":"pod-to-stream","pod":"a"})");
  EXPECT_EQ(sentence(fewer), "pod a to stream from the primary");
}

TEST(SentenceTest, RefusesWhatIsNoMessage) {
  for (const char* text : {"7", "[]", "{}", R"({"say":7})", R"({"say":"pod-to-stream","pod":[7]})"})
    EXPECT_EQ(decode_message(text).error().code, Errc::kCorrupt) << text;
  std::string nested = "\"end\"";
  for (int depth = 0; depth < 1000; ++depth)
    nested = concat(R"({"say":"waiting-for","what":[)", nested, "]}");
  EXPECT_EQ(decode_message(nested).error().code, Errc::kCorrupt) << "nested without end";
}

// All of them, by their numbers.
TEST(SentenceTest, EveryIdIsFoundByItsName) {
  std::set<std::string> names;
  for (std::uint16_t number = 1; message_id(name_of(static_cast<MessageId>(number))); ++number) {
    const auto id = static_cast<MessageId>(number);
    EXPECT_EQ(message_id(name_of(id)), id);
    EXPECT_TRUE(names.insert(name_of(id)).second) << name_of(id) << " stands there twice";
    if (id == MessageId::settled) break;
  }
  EXPECT_GT(names.size(), 150U);
  EXPECT_FALSE(message_id("no-such-message"));
}

}  // namespace
}  // namespace annals::fsm
