#include "postgres/https_answer.ipp"

#include <boost/asio/buffer.hpp>
#include <utility>

namespace annals::postgres {

namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

// The least that a body in chunks ends with: "0\r\n\r\n". Beast (1.81, parse_chunk_header) asserts
// that it is not asked again with less when it has seen the first line of that.
constexpr std::size_t kLastChunkBytes = 5;

}  // namespace

AnswerReader::AnswerReader() {
  parser_.eager(true);
  parser_.body_limit(kAnswerBytesMax);
  parser_.header_limit(kHeaderBytesMax);
}

Result<void> AnswerReader::feed(std::string_view bytes) {
  inbox_ += bytes;
  if (wants_more_ && parser_.is_header_done() && inbox_.size() < kLastChunkBytes) return {};
  error_code problem;
  std::size_t used = 0;
  while (!problem && !parser_.is_done() && used < inbox_.size()) {
    used += parser_.put(boost::asio::buffer(inbox_.data() + used, inbox_.size() - used), problem);
  }
  inbox_.erase(0, used);
  wants_more_ = problem == http::error::need_more;
  if (problem && !wants_more_) {
    return fail(Errc::kInvalid, "not an HTTP answer: ", problem.message());
  }
  // The parser's own limits are for what it has understood; a chunk's line may have no end.
  if (!parser_.is_done() && inbox_.size() > kHeaderBytesMax) {
    return fail(Errc::kInvalid, "not an HTTP answer: a line without end");
  }
  return {};
}

// Without a length, the end of the connection is the end of the body.
bool AnswerReader::end() {
  if (!parser_.is_done() && parser_.is_header_done() && parser_.need_eof()) {
    error_code incomplete;
    parser_.put_eof(incomplete);
  }
  return parser_.is_done();
}

HttpsAnswer AnswerReader::take() {
  return {parser_.get().result_int(), std::move(parser_.get().body())};
}

}  // namespace annals::postgres
