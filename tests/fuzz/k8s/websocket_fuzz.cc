// Any bytes, in any pieces, are WebSocket messages or an error, and never more than the limit; any
// message is one of a channel, or an error.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/pods/exec_channels.h"
#include "k8s/pods/websocket_frames.h"
#include "k8s/text/rfc3339.h"

namespace {

constexpr std::size_t kMessageMax = 4096;

struct Heard {
  std::vector<std::string> messages;
  bool broken = false;
};

Heard hear(std::string_view bytes, std::size_t piece) {
  annals::k8s::MessageReader reader(kMessageMax);
  Heard heard;
  while (!bytes.empty() && !heard.broken) {
    reader.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      annals::Result<std::optional<annals::k8s::WebSocketMessage>> message = reader.next();
      heard.broken = !message.has_value();
      if (!message || !*message) break;
      if ((*message)->payload.size() > kMessageMax) std::abort();
      heard.messages.push_back(std::move((*message)->payload));
    }
  }
  return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Heard at_once = hear(bytes, std::max<std::size_t>(bytes.size(), 1));
  const Heard in_pieces = hear(bytes, std::size_t{data[0]} + 1);
  if (at_once.messages != in_pieces.messages || at_once.broken != in_pieces.broken) std::abort();
  for (const std::string& message : at_once.messages) {
    const annals::Result<annals::k8s::ChannelMessage> part = annals::k8s::read_channel(message);
    if (part) (void)annals::k8s::read_exec_status(part->bytes);
  }
  (void)annals::k8s::read_exec_status(bytes);
  (void)annals::k8s::parse_rfc3339(bytes);
  return 0;
}
