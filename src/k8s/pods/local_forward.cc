#include "k8s/pods/local_forward.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <utility>

#include "k8s/pods/port_forward.h"

namespace annals::k8s {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace asio::experimental::awaitable_operators;

// Longer than any answer that our callers wait for: they give up, not the line between.
constexpr Duration kTimeout = std::chrono::minutes(5);
constexpr std::size_t kLocalPieceMax = std::size_t{16} << 10U;
constexpr auto kWithError = asio::as_tuple(asio::use_awaitable);

struct Line {
  tcp::acceptor acceptor;
  Client& client;
  ObjectName pod;
  std::uint16_t port;
  std::shared_ptr<std::string> trouble;
};

asio::awaitable<void> to_pod(tcp::socket* socket, PortForward* stream) {
  std::array<char, kLocalPieceMax> bytes{};
  for (;;) {
    const auto [error, count] = co_await socket->async_read_some(asio::buffer(bytes), kWithError);
    if (error) co_return;
    const Answer<void> sent = co_await stream->write(std::string(bytes.data(), count));
    if (!sent) co_return;
  }
}

asio::awaitable<void> from_pod(tcp::socket* socket, PortForward* stream, std::string* trouble) {
  for (;;) {
    const Answer<std::string> piece = co_await stream->read(kTimeout);
    if (!piece) *trouble = piece.error().message;
    if (!piece || piece->empty()) co_return;
    const auto [error, count] =
        co_await asio::async_write(*socket, asio::buffer(*piece), kWithError);
    if (error || count != piece->size()) co_return;
  }
}

asio::awaitable<void> carry(Line* line, tcp::socket socket) {
  line->trouble->clear();
  Answer<PortForward> stream = co_await PortForward::open(&line->client, line->pod, line->port);
  if (!stream) {
    *line->trouble = stream.error().message;
    co_return;
  }
  // Whoever ends first ends the other: the stream cannot be half-closed.
  co_await (to_pod(&socket, &*stream) || from_pod(&socket, &*stream, line->trouble.get()));
  co_await stream->close();
}

asio::awaitable<void> serve(std::shared_ptr<Line> line) {
  for (;;) {
    auto [error, socket] = co_await line->acceptor.async_accept(kWithError);
    if (error) co_return;
    co_await carry(line.get(), std::move(socket));
  }
}

}  // namespace

LocalForward::LocalForward(Client& client, std::uint16_t port)
    : port_(port), tasks_(client.transport().executor(), client.transport().log()) {}

Result<std::unique_ptr<LocalForward>> LocalForward::listen(Client& client, ObjectName pod,
                                                           std::uint16_t port) {
  tcp::acceptor acceptor(client.transport().executor());
  boost::system::error_code error;
  acceptor.open(tcp::v4(), error);
  if (!error) acceptor.bind({asio::ip::make_address(kAddress), 0}, error);
  if (!error) acceptor.listen(1, error);
  if (error) return fail(Errc::kUnavailable, "no port for ", pod.name, ": ", error.message());
  const std::uint16_t local = acceptor.local_endpoint().port();
  std::unique_ptr<LocalForward> made(new LocalForward(client, local));
  auto line = std::make_shared<Line>(
      Line{std::move(acceptor), client, std::move(pod), port, made->trouble_});
  made->tasks_.spawn("port-forward", serve(std::move(line)));
  return made;
}

}  // namespace annals::k8s
