#include "k8s/credentials/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <map>
#include <optional>
#include <system_error>

namespace annals::k8s {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;

namespace {

constexpr auto kChildTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kErrorOutputMax = 4096;

struct Pipe {
  int read = -1;
  int write = -1;

  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
    read = ends[0];
    write = ends[1];
  }
  ~Pipe() {
    if (read >= 0) ::close(read);
    if (write >= 0) ::close(write);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int take_read() { return std::exchange(read, -1); }
};

// The started process; killed with all of its group unless it was seen to end.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ <= 0) return;
    (void)::kill(-pid_, SIGKILL);
    int ignored = 0;
    while (::waitpid(pid_, &ignored, 0) < 0 && errno == EINTR) {
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Its wait status once it has ended.
  std::optional<int> ended() {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = 0;
    return status;
  }

 private:
  pid_t pid_;
};

// "NAME=value" each; later ones win.
std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& more) {
  std::map<std::string, std::string> all;
  for (char** entry = ::environ; *entry != nullptr; ++entry) {
    const std::string_view line(*entry);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    all.insert_or_assign(std::string(line.substr(0, equals)), std::string(line.substr(equals + 1)));
  }
  for (const auto& [name, value] : more) all.insert_or_assign(name, value);
  std::vector<std::string> lines;
  for (const auto& [name, value] : all) lines.push_back(concat(name, "=", value));
  return lines;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct SpawnSetup {
  SpawnSetup(int output, int error_output) {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, error_output, STDERR_FILENO);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    sigset_t ordinary;
    ::sigemptyset(&ordinary);
    for (const int signal : {SIGPIPE, SIGTERM, SIGINT}) ::sigaddset(&ordinary, signal);
    ::posix_spawnattr_setsigdefault(&attributes, &ordinary);
  }
  ~SpawnSetup() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

Result<pid_t> start(const ChildCommand& command, int output, int error_output) {
  std::vector<std::string> words{command.program};
  words.insert(words.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> lines = environment_with(command.environment);
  const std::vector<char*> arguments = pointers_to(words);
  const std::vector<char*> environment = pointers_to(lines);
  const SpawnSetup setup(output, error_output);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, command.program.c_str(), &setup.actions, &setup.attributes,
                                   arguments.data(), environment.data());
  if (error == 0) return pid;
  const Errc code = error == ENOENT   ? Errc::kNotFound
                    : error == EACCES ? Errc::kForbidden
                                      : Errc::kUnavailable;
  return fail(code, "cannot be started: ", std::generic_category().message(error));
}

// Reads to the end. What does not fit is read and dropped, so that the writer can go on.
asio::awaitable<std::size_t> drain(stream_descriptor* from, std::string* into, std::size_t max) {
  std::array<char, 4096> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  std::size_t total = 0;
  for (;;) {
    const auto [ec, size] = co_await from->async_read_some(asio::buffer(buffer), kChildTuple);
    if (ec) break;
    total += size;
    into->append(buffer.data(), std::min(size, max - std::min(max, into->size())));
  }
  co_return total;
}

// There is no portable event for the end of one process; it follows the end of its output, mostly
// at once.
asio::awaitable<int> await_end(Child* child) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  Duration pause = std::chrono::milliseconds(1);
  for (;;) {
    const std::optional<int> status = child->ended();
    if (status) co_return *status;
    asio::steady_timer timer(executor, pause);
    (void)co_await timer.async_wait(kChildTuple);
    pause = std::min<Duration>(pause * 2, std::chrono::milliseconds(100));
  }
}

asio::awaitable<void> until(Duration timeout) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, timeout);
  (void)co_await timer.async_wait(kChildTuple);
}

struct Streams {
  stream_descriptor output;
  stream_descriptor error_output;
  std::string printed;
  std::string complaints;
};

asio::awaitable<Result<ChildEnd>> follow(Streams* streams, Child* child, std::size_t max) {
  using asio::experimental::awaitable_operators::operator&&;
  const auto [printed, complained] =
      co_await (drain(&streams->output, &streams->printed, max) &&
                drain(&streams->error_output, &streams->complaints, kErrorOutputMax));
  (void)complained;
  const int status = co_await await_end(child);
  ChildEnd end;
  end.output = Secret(std::exchange(streams->printed, {}));
  end.error_output = std::exchange(streams->complaints, {});
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  if (WIFEXITED(status)) end.code = WEXITSTATUS(status);
  if (printed > max) co_return fail(Errc::kInvalid, "prints more than ", max, " bytes");
  co_return end;
}

}  // namespace

asio::awaitable<Result<ChildEnd>> run_child(ChildCommand command) {
  using asio::experimental::awaitable_operators::operator||;
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  std::optional<Pipe> output(std::in_place);
  std::optional<Pipe> error_output(std::in_place);
  if (output->read < 0 || error_output->read < 0) {
    co_return fail(Errc::kUnavailable,
                   "cannot create a pipe: ", std::generic_category().message(errno));
  }
  const Result<pid_t> pid = start(command, output->write, error_output->write);
  if (!pid) co_return fail(pid.error());
  Child child(*pid);
  Streams streams{stream_descriptor(executor, output->take_read()),
                  stream_descriptor(executor, error_output->take_read()),
                  {},
                  {}};
  // Our copies of the writing ends: with them open the output would never end.
  output.reset();
  error_output.reset();
  auto first =
      co_await (follow(&streams, &child, command.output_bytes_max) || until(command.timeout));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return fail(Errc::kTimeout, "timed out after ",
                 std::chrono::ceil<std::chrono::seconds>(command.timeout).count(), " s");
}

}  // namespace annals::k8s
