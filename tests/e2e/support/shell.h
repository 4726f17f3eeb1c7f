// Commands as a user would type them, for the tests that run on a real cluster. They run in the
// repository's root; in them `$KUBECTL` is the kubectl of the cluster's own version, and KUBECONFIG
// is a cluster of script/cluster. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>

namespace annals::e2e {

/// What a command printed and how it ended. `status` is 124 when its time was over.
struct Output {
  int status = 0;
  std::string out;  ///< standard output, without the last newline
  std::string err;  ///< standard error, without the last newline
};

/// A command that had to succeed has failed. It ends the test; inside of `await` it is a look that
/// has seen nothing.
class CommandFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Runs `command` with bash and waits for it.
Output run(const std::string& command, std::chrono::seconds limit = std::chrono::seconds{120});

/// As run, but a command that fails throws CommandFailed with all that it printed. Returns its
/// standard output.
std::string must(const std::string& command,
                 std::chrono::seconds limit = std::chrono::seconds{120});

/// A Kubernetes of script/cluster: its name there, and the first two bytes of its addresses.
struct Kubernetes {
  std::string name;  ///< empty for the usual one
  std::string net = "10.193";
};
/// Which one all commands go to; at first, as the environment says.
const Kubernetes& kubernetes();
void use_kubernetes(const Kubernetes& chosen);
/// This computer's address, as its pods see it.
std::string host_address();

/// The program that all of them run as `$KUBECTL`, with settings that spare its processor time:
/// ANNALS_KUBECTL, else what script/cluster has for its version, else the machine's.
const std::string& kubectl_program();

/// Sparing: looking takes a quarter of the time at most, since every kubectl takes the cores away
/// from what it looks at. Keen: ten times a second, where the moment matters.
enum class Looking { kSparing, kKeen };

/// Asks `condition` again and again until it is true (then true) or `limit` is over (then false).
/// For what need not happen; what a test waits for is `await`ed (await.h).
bool eventually(std::chrono::seconds limit, const std::function<bool()>& condition,
                Looking looking = Looking::kSparing);

/// A command that runs beside the test, in a process group of its own, until it ends or this object
/// does.
class Background {
 public:
  /// Standard output and standard error go to the file `log`.
  Background(const std::string& command, std::string log);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  [[nodiscard]] bool running() const;
  /// SIGKILL to the first process alone: its children live on, as they do when a person kills a
  /// script.
  void kill_alone();
  /// What it has printed so far.
  [[nodiscard]] std::string printed() const;

 private:
  std::string log_;
  int pid_ = -1;
};

}  // namespace annals::e2e
