// SPDX-License-Identifier: Apache-2.0
#include "support/shell.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

namespace annals::e2e {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string without_last_newlines(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

/// A file that is gone with this object.
class ScratchFile {
 public:
  ScratchFile() {
    const int fd = mkstemp(path_.data());
    if (fd >= 0) close(fd);
  }
  ~ScratchFile() { unlink(path_.c_str()); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  [[nodiscard]] const char* path() const { return path_.c_str(); }

 private:
  std::string path_ = "/tmp/annals-e2e.XXXXXX";
};

std::string from_environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr || *value == '\0' ? otherwise : value;
}

Kubernetes& chosen_kubernetes() {
  static Kubernetes chosen{.name = from_environment("ANNALS_CLUSTER", ""),
                           .net = from_environment("ANNALS_CLUSTER_NET", "10.193")};
  return chosen;
}

// The cluster's administrator, as script/cluster writes it.
std::string kubeconfig() {
  const std::string& name = kubernetes().name;
  return "/var/lib/annals-cluster" + (name.empty() ? name : "-" + name) + "/admin.conf";
}

// A kubectl that looks once and ends needs no collector: two fifths of its processor time.
constexpr const char* kSparingGo = "env GOGC=off GOMEMLIMIT=128MiB ";

/// Starts bash in a process group of its own with its output in files. It does not outlive this
/// process, which ctest may kill.
pid_t start(const std::string& command, const std::string& kubectl, const char* out,
            const char* err) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::string words = kSparingGo + kubectl;
  setenv("KUBECTL", words.c_str(), 1);                        // NOLINT: in a process of one thread
  setenv("KUBECONFIG", kubeconfig().c_str(), 1);              // NOLINT
  setenv("ANNALS_CLUSTER", kubernetes().name.c_str(), 1);     // NOLINT
  setenv("ANNALS_CLUSTER_NET", kubernetes().net.c_str(), 1);  // NOLINT
  const int out_fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const int err_fd =
      err == nullptr ? out_fd : open(err, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (out_fd < 0 || err_fd < 0 || chdir(ANNALS_SOURCE_DIR) != 0) _exit(126);
  const int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(null_fd, STDIN_FILENO);
  dup2(out_fd, STDOUT_FILENO);
  dup2(err_fd, STDERR_FILENO);
  execl("/bin/bash", "bash", "-c", command.c_str(), nullptr);
  _exit(127);
}

int status_of(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

/// Not longer than it takes the kernel to end what was killed.
void collect(pid_t pid, int* wait_status) {
  using namespace std::chrono_literals;
  eventually(10s, [&] { return waitpid(pid, wait_status, WNOHANG) != 0; });
}

Output run_with(const std::string& kubectl, const std::string& command,
                std::chrono::seconds limit) {
  const ScratchFile out;
  const ScratchFile err;
  const pid_t pid = start(command, kubectl, out.path(), err.path());
  int wait_status = 0;
  const bool ended = eventually(limit, [&] { return waitpid(pid, &wait_status, WNOHANG) == pid; });
  if (!ended) {
    kill(-pid, SIGKILL);
    collect(pid, &wait_status);
  }
  return {.status = ended ? status_of(wait_status) : 124,
          .out = without_last_newlines(read_file(out.path())),
          .err = without_last_newlines(read_file(err.path()))};
}

std::string find_kubectl() {
  const char* named = std::getenv("ANNALS_KUBECTL");  // NOLINT(concurrency-mt-unsafe)
  if (named != nullptr && *named != '\0') return named;
  const Output of_the_cluster =
      run_with("kubectl", "script/cluster kubectl-path", std::chrono::seconds{30});
  return of_the_cluster.status == 0 ? of_the_cluster.out : "kubectl";
}

}  // namespace

const Kubernetes& kubernetes() { return chosen_kubernetes(); }
void use_kubernetes(const Kubernetes& chosen) { chosen_kubernetes() = chosen; }
std::string host_address() { return kubernetes().net + ".0.1"; }

const std::string& kubectl_program() {
  static const std::string kProgram = find_kubectl();
  return kProgram;
}

Output run(const std::string& command, std::chrono::seconds limit) {
  return run_with(kubectl_program(), command, limit);
}

std::string must(const std::string& command, std::chrono::seconds limit) {
  Output output = run(command, limit);
  if (output.status == 0) return std::move(output.out);
  const std::string how = output.status == 124
                              ? "has not ended after " + std::to_string(limit.count()) + " s"
                              : "ended with " + std::to_string(output.status);
  throw CommandFailed(command + "\n" + how + "\n" + output.out + "\n" + output.err);
}

bool eventually(std::chrono::seconds limit, const std::function<bool()>& condition,
                Looking looking) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + limit;
  Clock::duration pause = std::chrono::milliseconds{2};
  for (;;) {
    const auto began = Clock::now();
    if (condition()) return true;
    const auto now = Clock::now();
    if (now > deadline) return false;
    pause = std::min<Clock::duration>(pause * 2, std::chrono::milliseconds{100});
    const auto rest = std::min<Clock::duration>((now - began) * 3, std::chrono::seconds{1});
    // Between two looks, not instead of one.
    std::this_thread::sleep_for(looking == Looking::kSparing ? std::max(pause, rest) : pause);
  }
}

Background::Background(const std::string& command, std::string log) : log_(std::move(log)) {
  unlink(log_.c_str());  // what an earlier command printed is not this one's
  pid_ = start(command, kubectl_program(), log_.c_str(), nullptr);
}

Background::~Background() {
  kill(-pid_, SIGKILL);
  collect(pid_, nullptr);
}

bool Background::running() const {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == 0;
}

void Background::kill_alone() { kill(pid_, SIGKILL); }

std::string Background::printed() const { return read_file(log_); }

}  // namespace annals::e2e
