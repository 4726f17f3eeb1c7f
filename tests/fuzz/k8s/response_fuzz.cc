// Any bytes, in any pieces, are a response or an error; the pieces make no difference.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/printable.h"
#include "http/response_parser.h"
#include "http/warning_header.h"
#include "k8s/api_error.h"

namespace {

struct Outcome {
  bool complete = false;
  std::string body;
  std::vector<std::string> warnings;
};

// However odd they are, they are few, short, and fit to be logged.
void check_warnings(const std::vector<std::string>& texts) {
  if (texts.size() > annals::http::kWarningsMax) std::abort();
  for (const std::string& text : texts) {
    if (text.empty() || text.size() > annals::http::kWarningBytesMax) std::abort();
    if (annals::printable(text, text.size()) != text) std::abort();
  }
}

Outcome parse(std::string_view bytes, std::size_t piece) {
  annals::http::ResponseParser parser;
  Outcome outcome;
  while (!bytes.empty() && !parser.complete()) {
    if (!parser.feed(bytes.substr(0, piece), outcome.body)) return outcome;
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  outcome.complete = parser.complete() || parser.end_of_stream();
  if (outcome.complete) outcome.warnings = parser.head().warnings;
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome at_once = parse(bytes, bytes.size());
  const Outcome in_pieces = parse(bytes, std::size_t{data[0]} + 1);
  if (at_once.complete != in_pieces.complete) std::abort();
  if (at_once.complete && at_once.body != in_pieces.body) std::abort();
  if (at_once.complete && at_once.warnings != in_pieces.warnings) std::abort();
  check_warnings(at_once.warnings);
  std::vector<std::string> warnings;
  annals::http::read_warnings(bytes, warnings);
  check_warnings(warnings);
  (void)annals::k8s::read_status(500, {}, at_once.body, annals::k8s::Effect::kWrite);
  (void)annals::k8s::read_status(400, {}, bytes, annals::k8s::Effect::kRead);
  return 0;
}
