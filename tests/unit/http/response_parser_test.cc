#include "http/response_parser.h"

#include <gtest/gtest.h>

namespace annals::http {
namespace {

constexpr std::string_view kChunked =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    "4\r\n{\"a\"\r\n3;x=y\r\n:1}\r\n0\r\n\r\n";

struct Parsed {
  Result<void> result;
  std::string body;
  bool complete = false;
};

// Feeds the bytes in pieces of that size, then the end of the stream.
Parsed parse(std::string_view bytes, std::size_t piece) {
  Parsed parsed;
  ResponseParser parser;
  while (parsed.result && !bytes.empty()) {
    parsed.result = parser.feed(bytes.substr(0, piece), parsed.body);
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (parsed.result && !parser.complete()) parsed.result = parser.end_of_stream();
  parsed.complete = parsed.result && parser.complete();
  return parsed;
}

TEST(Responses, AreTheSameInWhateverPiecesTheyCome) {
  for (std::size_t piece = 1; piece <= kChunked.size(); ++piece) {
    const Parsed parsed = parse(kChunked, piece);
    ASSERT_TRUE(parsed.complete) << piece;
    EXPECT_EQ(parsed.body, R"({"a":1})") << piece;
  }
}

TEST(Responses, WithoutAnythingInTheirChunksAreEmptyInWhateverPiecesTheyCome) {
  constexpr std::string_view kEmpty =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (std::size_t piece = 1; piece <= kEmpty.size(); ++piece) {
    const Parsed parsed = parse(kEmpty, piece);
    ASSERT_TRUE(parsed.complete) << piece;
    EXPECT_EQ(parsed.body, "") << piece;
  }
}

TEST(Responses, WithLittleAfterTheirHeadAreWholeInWhateverPiecesTheyCome) {
  constexpr std::string_view kShort = "HTTP/1.1 200 OK\r\n\r\na";
  for (std::size_t piece = 1; piece <= kShort.size(); ++piece) {
    EXPECT_EQ(parse(kShort, piece).body, "a") << piece;
  }
}

TEST(Responses, CutAnywhereAreErrors) {
  for (std::size_t size = 0; size < kChunked.size(); ++size) {
    EXPECT_FALSE(parse(kChunked.substr(0, size), 7).complete) << size;
  }
}

TEST(Responses, TellTheirHead) {
  ResponseParser parser;
  std::string body;
  ASSERT_TRUE(
      parser.feed("HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Type: application/json\r\n"
                  "Content-Length: 2\r\n\r\n",
                  body));
  EXPECT_TRUE(parser.head_complete());
  EXPECT_FALSE(parser.complete());
  EXPECT_EQ(parser.head().status, 429);
  EXPECT_EQ(parser.head().retry_after, std::chrono::seconds(7));
  ASSERT_TRUE(parser.feed("{}", body));
  EXPECT_TRUE(parser.keep_alive());
}

TEST(Responses, ToCloseOrWithoutLengthEndWithTheStream) {
  ResponseParser parser;
  std::string body;
  ASSERT_TRUE(parser.feed("HTTP/1.1 200 OK\r\n\r\nabc", body));
  EXPECT_FALSE(parser.complete());
  ASSERT_TRUE(parser.end_of_stream());
  EXPECT_EQ(body, "abc");
  EXPECT_FALSE(parser.keep_alive());
  ResponseParser closing;
  ASSERT_TRUE(
      closing.feed("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", body));
  EXPECT_FALSE(closing.keep_alive());
}

// ---- What is no response

TEST(Responses, ThatAreGarbageAreErrors) {
  for (const char* bad :
       {"SSH-2.0-OpenSSH_9\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 000 X\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nBad Header\r\n\r\n"}) {
    EXPECT_FALSE(parse(bad, 1000).complete) << bad;
    EXPECT_FALSE(parse(bad, 1).complete) << bad;
  }
}

TEST(Responses, WithEndlessHeadersAreErrorsAndTakeBoundedMemory) {
  ResponseParser header;
  std::string body;
  Result<void> fed = header.feed("HTTP/1.1 200 OK\r\n", body);
  int lines = 0;
  for (; fed && lines < 100'000; ++lines)
    fed = header.feed("X-Line: 0123456789012345678901234567890\r\n", body);
  EXPECT_LT(lines, 10'000);
  ResponseParser chunk;
  fed = chunk.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", body);
  int pieces = 0;
  for (; fed && pieces < 100'000; ++pieces)
    fed = chunk.feed("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", body);
  EXPECT_LT(pieces, 10'000);
}

TEST(Responses, WithMoreThanTheyMayHoldAreErrors) {
  const std::string text(100, 'x');
  for (const char* head :
       {"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n"}) {
    ResponseParser parser({.body_bytes_max = 100});
    std::string body;
    Result<void> fed = parser.feed(head, body);
    for (int pieces = 0; fed && pieces < 2; ++pieces) fed = parser.feed(text, body);
    ASSERT_FALSE(fed) << head;
    EXPECT_EQ(fed.error().code, Errc::kInvalid) << head;
    EXPECT_LE(body.size(), 100U) << head;
  }
}

}  // namespace
}  // namespace annals::http
