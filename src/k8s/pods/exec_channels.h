// The channels of exec over WebSocket: the first byte of a message is its channel, the rest what
// goes over it. Pure. Source: Kubernetes' subprotocols v4.channel.k8s.io and v5.channel.k8s.io.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "k8s/api_error.h"

namespace annals::k8s {

enum class ExecChannel : std::uint8_t {
  kInput = 0,
  kOutput = 1,
  kErrorOutput = 2,
  kStatus = 3,  // a Status object, once, at the end
  kResize = 4,
  kCloseInput = 255,  // version 5 only: the number of the channel that ends
};

inline constexpr std::string_view kExecProtocol4 = "v4.channel.k8s.io";
inline constexpr std::string_view kExecProtocol5 = "v5.channel.k8s.io";

struct ChannelMessage {
  ExecChannel channel = ExecChannel::kOutput;
  std::string_view bytes;  // into the message
};

// kInvalid for a channel on which a server has nothing to say.
Result<ChannelMessage> read_channel(std::string_view message);

std::string channel_message(ExecChannel channel, std::string_view bytes);
std::string resize_message(int width, int height);

struct ExecExit {
  int code = 0;
  std::string message;  // what the server says of it; empty for success
};

// The Status that ends an exec: how the command exited, or why it could not be run or followed.
Answer<ExecExit> read_exec_status(std::string_view status);

}  // namespace annals::k8s
