#include "tests/bench/operator_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/assert.h"
#include "base/concat.h"
#include "k8s/task_scope.h"
#include "tests/bench/figures.h"

namespace annals::bench {

namespace asio = boost::asio;

namespace {

// Another one where several run on a machine: ANNALS_BENCH_PORT.
unsigned short port() {
  return static_cast<unsigned short>(from_environment("ANNALS_BENCH_PORT", 28081));
}

}  // namespace

OperatorProcess::OperatorProcess(const std::string& directory, const std::string& kubeconfig,
                                 std::string program) {
  if (program.empty()) program = ANNALS_OPERATOR;
  std::vector<std::string> words{program,
                                 "--journal",
                                 directory + "/journal",
                                 "--kubeconfig",
                                 kubeconfig,
                                 "--listen",
                                 concat("127.0.0.1:", port()),
                                 "--namespace",
                                 "postgres-operator"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<std::string> images{"RELATED_IMAGE_POSTGRES_15=postgres",
                                  "RELATED_IMAGE_PGBACKREST=pgbackrest"};
  std::vector<char*> environment;
  for (char** entry = ::environ; *entry != nullptr; ++entry) environment.push_back(*entry);
  for (std::string& image : images) environment.push_back(image.data());
  environment.push_back(nullptr);
  const std::string log = directory + "/operator.log";
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int error = ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(),
                                  environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  ANNALS_ASSERT(error == 0, "cannot start ", program);
}

double OperatorProcess::peak_bytes() const {
  std::ifstream status(concat("/proc/", pid_, "/status"));
  double kibibytes = 0;
  for (std::string word; status >> word && word != "VmHWM:";) {
  }
  status >> kibibytes;
  return kibibytes * 1024;
}

OperatorProcess::~OperatorProcess() {
  ::kill(pid_, SIGTERM);
  (void)::waitpid(pid_, nullptr, 0);
}

asio::awaitable<void> await_ready_operator(const Clock& clock) {
  const Duration began = clock.steady();
  for (;;) {
    const std::string answer = co_await ask("/readyz");
    if (!answer.empty()) co_return;
    ANNALS_ASSERT(clock.steady() - began < std::chrono::minutes(2),
                  "the operator does not become ready; see its operator.log");
    co_await k8s::pause_for(std::chrono::milliseconds(5));
  }
}

// Its answer to a GET; empty while it does not answer, or says that it is not ready.
asio::awaitable<std::string> ask(std::string path) {
  asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
  const asio::ip::tcp::endpoint there(asio::ip::address_v4::loopback(), port());
  const auto [refused] = co_await socket.async_connect(there, asio::as_tuple(asio::use_awaitable));
  if (refused) co_return std::string();
  const std::string question =
      concat("GET ", path, " HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n");
  const auto [unsent, sent] = co_await asio::async_write(socket, asio::buffer(question),
                                                         asio::as_tuple(asio::use_awaitable));
  std::string answer;
  const auto [ended, got] = co_await asio::async_read(socket, asio::dynamic_buffer(answer),
                                                      asio::as_tuple(asio::use_awaitable));
  if (unsent || (ended && ended != asio::error::eof) || !answer.starts_with("HTTP/1.1 200"))
    co_return std::string();
  co_return answer.substr(answer.find("\r\n\r\n") + 4);
}

// The sum of a metric's values over the label sets that hold `label`.
double sum_of(const std::string& metrics, std::string_view name, std::string_view label) {
  std::istringstream lines(metrics);
  double sum = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t end = line.find_first_of(" {");
    if (line.substr(0, end) != name || line.find(label) == std::string::npos) continue;
    sum += std::atof(line.c_str() + line.rfind(' '));
  }
  return sum;
}

double requests(const std::string& metrics) {
  return sum_of(metrics, "rest_client_requests_total") -
         sum_of(metrics, "rest_client_requests_total", "method=\"PUT\"");
}

double writes(const std::string& metrics) {
  double sum = 0;
  for (const char* method : {"POST", "PATCH", "DELETE"})
    sum += sum_of(metrics, "rest_client_requests_total", concat("method=\"", method, "\""));
  return sum;
}

}  // namespace annals::bench
