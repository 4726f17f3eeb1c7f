#include "http/response_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <charconv>
#include <cstdint>
#include <utility>

#include "base/printable.h"
#include "http/warning_header.h"

namespace annals::http {
namespace {

namespace beast = boost::beast::http;
using boost::beast::error_code;
using BeastText = boost::beast::string_view;

// The least that a body in chunks ends with: "0\r\n\r\n". Beast (1.81, parse_chunk_header) asserts
// that it is not asked again with less when it has seen the first line of that.
constexpr std::size_t kLastChunkBytes = 5;
constexpr std::size_t kTextMax = 2048;
constexpr int kRetryAfterSecondsMax = 86400;

std::string_view view(BeastText text) { return {text.data(), text.size()}; }

// Seconds only: the other form of Retry-After, a date, would need the server's clock.
std::optional<std::chrono::seconds> read_retry_after(std::string_view text) {
  int seconds = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (ec != std::errc() || end != text.data() + text.size() || seconds < 0) return std::nullopt;
  return std::chrono::seconds(std::min(seconds, kRetryAfterSecondsMax));
}

}  // namespace

class ResponseParser::Machine final : public beast::basic_parser<false> {
 public:
  explicit Machine(const ResponseLimits& limits)
      : unparsed_max_(2 * std::size_t{limits.header_bytes_max}) {
    eager(true);
    header_limit(limits.header_bytes_max);
    body_limit(boost::none);
    if (limits.body_bytes_max) body_limit(*limits.body_bytes_max);
  }

  Result<void> feed(std::string_view bytes, std::string& body) {
    body_ = &body;
    unparsed_ += bytes;
    if (wants_more_ && is_header_done() && unparsed_.size() < kLastChunkBytes) return {};
    error_code ec;
    std::size_t used = 0;
    while (!ec && !is_done() && used < unparsed_.size()) {
      used += put(boost::asio::const_buffer(unparsed_.data() + used, unparsed_.size() - used), ec);
    }
    unparsed_.erase(0, used);
    wants_more_ = ec == beast::error::need_more;
    if (ec && !wants_more_) {
      return fail(Errc::kInvalid, "malformed HTTP response: ", ec.message());
    }
    if (!is_done() && unparsed_.size() > unparsed_max_) {
      return fail(Errc::kInvalid, "malformed HTTP response: an unterminated header line");
    }
    return {};
  }

  Result<void> end_of_stream() {
    error_code ec;
    if (!is_done() && got_some()) put_eof(ec);
    if (!ec && is_done()) return {};
    return fail(Errc::kInvalid, got_some() ? "the response is truncated" : "no response");
  }

  const ResponseHead& head() const { return head_; }
  bool rest_empty() const { return unparsed_.empty(); }
  std::string take_rest() { return std::exchange(unparsed_, {}); }

 private:
  void on_request_impl(beast::verb, BeastText, BeastText, int, error_code&) override {}

  void on_response_impl(int code, BeastText, int, error_code& ec) override {
    // Of the interim answers we ask for none but 101.
    if (code < 101 || code > 599 || (code < 200 && code != 101)) ec = beast::error::bad_status;
    head_.status = code;
  }

  void on_field_impl(beast::field name, BeastText, BeastText value, error_code&) override {
    const auto take = [value](std::string& text) { text = printable(view(value), kTextMax); };
    if (name == beast::field::content_type) take(head_.content_type);
    if (name == beast::field::location) take(head_.location);
    if (name == beast::field::upgrade) take(head_.upgrade);
    if (name == beast::field::sec_websocket_accept) take(head_.websocket_accept);
    if (name == beast::field::sec_websocket_protocol) take(head_.websocket_protocol);
    if (name == beast::field::retry_after) head_.retry_after = read_retry_after(view(value));
    if (name == beast::field::warning) read_warnings(view(value), head_.warnings);
  }

  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

  std::size_t on_body_impl(BeastText bytes, error_code&) override {
    body_->append(bytes.data(), bytes.size());
    return bytes.size();
  }

  void on_chunk_header_impl(std::uint64_t, BeastText, error_code&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, BeastText bytes, error_code&) override {
    body_->append(bytes.data(), bytes.size());
    return bytes.size();
  }

  void on_finish_impl(error_code&) override {}

  // Bytes that wait for the rest of a header or of a chunk's size line.
  const std::size_t unparsed_max_;
  ResponseHead head_;
  std::string unparsed_;
  bool wants_more_ = false;  // than what is unparsed
  std::string* body_ = nullptr;
};

ResponseParser::ResponseParser(const ResponseLimits& limits)
    : machine_(std::make_unique<Machine>(limits)) {}
ResponseParser::ResponseParser(ResponseParser&&) noexcept = default;
ResponseParser& ResponseParser::operator=(ResponseParser&&) noexcept = default;
ResponseParser::~ResponseParser() = default;

Result<void> ResponseParser::feed(std::string_view bytes, std::string& body) {
  return machine_->feed(bytes, body);
}
Result<void> ResponseParser::end_of_stream() { return machine_->end_of_stream(); }
bool ResponseParser::head_complete() const { return machine_->is_header_done(); }
bool ResponseParser::complete() const { return machine_->is_done(); }
bool ResponseParser::keep_alive() const {
  // Bytes after the end belong to nothing that was asked for.
  return complete() && machine_->keep_alive() && machine_->rest_empty() && head().status != 101;
}
std::string ResponseParser::take_rest() { return machine_->take_rest(); }
const ResponseHead& ResponseParser::head() const { return machine_->head(); }

}  // namespace annals::http
