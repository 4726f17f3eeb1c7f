#include "k8s/pods/exec_channels.h"

#include <charconv>
#include <optional>

#include "base/printable.h"
#include "k8s/text/json_scratch.ipp"

namespace annals::k8s {
namespace {

constexpr std::size_t kExecMessageMax = 4096;

struct ExecStatus {
  std::string status;
  std::string reason;
  std::string message;
  std::string exit_code;
};

void take_cause(ExecStatus& into, ondemand::value cause) {
  std::string reason;
  std::string message;
  each_field(cause, [&](std::string_view key, ondemand::value value) {
    if (key == "reason") reason = text_of(value);
    if (key == "message") message = text_of(value);
  });
  if (reason == "ExitCode") into.exit_code = std::move(message);
}

void take_field(ExecStatus& into, std::string_view key, ondemand::value value) {
  if (key == "status") into.status = text_of(value);
  if (key == "reason") into.reason = text_of(value);
  if (key == "message") into.message = printable(text_of(value), kExecMessageMax);
  if (key != "details") return;
  each_field(value, [&into](std::string_view part, ondemand::value causes) {
    if (part != "causes") return;
    each_element(causes, [&into](ondemand::value cause) { take_cause(into, cause); });
  });
}

std::optional<int> number(const std::string& text) {
  int value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Result<ChannelMessage> read_channel(std::string_view message) {
  if (message.empty()) return fail(Errc::kInvalid, "exec: a message without a channel");
  const auto channel = static_cast<ExecChannel>(static_cast<unsigned char>(message[0]));
  switch (channel) {
    case ExecChannel::kInput:  // opened with an empty message
    case ExecChannel::kOutput:
    case ExecChannel::kErrorOutput:
    case ExecChannel::kStatus:
    case ExecChannel::kResize:
    case ExecChannel::kCloseInput:
      return ChannelMessage{channel, message.substr(1)};
  }
  return fail(Errc::kInvalid, "exec: a message on channel ",
              static_cast<int>(static_cast<unsigned char>(message[0])));
}

std::string channel_message(ExecChannel channel, std::string_view bytes) {
  return concat(static_cast<char>(channel), bytes);
}

std::string resize_message(int width, int height) {
  return channel_message(ExecChannel::kResize,
                         concat(R"({"Width":)", width, R"(,"Height":)", height, "}"));
}

Answer<ExecExit> read_exec_status(std::string_view status) {
  JsonReader reader;
  ExecStatus told;
  const Result<void> read = read_object(reader, status, [&told](ondemand::object& root) {
    each_field(root, [&told](std::string_view key, ondemand::value value) {
      take_field(told, key, value);
    });
  });
  if (!read) return refuse(Trouble::kUnknownOutcome, "exec: its status: ", read.error().detail);
  if (told.status == "Success") return ExecExit{};
  if (told.reason == "NonZeroExitCode") {
    const std::optional<int> code = number(told.exit_code);
    if (code) return ExecExit{*code, std::move(told.message)};
  }
  // The command was not found, the container ended, the node lost it: it may have begun.
  ApiError error;
  error.trouble = Trouble::kUnknownOutcome;
  error.reason = printable(told.reason, kExecMessageMax);
  error.message = concat("exec: ", told.message);
  return refuse(std::move(error));
}

}  // namespace annals::k8s
