// Any bytes, in any pieces, are a response or an error; the pieces make no difference.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/response_parser.h"
#include "k8s/api_error.h"

namespace {

struct Outcome {
  bool complete = false;
  std::string body;
};

Outcome parse(std::string_view bytes, std::size_t piece) {
  annals::http::ResponseParser parser;
  Outcome outcome;
  while (!bytes.empty() && !parser.complete()) {
    if (!parser.feed(bytes.substr(0, piece), outcome.body)) return outcome;
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  outcome.complete = parser.complete() || parser.end_of_stream();
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
  (void)annals::k8s::read_status(500, {}, at_once.body, annals::k8s::Effect::kWrite);
  (void)annals::k8s::read_status(400, {}, bytes, annals::k8s::Effect::kRead);
  return 0;
}
