// Any bytes, in any pieces, are an answer over HTTPS or an error. The pieces make no difference,
// and an answer that is complete takes no more memory than it may.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "postgres/https_answer.ipp"
#include "postgres/patroni.h"

namespace {

using namespace annals::postgres;  // NOLINT(google-build-using-namespace): a program of one
                                   // function

using Heard = std::optional<HttpsAnswer>;

Heard hear(std::string_view bytes, std::size_t piece) {
  AnswerReader reader;
  while (!bytes.empty() && !reader.is_complete()) {
    if (!reader.feed(bytes.substr(0, piece))) return std::nullopt;
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (!reader.is_complete() && !reader.end()) return std::nullopt;
  return reader.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Heard at_once = hear(bytes, std::max<std::size_t>(bytes.size(), 1));
  const Heard in_pieces = hear(bytes, std::size_t{data[0]} + 1);
  if (at_once.has_value() != in_pieces.has_value()) std::abort();
  if (!at_once) return 0;
  const HttpsAnswer& answer = *at_once;
  if (answer.status != in_pieces->status || answer.body != in_pieces->body) std::abort();
  if (answer.status > 999 || answer.body.size() > std::min<std::size_t>(size, kAnswerBytesMax))
    std::abort();
  // As PatroniApi does with it.
  if (answer.status < 200 || answer.status >= 300) {
    (void)patroni_error(answer.status, answer.body);
  } else {
    (void)read_status(answer.body);
    (void)read_cluster(answer.body);
  }
  return 0;
}
