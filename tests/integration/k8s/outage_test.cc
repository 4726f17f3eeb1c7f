// Watches across outages of the real API server, and at scale. These tests kill the API server and
// let script/cluster mend it.
#include <gmock/gmock.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <set>

#include "k8s/watch/reflector.h"
#include "k8s/watch/watch_stream.h"
#include "tests/integration/k8s/support/api_server.h"
#include "tests/integration/k8s/support/present.h"
#include "tests/support/any_view.h"

namespace annals::k8s {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

std::string output_of(const std::string& command) {
  const auto close = [](std::FILE* file) { (void)::pclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> pipe(::popen(command.c_str(), "r"), close);
  std::string text;
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, pipe.get()) != nullptr) text += buffer;
  return text;
}

// What has `status` and `up`; another one than ours goes with another kubeconfig.
std::string script() {
  const char* named = std::getenv("ANNALS_TEST_CLUSTER");  // NOLINT(concurrency-mt-unsafe)
  return named != nullptr ? named : ANNALS_SOURCE_DIR "/script/cluster";
}

class Outages : public ApiServerTest {
 protected:
  Outages()
      : watching_(loop_.get_executor(), cluster_config(), clock_, Log(), metrics_),
        watcher_(watching_),
        scope_(loop_.get_executor()) {}
  ~Outages() override {
    scope_.cancel();
    run(scope_.join());
  }

  ReflectorOptions options() {
    return own_objects(
        {.first = std::chrono::milliseconds(50), .most = std::chrono::milliseconds(500)});
  }
  // It lives until the loop has joined it.
  const Reflector<AnyView>& reflect(Resource kind, ReflectorOptions options) {
    reflector_.emplace(watcher_, std::move(kind), read_any_view, inventory_, std::move(options));
    scope_.spawn("reflector", reflector_->run());
    return *reflector_;
  }
  void kill_api_server() {
    const std::string pid =
        output_of(script() + " status | awk '$2 == \"kube-apiserver\" {print $3}'");
    ASSERT_GT(std::atoi(pid.c_str()), 1) << pid;
    ASSERT_EQ(::kill(std::atoi(pid.c_str()), SIGKILL), 0);
  }
  // Another user of the cluster may hold its lock for a while.
  void mend() {
    std::string said;
    run_until(
        [&] {
          said = output_of("timeout 60 " + script() + " up --control-plane 2>&1");
          return said.find("The cluster is up") != std::string::npos;
        },
        std::chrono::seconds(90), [&] { return said; });
  }
  WatchCounts metrics_;
  Transport
      watching_;  // the reflector's own, so that it lives through what the test does elsewhere
  Client watcher_;
  TaskScope scope_;
  Present<AnyView> inventory_;
  std::optional<Reflector<AnyView>> reflector_;
};

TEST_F(Outages, ARestartOfTheApiServerLosesNothing) {
  for (const char* name : {"a", "b"}) (void)created(config_maps(), config_map(name, {}));
  const auto& reflector = reflect(config_maps(), options());
  run_until([&] { return inventory_.names.size() == 2; });
  kill_api_server();
  run_until([&] { return reflector.freshness() == Freshness::kStale; });
  EXPECT_EQ(inventory_.names.size(), 2U) << "an outage is no deletion";
  // The loop stands still meanwhile, so what happens now happens while nobody watches.
  mend();
  remove(config_maps(), "a");
  (void)created(config_maps(), config_map("c", {}));
  run_until([&] { return inventory_.names == std::set<std::string>{"b", "c"}; });
  run_until([&] { return reflector.freshness() == Freshness::kCurrent; });
}

TEST_F(Outages, APlaceThatTheServerForgotIsExpired) {
  const Answer<Exchange> stream = run(client_.watch(
      config_maps(), {.name_space = space_, .label_selector = {}, .resource_version = "1"}));
  if (!stream) {
    EXPECT_TRUE(stream.error().expired()) << to_string(stream.error());
    return;
  }
  LineSplitter lines(100'000);
  Exchange exchange =
      run(client_.watch(config_maps(),
                        {.name_space = space_, .label_selector = {}, .resource_version = "1"}))
          .value();
  ASSERT_TRUE(run(exchange.read(&lines.inbox(), std::chrono::seconds(10))));
  std::string_view line;
  ASSERT_TRUE(lines.next_line(line));
  JsonReader reader;
  const Result<WatchEvent> event = read_watch_event(reader, line);
  ASSERT_TRUE(event) << to_string(event.error());
  ASSERT_EQ(event->type, WatchEventType::kError);
  EXPECT_TRUE(read_watch_error(event->object).expired());
}

// Creates objects with many requests under way.
boost::asio::awaitable<void> create_some(Client* client, std::string space, int from, int to,
                                         int* failed) {
  for (int i = from; i < to; ++i) {
    const Json manifest = {
        {"apiVersion", "v1"},
        {"kind", "ConfigMap"},
        {"metadata", {{"name", "c" + std::to_string(i)}, {"labels", {{"test", space}}}}}};
    const Answer<std::string> made = co_await client->create(config_maps(), space, manifest.dump());
    if (!made) ++*failed;
  }
}

TEST_F(Outages, FiveThousandObjectsComeInPagesAndVanishTogether) {
  int failed = 0;
  TaskScope makers(loop_.get_executor());
  for (int part = 0; part < 20; ++part) {
    makers.spawn("maker", create_some(&client_, space_, part * 250, part * 250 + 250, &failed));
  }
  run(makers.join());
  ASSERT_EQ(failed, 0);
  const auto& reflector = reflect(config_maps(), options());
  run_until([&] { return reflector.freshness() == Freshness::kCurrent; });
  EXPECT_EQ(inventory_.names.size(), 5000U);
  Request all;
  all.verb = Verb::kDelete;
  all.path = collection_path(config_maps(), space_);
  all.query = {{"labelSelector", "test=" + space_}};
  ASSERT_TRUE(run(client_.raw(std::move(all))));
  run_until([&] { return inventory_.names.empty(); });
  EXPECT_EQ(metrics_.lists, 1) << "all by the watch";
}

}  // namespace
}  // namespace annals::k8s
