// An answer is the same in whatever pieces it comes, and has an end and a measure.
#include "postgres/https_answer.ipp"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/concat.h"

namespace annals::postgres {
namespace {

constexpr std::string_view kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n";
constexpr std::string_view kEmpty =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
constexpr std::string_view kMeasured = "HTTP/1.1 503 No\r\nContent-Length: 7\r\n\r\nabcdefg";
constexpr std::string_view kShort = "HTTP/1.1 200 OK\r\n\r\na";
constexpr std::string_view kUntilTheEnd = "HTTP/1.0 412 No\r\nServer: x\r\n\r\nabcdefg";

// How it was told, or the empty answer of status 0.
HttpsAnswer read(std::string_view bytes, std::size_t piece) {
  AnswerReader reader;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (!reader.feed(bytes.substr(at, piece))) return {};
  }
  return reader.is_complete() || reader.end() ? reader.take() : HttpsAnswer{};
}

TEST(AnswerReaderTest, ReadsTheSameInPiecesOfAnySize) {
  for (std::size_t piece = 1; piece <= kChunked.size(); ++piece) {
    EXPECT_EQ(read(kChunked, piece).body, "abcdefg") << piece;
    EXPECT_EQ(read(kEmpty, piece).body, "") << piece;
    EXPECT_EQ(read(kEmpty, piece).status, 200U) << piece;
    EXPECT_EQ(read(kShort, piece).body, "a") << piece;
    EXPECT_EQ(read(kMeasured, piece).body, "abcdefg") << piece;
    EXPECT_EQ(read(kUntilTheEnd, piece).body, "abcdefg") << piece;
  }
  EXPECT_EQ(read(kChunked, 7).status, 200U);
  EXPECT_EQ(read(kMeasured, 7).status, 503U);
  EXPECT_EQ(read(kUntilTheEnd, 7).status, 412U);
}

TEST(AnswerReaderTest, HasNotSaidAllBeforeItsEnd) {
  for (const std::string_view whole : {kChunked, kEmpty, kMeasured}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      AnswerReader reader;
      ASSERT_TRUE(reader.feed(whole.substr(0, size))) << size;
      EXPECT_FALSE(reader.is_complete()) << size;
      EXPECT_FALSE(reader.end()) << size;
    }
  }
}

TEST(AnswerReaderTest, RefusesAChunksLineWithoutAnEnd) {
  AnswerReader reader;
  ASSERT_TRUE(reader.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
  Result<void> taken = reader.feed("3;");
  const std::string more(1024, 'x');
  for (int kilobytes = 0; taken && kilobytes < 64; ++kilobytes) taken = reader.feed(more);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Errc::kInvalid);
}

TEST(AnswerReaderTest, RefusesABodyWithoutMeasure) {
  AnswerReader reader;
  Result<void> taken = reader.feed("HTTP/1.0 200 OK\r\n\r\n");
  const std::string more(std::size_t{64} << 10, 'x');
  for (int pieces = 0; taken && pieces < 64; ++pieces) taken = reader.feed(more);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Errc::kInvalid);
}

}  // namespace
}  // namespace annals::postgres
