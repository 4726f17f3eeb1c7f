#include "k8s/pods/websocket_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/concat.h"

namespace annals::k8s {
namespace {

using testing::ElementsAre;

// A frame as a server sends it: no mask. The length in as few bytes as there are.
std::string frame(unsigned first, std::string_view payload) {
  std::string text(1, static_cast<char>(first));
  const std::size_t size = payload.size();
  const auto byte = [size](unsigned shift) { return static_cast<char>(size >> shift); };
  if (size < 126) {
    text += byte(0);
  } else if (size < 65'536) {
    text += {126, byte(8), byte(0)};
  } else {
    text += {127, 0, 0, 0, 0, byte(24), byte(16), byte(8), byte(0)};
  }
  return text += payload;
}

struct Heard {
  std::vector<std::string> messages;  // "2:payload"
  std::string error;
};

Heard hear(std::string_view bytes, std::size_t piece, std::size_t max = 100'000) {
  MessageReader reader(max);
  Heard heard;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.feed(bytes.substr(at, piece));
    for (;;) {
      Result<std::optional<WebSocketMessage>> message = reader.next();
      if (!message) {
        heard.error = message.error().detail;
        return heard;
      }
      if (!*message) break;
      heard.messages.push_back(
          concat(static_cast<int>((*message)->opcode), ":", (*message)->payload));
    }
  }
  return heard;
}

TEST(WebSocketFrames, AreMaskedAndAsShortAsCanBe) {
  // The example of RFC 6455, 5.7.
  EXPECT_EQ(client_frame(Opcode::kText, "Hello", {0x37, 0xfa, 0x21, 0x3d}),
            "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  EXPECT_EQ(client_frame(Opcode::kBinary, std::string(125, 'x'), {}).size(), 2 + 4 + 125U);
  EXPECT_EQ(client_frame(Opcode::kBinary, std::string(126, 'x'), {}).size(), 4 + 4 + 126U);
  EXPECT_EQ(client_frame(Opcode::kBinary, std::string(65'536, 'x'), {}).size(), 10 + 4 + 65'536U);
  EXPECT_EQ(client_frame(Opcode::kBinary, std::string(300, 'x'), {}).substr(0, 4),
            std::string("\x82\xfe\x01\x2c"));
}

TEST(WebSocketFrames, TheHandshakesAnswerIsTheOneOfTheRfc) {
  EXPECT_EQ(accept_of("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketFrames, ComeOutWholeInWhateverPiecesTheyCome) {
  const std::string long_one(70'000, 'y');
  const std::string middle_one(126, 'z');
  const std::string stream =
      concat(frame(0x82, "a"), frame(0x02, "one "), frame(0x89, "ping"), frame(0x00, "two "),
             frame(0x80, "three"), frame(0x82, ""), frame(0x82, long_one), frame(0x81, middle_one),
             frame(0x88, "\x03\xe8"));
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U, 1'000'000U}) {
    const Heard heard = hear(stream, piece);
    EXPECT_EQ(heard.error, "");
    EXPECT_THAT(heard.messages,
                ElementsAre("2:a", "9:ping", "2:one two three", "2:", concat("2:", long_one),
                            concat("1:", middle_one), "8:\x03\xe8"))
        << piece;
  }
}

TEST(WebSocketFrames, ThatTheRfcForbidsAreErrors) {
  const std::string bad[] = {
      "\xc2\x01x",                          // a reserved bit
      "\x83\x01x",                          // an unknown opcode
      "\x82\x81\x01\x02\x03\x04x",          // masked
      std::string("\x82\x7e\x00\x7dx", 5),  // 125 in two bytes
      std::string("\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xffx", 11),
      frame(0x80, "goes on, but nothing began"),   // a continuation of nothing
      frame(0x02, "a") + frame(0x82, "b"),         // a message within a message
      frame(0x09, "p"),                            // a ping in pieces
      frame(0x89, std::string(126, 'p')),          // a long ping
      "\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff",  // 2^64 - 1 bytes
  };
  for (const std::string& bytes : bad) {
    EXPECT_NE(hear(bytes, 1).error, "") << testing::PrintToString(bytes);
    EXPECT_NE(hear(bytes, 1000).error, "") << testing::PrintToString(bytes);
  }
}

TEST(WebSocketFrames, OfMoreThanTheLimitAreRefusedByTheirHeader) {
  EXPECT_EQ(hear(frame(0x82, std::string(1000, 'x')), 1000, 1000).error, "");
  EXPECT_NE(hear(frame(0x82, std::string(1001, 'x')).substr(0, 4), 10, 1000).error, "");
  const std::string pieces =
      frame(0x02, std::string(600, 'x')) + frame(0x80, std::string(401, 'x'));
  EXPECT_NE(hear(pieces, 50, 1000).error, "") << "together they are too long";
}

}  // namespace
}  // namespace annals::k8s
