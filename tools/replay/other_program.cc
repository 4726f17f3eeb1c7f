#include "other_program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace annals::replay {

Result<OtherProgram> OtherProgram::start(const std::vector<std::string>& command) {
  const std::string& name = command.front();
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(Errc::kUnavailable, "no pipe: ", std::generic_category().message(errno));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::vector<std::string> owned = command;
  std::vector<char*> arguments;
  for (std::string& argument : owned) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int error =
      ::posix_spawnp(&pid, name.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (error != 0) {
    ::close(ends[0]);
    return fail(Errc::kNotFound, name,
                ": cannot be started: ", std::generic_category().message(error),
                "; give the path of another annals-replay");
  }
  return OtherProgram(name, pid, ends[0]);
}

OtherProgram::OtherProgram(OtherProgram&& other) noexcept
    : name_(std::move(other.name_)),
      pid_(std::exchange(other.pid_, 0)),
      out_(std::exchange(other.out_, -1)),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_) {}

OtherProgram::~OtherProgram() {
  if (out_ >= 0) ::close(out_);
  if (pid_ == 0) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

std::optional<std::string> OtherProgram::line() {
  while (true) {
    const std::size_t end = buffer_.find('\n', begin_);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(begin_, end - begin_);
      begin_ = end + 1;
      return line;
    }
    buffer_.erase(0, std::exchange(begin_, 0));
    std::array<char, 65536> chunk{};
    const ssize_t size = ::read(out_, chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return std::nullopt;
    buffer_.append(chunk.data(), static_cast<std::size_t>(size));
  }
}

Result<void> OtherProgram::finish() {
  int status = 0;
  ::waitpid(std::exchange(pid_, 0), &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(Errc::kInvalid, name_, " failed: ",
              WIFEXITED(status) ? concat("exit status ", WEXITSTATUS(status))
                                : concat("killed by signal ", WTERMSIG(status)),
              "; it must be an annals-replay that supports 'records --recomputed'");
}

}  // namespace annals::replay
