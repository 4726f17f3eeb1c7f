#include "k8s/pods/websocket_frames.h"

#include <openssl/evp.h>

#include <utility>

#include "base/assert.h"
#include "k8s/text/text.h"

namespace annals::k8s {
namespace {

constexpr unsigned kFinal = 0x80;
constexpr unsigned kReserved = 0x70;
constexpr unsigned kMasked = 0x80;
constexpr std::size_t kControlMax = 125;  // also the most that fits into the first length

bool is_control(Opcode opcode) { return static_cast<unsigned>(opcode) >= 8; }

bool is_known(unsigned opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

void append_number(std::string& text, std::uint64_t number, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    text += static_cast<char>(number >> static_cast<unsigned>(shift));
  }
}

}  // namespace

std::string client_frame(Opcode opcode, std::string_view payload, FrameMask mask) {
  ANNALS_ASSERT(!is_control(opcode) || payload.size() <= kControlMax, "a control frame is small");
  std::string frame;
  frame.reserve(payload.size() + 14);
  frame += static_cast<char>(kFinal | static_cast<unsigned>(opcode));
  if (payload.size() <= kControlMax) {
    append_number(frame, kMasked | payload.size(), 1);
  } else if (payload.size() <= 0xffff) {
    append_number(frame, kMasked | 126U, 1);
    append_number(frame, payload.size(), 2);
  } else {
    append_number(frame, kMasked | 127U, 1);
    append_number(frame, payload.size(), 8);
  }
  for (const unsigned char byte : mask) frame += static_cast<char>(byte);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ mask.at(i % mask.size()));
  }
  return frame;
}

std::string accept_of(std::string_view key) {
  const std::string text = concat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const int done = EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  ANNALS_ASSERT(done == 1, "SHA-1 is part of the protocol");
  return base64_encoded({reinterpret_cast<const char*>(digest.data()), size});
}

// Nothing while it is not whole.
Result<std::optional<MessageReader::Header>> MessageReader::header() const {
  const std::string_view bytes = std::string_view(buffer_).substr(read_);
  if (bytes.size() < 2) return std::optional<Header>();
  const auto byte = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if ((byte(0) & kReserved) != 0 || !is_known(byte(0) & 0xfU)) {
    return fail(Errc::kInvalid, "WebSocket: a frame of an unknown kind");
  }
  if ((byte(1) & kMasked) != 0) return fail(Errc::kInvalid, "WebSocket: a masked frame");
  Header header{static_cast<Opcode>(byte(0) & 0xfU), (byte(0) & kFinal) != 0, 2, byte(1)};
  if (header.payload <= kControlMax) return std::optional(header);
  const std::size_t more = header.payload == 126 ? 2 : 8;
  if (bytes.size() < 2 + more) return std::optional<Header>();
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < more; ++i) size = (size << 8U) | byte(2 + i);
  if (size <= (more == 2 ? kControlMax : 0xffff)) {
    return fail(Errc::kInvalid, "WebSocket: a length that is longer than need be");
  }
  header.size += more;
  header.payload = size;
  return std::optional(header);
}

Result<void> MessageReader::check(const Header& header) const {
  if (is_control(header.opcode)) {
    if (header.final && header.payload <= kControlMax) return {};
    return fail(Errc::kInvalid, "WebSocket: a control frame in pieces, or too large");
  }
  if ((header.opcode == Opcode::kContinuation) != partial_.has_value()) {
    return fail(Errc::kInvalid, "WebSocket: the fragments of a message are out of order");
  }
  const std::size_t before = partial_ ? partial_->payload.size() : 0;
  if (header.payload > payload_max_ - before) {
    return fail(Errc::kInvalid, "WebSocket: a message of more than ", payload_max_, " bytes");
  }
  return {};
}

Result<std::optional<WebSocketMessage>> MessageReader::next() {
  for (;;) {
    Result<std::optional<Header>> got = header();
    if (!got) return fail(std::move(got).error());
    if (!*got) break;
    const Header head = **got;
    Result<void> fine = check(head);
    if (!fine) return fail(std::move(fine).error());
    if (buffer_.size() - read_ - head.size < head.payload) break;
    const std::string_view payload =
        std::string_view(buffer_).substr(read_ + head.size, head.payload);
    read_ += head.size + head.payload;
    if (is_control(head.opcode)) {
      return std::optional(WebSocketMessage{head.opcode, std::string(payload)});
    }
    if (!partial_) partial_.emplace(head.opcode, std::string());
    partial_->payload += payload;
    if (head.final) return std::exchange(partial_, std::nullopt);
  }
  buffer_.erase(0, read_);
  read_ = 0;
  return std::optional<WebSocketMessage>();
}

}  // namespace annals::k8s
