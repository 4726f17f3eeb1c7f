#include "k8s/pods/exec.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/assert.h"

namespace annals::k8s {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kExecPieceMax = std::size_t{32} << 10U;

std::string yes_or_no(bool yes) { return yes ? "true" : "false"; }

Request exec_request(const ObjectName& pod, const ExecOptions& options) {
  Request request;
  request.path = object_path(pods(), pod, "exec");
  request.acts = true;
  if (!options.container.empty()) request.query.push_back({"container", options.container});
  for (const std::string& word : options.command) request.query.push_back({"command", word});
  request.query.push_back({"stdin", yes_or_no(options.input)});
  request.query.push_back({"stdout", "true"});
  request.query.push_back({"stderr", yes_or_no(!options.terminal)});
  request.query.push_back({"tty", yes_or_no(options.terminal)});
  return request;
}

// Hands the command exactly that many bytes and then the end. Its exit code stays the command's.
std::vector<std::string> with_counted_input(std::vector<std::string> command, std::size_t size) {
  std::vector<std::string> counted{"sh", "-c", "head -c \"$0\" | \"$@\"", std::to_string(size)};
  std::ranges::move(command, std::back_inserter(counted));
  return counted;
}

void keep(std::string& into, std::string_view bytes, PodCommandResult& result, std::size_t max) {
  const std::size_t room = max - std::min(max, into.size());
  if (bytes.size() > room) result.cut = true;
  into += bytes.substr(0, room);
}

// Reads until the command has ended.
asio::awaitable<Answer<PodCommandResult>> collect(ExecSession* session, const Clock* clock,
                                                  Duration end, std::size_t bytes_max) {
  PodCommandResult result;
  for (;;) {
    const Duration patience = end - clock->steady();
    // A command that prints without pause never lets a read wait.
    if (patience <= Duration::zero()) {
      co_return refuse(Trouble::kUnknownOutcome, "exec: the command timed out");
    }
    Answer<std::optional<ExecOutput>> piece = co_await session->read(patience);
    if (!piece) co_return refuse(std::move(piece).error());
    if (!*piece) break;
    std::string& into = (*piece)->error ? result.error_output : result.output;
    keep(into, (*piece)->bytes, result, bytes_max);
  }
  result.exit = session->exit();
  co_return result;
}

// Writes the input and then rests: only the reader knows when it is over. A command that does not
// read its input to the end is no error.
asio::awaitable<void> provide(ExecSession* session, std::string input) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  Answer<void> written;
  for (std::size_t at = 0; written && at < input.size(); at += kExecPieceMax) {
    written = co_await session->write(input.substr(at, kExecPieceMax));
  }
  asio::steady_timer rest(executor, asio::steady_timer::time_point::max());
  (void)co_await rest.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace

asio::awaitable<Answer<ExecSession>> ExecSession::open(Client* client, ObjectName pod,
                                                       ExecOptions options) {
  ANNALS_ASSERT(!options.command.empty(), "exec without a command in ", pod);
  std::vector<std::string> protocols{std::string(kExecProtocol5), std::string(kExecProtocol4)};
  Answer<std::unique_ptr<WebSocket>> socket = co_await WebSocket::open(
      &client->transport(), exec_request(pod, options), std::move(protocols));
  if (!socket) co_return refuse(std::move(socket).error());
  co_return ExecSession(*std::move(socket));
}

asio::awaitable<Answer<std::optional<ExecOutput>>> ExecSession::read(Duration patience) {
  for (;;) {
    Answer<std::optional<std::string>> message = co_await socket_->receive(patience);
    // Once the status is known, it does not matter how the connection ends.
    if (exit_ && (!message || !*message)) co_return std::optional<ExecOutput>();
    if (!message) co_return refuse(std::move(message).error());
    if (!*message) {
      co_return refuse(Trouble::kUnknownOutcome,
                       "exec: the connection was closed before the command ended");
    }
    const Result<ChannelMessage> part = read_channel(**message);
    if (!part) co_return refuse(Trouble::kUnknownOutcome, part.error().detail);
    const bool output =
        part->channel == ExecChannel::kOutput || part->channel == ExecChannel::kErrorOutput;
    if (output && !part->bytes.empty()) {
      co_return std::optional(
          ExecOutput{part->channel == ExecChannel::kErrorOutput, std::string(part->bytes)});
    }
    // Each channel is opened with an empty message, the status too.
    if (part->channel != ExecChannel::kStatus || part->bytes.empty()) continue;
    Answer<ExecExit> exit = read_exec_status(part->bytes);
    if (!exit) co_return refuse(std::move(exit).error());
    exit_ = *std::move(exit);
  }
}

asio::awaitable<Answer<void>> ExecSession::write(std::string bytes) {
  Answer<void> written;
  for (std::size_t at = 0; written && at < bytes.size(); at += kExecPieceMax) {
    const std::string_view piece = std::string_view(bytes).substr(at, kExecPieceMax);
    written = co_await socket_->send(channel_message(ExecChannel::kInput, piece));
  }
  co_return written;
}

asio::awaitable<Answer<void>> ExecSession::end_input() {
  if (!can_end_input()) {
    co_return refuse(Trouble::kNotSent, "exec: ", socket_->protocol(),
                     " cannot tell a command that its input ends");
  }
  Answer<void> said =
      co_await socket_->send(channel_message(ExecChannel::kCloseInput, std::string(1, '\0')));
  co_return said;
}

asio::awaitable<Answer<void>> ExecSession::resize(int width, int height) {
  return socket_->send(resize_message(width, height));
}

asio::awaitable<Answer<PodCommandResult>> run_in_pod(Client* client, PodCommand command) {
  using asio::experimental::awaitable_operators::operator||;
  const Clock& clock = client->transport().clock();
  const Duration end = clock.steady() + command.timeout;
  ExecOptions options{.container = std::move(command.container),
                      .command = std::move(command.command),
                      .input = command.input.has_value(),
                      .terminal = false};
  if (command.input) {
    options.command = with_counted_input(std::move(options.command), command.input->size());
  }
  Answer<ExecSession> session =
      co_await ExecSession::open(client, std::move(command.pod), std::move(options));
  if (!session) co_return refuse(std::move(session).error());
  if (!command.input) {
    Answer<PodCommandResult> result =
        co_await collect(&*session, &clock, end, command.output_bytes_max);
    co_return result;
  }
  auto ended = co_await (collect(&*session, &clock, end, command.output_bytes_max) ||
                         provide(&*session, *std::move(command.input)));
  co_return std::get<0>(std::move(ended));
}

}  // namespace annals::k8s
