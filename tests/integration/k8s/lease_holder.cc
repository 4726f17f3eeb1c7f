// A process that stands for election and writes when it is told to, for lease_process_test.cc.
// Usage: lease_holder KUBECONFIG NAMESPACE LEASE IDENTITY. For each line on standard input it asks
// whether it leads and then writes a ConfigMap of its name; it says "written" or "refused". It says
// "leading EPOCH" and "lost REASON" when that happens.
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <string>

#include "k8s/credentials/kubeconfig.h"
#include "k8s/lease/lease.h"
#include "k8s/task_scope.h"

namespace annals::k8s {
namespace {

namespace asio = boost::asio;

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

asio::awaitable<void> lead(LeaderElection* election) {
  const Epoch epoch = co_await election->acquire();
  say(concat("leading ", epoch));
  const std::string why = co_await election->hold();
  say(concat("lost ", why));
}

asio::awaitable<void> obey(LeaderElection* election, Client* client, ObjectName own,
                           asio::posix::stream_descriptor* input) {
  std::string lines;
  for (int number = 0;; ++number) {
    const auto [ec, size] = co_await asio::async_read_until(
        *input, asio::dynamic_buffer(lines), '\n', asio::as_tuple(asio::use_awaitable));
    if (ec) co_return;
    lines.erase(0, size);
    if (!election->leading()) {
      say("refused");
      continue;
    }
    const std::string manifest =
        concat(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")", own.name,
               R"("},"data":{"number":")", number, R"("}})");
    const Answer<std::string> written = co_await client->apply(config_maps(), own, manifest);
    say(written ? "written" : to_string(written.error()));
  }
}

int run(const std::string& kubeconfig, const ObjectName& lease, const std::string& identity) {
  Result<Config> config = load_kubeconfig(kubeconfig);
  if (!config) {
    say(to_string(config.error()));
    return 1;
  }
  asio::io_context loop(1);
  const SystemClock clock;
  Transport transport(loop.get_executor(), *std::move(config), clock, Log(), no_metrics());
  Client client(transport);
  LeaseOptions options;
  options.lease = lease;
  options.identity = identity;
  options.duration = std::chrono::seconds(3);
  options.renew_deadline = std::chrono::seconds(2);
  options.retry_period = std::chrono::milliseconds(200);
  LeaderElection election(client, options);
  asio::posix::stream_descriptor input(loop, ::dup(STDIN_FILENO));
  TaskScope scope(loop.get_executor());
  scope.spawn("lead", lead(&election));
  scope.spawn("obey", obey(&election, &client, {lease.name_space, identity}, &input));
  loop.run();
  return 0;
}

}  // namespace
}  // namespace annals::k8s

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  return annals::k8s::run(argv[1], {argv[2], argv[3]}, argv[4]);
}
