// An HTTP answer from bytes as they come (RFC 9112), with Beast's parser: for the files that see
// bytes. Pure. Private to this folder.
#pragma once

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "postgres/https.h"

namespace annals::postgres {

constexpr std::uint64_t kAnswerBytesMax = std::uint64_t{1} << 20;
constexpr std::uint32_t kHeaderBytesMax = 16 * 1024;

class AnswerReader {
 public:
  AnswerReader();

  // The next bytes, however many. kInvalid for what is not HTTP, or larger than we take.
  Result<void> feed(std::string_view bytes);
  // The server says no more. False when it has not said all.
  bool end();
  bool is_complete() const { return parser_.is_done(); }

  // What was said; once it is complete.
  HttpsAnswer take();

 private:
  boost::beast::http::response_parser<boost::beast::http::string_body> parser_;
  std::string inbox_;        // the beginning of a header line, or of a chunk's
  bool wants_more_ = false;  // than that
};

}  // namespace annals::postgres
