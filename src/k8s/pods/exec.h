// Commands in containers (pods/exec) over WebSocket. For what nothing else can do: SQL and Patroni
// have their own ways. A command may have run whenever an answer is an unknown outcome. Giving up
// closes the connection; Kubernetes then leaves the command running.
// Belongs to the loop's thread; `client` outlives what awaits it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "k8s/client/client.h"
#include "k8s/pods/exec_channels.h"
#include "k8s/pods/websocket.h"

namespace annals::k8s {

struct ExecOptions {
  std::string container;
  std::vector<std::string> command;
  bool input = false;     // there will be something to read for the command
  bool terminal = false;  // standard error then comes as standard output
};

struct ExecOutput {
  bool error = false;  // standard error
  std::string bytes;
};

// A command under way. One coroutine may read while another writes.
class ExecSession {
 public:
  static boost::asio::awaitable<Answer<ExecSession>> open(Client* client, ObjectName pod,
                                                          ExecOptions options);

  // The next piece of output; nothing once the command has ended. `patience` is for one silence.
  boost::asio::awaitable<Answer<std::optional<ExecOutput>>> read(Duration patience);
  // To the command's standard input.
  boost::asio::awaitable<Answer<void>> write(std::string bytes);
  // Whether end_input() can be said: version 4 of the protocol, all that servers before 1.29 speak,
  // has no word for it.
  bool can_end_input() const { return socket_->protocol() == kExecProtocol5; }
  boost::asio::awaitable<Answer<void>> end_input();
  boost::asio::awaitable<Answer<void>> resize(int width, int height);
  // How it ended; valid once read() gave nothing.
  const ExecExit& exit() const { return *exit_; }

 private:
  explicit ExecSession(std::unique_ptr<WebSocket> socket) : socket_(std::move(socket)) {}

  std::unique_ptr<WebSocket> socket_;
  std::optional<ExecExit> exit_;
};

struct PodCommand {
  ObjectName pod;
  std::string container;
  std::vector<std::string> command;
  // Standard input, to its end. Because version 4 cannot tell where that is, the container's `head`
  // counts it: such a command needs `sh` and `head` in the image.
  std::optional<std::string> input;
  Duration timeout = std::chrono::seconds(60);  // from the first byte sent to the command's end
  std::size_t output_bytes_max = std::size_t{1} << 20U;  // of each stream; more is left out
};

struct PodCommandResult {
  ExecExit exit;
  std::string output;
  std::string error_output;
  bool cut = false;  // there was more output
};

// Runs a command to its end.
boost::asio::awaitable<Answer<PodCommandResult>> run_in_pod(Client* client, PodCommand command);

}  // namespace annals::k8s
