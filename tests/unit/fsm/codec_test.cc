// The one codec: a struct is written, read and packed by its members, whatever they are.
#include "fsm/codec/codec.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/concat.h"
#include "fsm/codec/json.h"
#include "fsm/codec/packing.h"
#include "fsm/codec/state_codec.h"
#include "fsm/machine.h"

namespace annals::fsm {

// A struct of an old version, and the same after somebody has added to it.
enum class Colour : std::uint8_t { kRed, kBlue };
struct Old {
  std::string name;
  std::int64_t size_in_bytes = 0;

  friend bool operator==(const Old&, const Old&) = default;
};
struct Part {
  std::string text;
  bool is_wrong = false;

  friend bool operator==(const Part&, const Part&) = default;
};
struct New {
  std::string name;
  int port = 5432;
  Colour colour = Colour::kRed;
  std::map<std::string, Part> parts;
  std::vector<std::optional<int>> numbers;
  Part first_part;
  std::optional<Timestamp> waits_until;
  std::int64_t size_in_bytes = 0;

  friend bool operator==(const New&, const New&) = default;
};
template <>
inline constexpr Form kForm<Old>{.always = "name sizeInBytes"};
template <>
inline constexpr Form kForm<New>{.always = "name sizeInBytes"};

namespace {

constexpr Timestamp kTime(std::chrono::microseconds(1'700'000'000'123'456));

New full() {
  return {.name = "\"x\" \n\x01 \xc3\xa9",
          .port = -1,
          .colour = Colour::kBlue,
          .parts = {{"a", {.text = "t", .is_wrong = true}}, {"b", {}}},
          .numbers = {1, std::nullopt},
          .first_part = {.text = "f", .is_wrong = false},
          .waits_until = kTime,
          .size_in_bytes = std::numeric_limits<std::int64_t>::min()};
}

TEST(CodecTest, AMemberIsWrittenByItsOwnName) {
  EXPECT_EQ(kMemberCount<New>, 8U);
  EXPECT_EQ((kMemberName<New, 6>), "waits_until");
  EXPECT_EQ(
      write_json(full()),
      "{\"colour\":1,\"firstPart\":{\"text\":\"f\"},\"name\":\"\\\"x\\\" \\n\\u0001 \xc3\xa9\","
      "\"numbers\":[1,null],\"parts\":{\"a\":{\"isWrong\":true,\"text\":\"t\"},\"b\":{}},"
      "\"port\":-1,\"sizeInBytes\":-9223372036854775808,\"waitsUntil\":1700000000123456}");
}

TEST(CodecTest, AMemberThatIsAddedIsReadAndPackedAndComparedAsWell) {
  const Result<New> read = read_json<New>(write_json(full()));
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(*read, full());
  Packer packer;
  packer.put(full());
  const std::string packed = std::move(packer).take();
  Unpacker unpacker(packed);
  New unpacked;
  unpacker.get(unpacked);
  EXPECT_TRUE(unpacker.is_at_end());
  EXPECT_EQ(unpacked, full());
  EXPECT_NE(unpacked, New());
}

TEST(CodecTest, ARecordOfBeforeIsAsIfNothingHadBeenAdded) {
  const Old old{.name = "n", .size_in_bytes = 7};
  const Result<New> read = read_json<New>(write_json(old));
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(*read, (New{.name = "n",
                        .parts = {},
                        .numbers = {},
                        .first_part = {},
                        .waits_until = {},
                        .size_in_bytes = 7}));
  // And nothing is written that an older program would not have written.
  EXPECT_EQ(write_json(*read), write_json(old));
}

TEST(CodecTest, AnOlderProgramReadsWhatItKnows) {
  const Result<Old> read = read_json<Old>(write_json(full()));
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->size_in_bytes, full().size_in_bytes);
}

TEST(CodecTest, MembersStandInAnyOrderBetweenBlanks) {
  const Result<Old> read = read_json<Old>(
      " { \"sizeInBytes\" : 1 ,\n\t\"x\":[{},[1.5e-3,true,\"\\n\"]], "
      "\"na\\u006de\" : \"\\ud83d\\ude00\\/\" } ");
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(*read, (Old{.name = "\xf0\x9f\x98\x80/", .size_in_bytes = 1}));
}

// Error paths.

std::string what_is_wrong_with(std::string_view text) {
  const Result<New> read = read_json<New>(text);
  if (read) return "nothing";
  EXPECT_EQ(read.error().code, Errc::kCorrupt) << text;
  return read.error().detail;
}

TEST(CodecTest, WhatIsWrongIsToldWithItsPlace) {
  EXPECT_EQ(what_is_wrong_with(R"({"name":"n"})"), "no member 'sizeInBytes', at byte 12");
  EXPECT_EQ(what_is_wrong_with(R"({"name":7,"sizeInBytes":1})"), "name: no text, at byte 8");
  EXPECT_EQ(what_is_wrong_with(R"({"parts":{"a":{"isWrong":"yes"}}})"),
            "parts: isWrong: neither true nor false, at byte 25");
  EXPECT_EQ(what_is_wrong_with(R"({"port":2147483648})"),
            "port: not a whole number that fits, at byte 8");
}

TEST(CodecTest, BytesThatAreNoJsonAreCorrupt) {
  const std::string good = R"({"name":"n","sizeInBytes":1})";
  EXPECT_EQ(what_is_wrong_with(good), "nothing");
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_NE(what_is_wrong_with(good.substr(0, size)), "nothing") << size;
  }
  EXPECT_NE(what_is_wrong_with(good + "}"), "nothing");
  for (const char* value :
       {"1.5", "1e3", "01", "-", "+1", "1.", ".5", "true", "\"1\"", "null", "nul", "[1]", "1,"}) {
    EXPECT_NE(what_is_wrong_with(concat(R"({"name":"n","sizeInBytes":)", value, "}")), "nothing")
        << value;
  }
  for (const char* text : {"\x01", "\\x", "\\u12", "\\ud800", "\\ud800\\u0041", "\\udc00", "\xff",
                           "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\\"}) {
    EXPECT_NE(what_is_wrong_with(concat(R"({"sizeInBytes":1,"name":")", text, "\"}")), "nothing")
        << text;
    EXPECT_NE(what_is_wrong_with(concat(R"({"sizeInBytes":1,"name":"","x":")", text, "\"}")),
              "nothing")
        << text;
  }
}

