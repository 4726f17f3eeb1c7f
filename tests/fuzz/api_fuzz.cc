// Any bytes, in any pieces, are a question over HTTP or an error; the pieces make no difference.
// Each question has an answer that is complete, has no lines of the question's making, and never
// leaves a body behind that could be taken for the next question.
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>

#include "api/health.h"
#include "api/http_answer.ipp"

namespace {

using namespace annals::api;  // NOLINT(google-build-using-namespace): a program of one function
namespace http = boost::beast::http;

constexpr std::uint32_t kHeaderMax = 1024;

Health checks() {
  Health health("readyz");
  health.add("journal", [] { return std::nullopt; });
  health.add("lease", [] { return std::optional<std::string>("held by another"); });
  return health;
}

Response respond(const Request& request) {
  static const Health kChecks = checks();
  if (request.path.contains('?')) std::abort();
  if (request.path == "/readyz") return kChecks.answer(request);
  return {.status = 404, .body = "no\n"};
}

void expect_good(const QuestionParser& parser, Answer answer) {
  const bool head = parser.get().method() == http::verb::head;
  const bool taken = head || parser.get().method() == http::verb::get;
  if (taken == (answer.result_int() == 405)) std::abort();
  if (answer.keep_alive() && !parser.is_done()) std::abort();
  if (head && !answer.body().empty()) std::abort();
  std::ostringstream text;
  text << answer;
  const std::string header = text.str().substr(0, text.str().find("\r\n\r\n"));
  if (std::ranges::count(header, '\n') > 7) std::abort();
}

// What becomes of the bytes: an answer, nothing yet, or a hang-up.
std::string outcome(std::string_view bytes, std::size_t piece) {
  QuestionParser parser;
  parser.header_limit(kHeaderMax);
  std::string inbox;
  while (!parser.is_header_done()) {
    if (bytes.empty()) return "waiting";
    inbox += bytes.substr(0, piece);
    bytes.remove_prefix(std::min(piece, bytes.size()));
    boost::system::error_code error;
    const std::size_t used = parser.put(boost::asio::buffer(inbox), error);
    if (error == http::error::need_more) error = {};
    if (error) return "hung up";
    inbox.erase(0, used);
  }
  Answer answer = answer_to(parser, respond);
  std::ostringstream text;
  text << answer;
  expect_good(parser, std::move(answer));
  return text.str();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string at_once = outcome(bytes, std::max<std::size_t>(bytes.size(), 1));
  const std::string in_pieces = outcome(bytes, std::size_t{data[0]} + 1);
  if (at_once != in_pieces && at_once != "hung up" && in_pieces != "hung up") std::abort();
  return 0;
}
