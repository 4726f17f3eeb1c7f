#include "tests/bench/api_server.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <utility>

#include "base/assert.h"
#include "base/concat.h"
#include "k8s/credentials/kubeconfig.h"
#include "k8s/transport/metrics.h"

namespace annals::bench {

ApiServer::ApiServer(const std::string& directory) {
  std::array<int, 2> down{};
  std::array<int, 2> up{};
  ANNALS_ASSERT(::pipe2(down.data(), O_CLOEXEC) == 0 && ::pipe2(up.data(), O_CLOEXEC) == 0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, down[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, up[1], STDOUT_FILENO);
  std::string script = ANNALS_SOURCE_DIR "/tests/bench/api_server.sh";
  std::string where = directory;
  std::array<char*, 3> arguments{script.data(), where.data(), nullptr};
  const int error =
      ::posix_spawn(&pid_, script.c_str(), &actions, nullptr, arguments.data(), ::environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ANNALS_ASSERT(error == 0, "cannot start ", script);
  ::close(down[0]);
  ::close(up[1]);
  input_ = down[1];
  std::array<char, 512> line{};
  const ssize_t got = ::read(up[0], line.data(), line.size());
  ::close(up[0]);
  ANNALS_ASSERT(got > 1, "the API server did not start; its logs are in ", directory);
  kubeconfig_.assign(line.data(), static_cast<std::size_t>(got) - 1);
}

ApiServer::~ApiServer() {
  ::close(input_);
  (void)::waitpid(pid_, nullptr, 0);
}

k8s::Config ApiServer::config() const {
  Result<k8s::Config> config = k8s::load_kubeconfig(kubeconfig_);
  ANNALS_ASSERT(config.has_value(), to_string(config.error()));
  return *std::move(config);
}

std::string ApiServer::operator_kubeconfig() const {
  return std::filesystem::path(kubeconfig_).replace_filename("operator.conf");
}

void ApiServer::install() const {
  // Of the server's version; api_server.sh has put it there.
  const std::string kubectl = std::filesystem::path(kubeconfig_).replace_filename("kubectl");
  for (const char* what :
       {"-k " ANNALS_SOURCE_DIR "/crds", "-f " ANNALS_SOURCE_DIR "/deploy/operator.yaml"}) {
    const std::string apply =
        concat(kubectl, " --kubeconfig ", kubeconfig_, " apply --server-side ", what, " >&2");
    ANNALS_ASSERT(std::system(apply.c_str()) == 0, "it does not apply: ", what);
  }
}

Session::Session(k8s::Config config)
    : transport(loop.get_executor(), std::move(config), clock, Log(), k8s::no_metrics()),
      client(transport) {}

void Session::run(boost::asio::awaitable<void> work) {
  boost::asio::co_spawn(loop, std::move(work), [](const std::exception_ptr& trouble) {
    if (trouble) std::rethrow_exception(trouble);
  });
  loop.run();
  loop.restart();
}

}  // namespace annals::bench