TEST(CodecTest, WhatIsTooDeepIsCorruptAndNoOverflow) {
  const std::string deep(100'000, '[');
  EXPECT_NE(what_is_wrong_with(concat(R"({"x":)", deep)), "nothing");
}

TEST(CodecTest, ATextOfAnyLengthEndsWhereItEnds) {
  for (std::size_t size = 0; size < 40; ++size) {
    for (const char* end : {"", "\"", "\\", "\n", "\x1f", "\xc3\xa9"}) {
      const std::string text = std::string(size, '~') + end + "!";
      const Result<Old> read = read_json<Old>(write_json(Old{.name = text, .size_in_bytes = 1}));
      ASSERT_TRUE(read) << to_string(read.error());
      EXPECT_EQ(read->name, text);
    }
  }
}

TEST(CodecTest, AnUnknownWordIsCorrupt) {
  EXPECT_FALSE(decode_input("poem", "{}"));
  const auto outcome = [](const char* status) {
    return decode_input("outcome", concat(R"({"detail":"","digest":"","fields":{},"intent":1,)",
                                          R"("status":")", status, R"(","uid":""})"));
  };
  EXPECT_TRUE(outcome("unknown"));
  EXPECT_EQ(outcome("poem").error().detail,
            "outcome: status: the word 'poem' is not known, at byte 57");
}

// The words that people see are those that are stored.
template <Enum E>
void expect_words() {
  for (std::size_t i = 0; i < kWords<E>.size(); ++i) {
    EXPECT_EQ(to_string(static_cast<E>(i)), kWords<E>[i]);
  }
}
TEST(CodecTest, APhaseIsStoredByTheWordThatPeopleSee) {
  expect_words<ProvisionPhase>();
  expect_words<BackupPhase>();
  expect_words<ManualBackupPhase>();
}

TEST(CodecTest, GoalsOfFormatFiveAreThoseOfTheOperationThatWentOn) {
  ClusterState state = initial_state(ClusterUid("u"));
  state.operation = Restart{.reason = literal("r"), .since = kTime};
  state.goals_since["restart"]["replicas-restarted"] = kTime;
  const std::string now = encode_state(state);
  std::string before = now;
  const std::string nested = R"({"restart":{"replicas-restarted":1700000000123456}})";
  before.replace(before.find(nested), nested.size(), R"({"replicas-restarted":1700000000123456})");
  const auto read = decode_snapshot(concat(R"({"behaviour":12,"format":5,"state":)", before, "}"));
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(encode_state(read->state), now);
}

}  // namespace
}  // namespace annals::fsm
