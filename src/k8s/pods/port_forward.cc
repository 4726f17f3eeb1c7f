#include "k8s/pods/port_forward.h"

#include <algorithm>
#include <utility>

#include "base/concat.h"
#include "base/printable.h"

namespace annals::k8s {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kProtocol = "v4.channel.k8s.io";
constexpr std::size_t kPieceMax = std::size_t{32} << 10U;
constexpr char kData = 0;
constexpr char kErrors = 1;

// Each channel begins with its port, the lower byte first.
std::string opening_of(std::uint16_t port) {
  return {static_cast<char>(port & 0xffU), static_cast<char>(port >> 8U)};
}

}  // namespace

asio::awaitable<Answer<PortForward>> PortForward::open(Client* client, ObjectName pod,
                                                       std::uint16_t port) {
  Request request;
  request.path = object_path(pods(), pod, "portforward");
  request.query = {{"ports", std::to_string(port)}};
  request.acts = true;
  Answer<std::unique_ptr<WebSocket>> socket =
      co_await WebSocket::open(&client->transport(), std::move(request), {std::string(kProtocol)});
  if (!socket) co_return refuse(std::move(socket).error());
  co_return PortForward(*std::move(socket), port);
}

asio::awaitable<Answer<std::string>> PortForward::read(Duration patience) {
  for (;;) {
    Answer<std::optional<std::string>> message = co_await socket_->receive(patience);
    if (!message) co_return refuse(std::move(message).error());
    if (!*message) co_return std::string();
    const std::string_view bytes = **message;
    if (bytes.empty() || (bytes[0] != kData && bytes[0] != kErrors)) {
      co_return refuse(Trouble::kUnknownOutcome, "port-forward: a message on an unknown channel");
    }
    const bool data = bytes[0] == kData;
    const std::string_view content = bytes.substr(1);
    bool& began = data ? data_began_ : errors_began_;
    if (!std::exchange(began, true)) {
      if (content == opening_of(port_)) continue;
      co_return refuse(Trouble::kUnknownOutcome, "port-forward: not the requested port");
    }
    if (content.empty()) continue;
    if (!data) {
      co_return refuse(Trouble::kUnknownOutcome, "port-forward: ", printable(content, 1000));
    }
    co_return std::string(content);
  }
}

asio::awaitable<Answer<void>> PortForward::write(std::string bytes) {
  Answer<void> written;
  for (std::size_t at = 0; written && at < bytes.size(); at += kPieceMax) {
    const std::string_view piece = std::string_view(bytes).substr(at, kPieceMax);
    written = co_await socket_->send(concat(kData, piece));
  }
  co_return written;
}

}  // namespace annals::k8s
