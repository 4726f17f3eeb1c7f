// Watches of the real API server over a network that fails, and an etcd that forgets.
#include <gmock/gmock.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <set>

#include "k8s/text/page_splitter.h"
#include "k8s/watch/reflector.h"
#include "tests/integration/k8s/support/api_server.h"
#include "tests/integration/k8s/support/present.h"
#include "tests/integration/k8s/support/relay.h"
#include "tests/support/any_view.h"

namespace annals::k8s {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using namespace std::chrono_literals;

Config through(const Relay& relay) {
  Config config = cluster_config();
  config.tls_server_name = config.server.host;
  config.server.host = "127.0.0.1";
  config.server.port = std::to_string(relay.port());
  return config;
}

class Network : public ApiServerTest {
 protected:
  Network()
      : relay_(cluster_config().server.host, cluster_config().server.port),
        watching_(loop_.get_executor(), through(relay_), clock_, Log(), metrics_),
        watcher_(watching_),
        scope_(loop_.get_executor()) {}
  ~Network() override {
    scope_.cancel();
    run(scope_.join());
  }

  ReflectorOptions options() { return own_objects({.first = 20ms, .most = 100ms}); }
  // Core Events: the one kind that the API server does not keep in a cache of its own, so that a
  // watch or a list of them always asks etcd.
  static Resource events() { return {"", "v1", "events"}; }
  Json event(const std::string& name) {
    return {{"apiVersion", "v1"},
            {"kind", "Event"},
            {"metadata", metadata(name)},
            {"involvedObject", {{"namespace", space_}}}};
  }
  // It lives until the loop has joined it.
  const Reflector<AnyView>& reflect(Resource kind, ReflectorOptions options) {
    reflector_.emplace(watcher_, std::move(kind), read_any_view, present_, std::move(options));
    scope_.spawn("reflector", reflector_->run());
    return *reflector_;
  }
  // Makes etcd forget everything before this revision.
  void compact(const std::string& revision) {
    const std::string pki = cluster_path("pki/");
    const std::string command = concat(
        "nsenter --net --target $(cut -d' ' -f1 ", cluster_path("machines/control-plane/pid"),
        ") env ETCDCTL_API=3 etcdctl --endpoints https://127.0.0.1:2379 --cacert ", pki,
        "etcd-ca.crt --cert ", pki, "etcd-client.crt --key ", pki, "etcd-client.key compact ",
        revision, " 2>&1");
    const auto close = [](std::FILE* file) { (void)::pclose(file); };
    const std::unique_ptr<std::FILE, decltype(close)> pipe(::popen(command.c_str(), "r"), close);
    char line[512] = {};
    ASSERT_NE(std::fgets(line, sizeof line, pipe.get()), nullptr);
    ASSERT_THAT(line, HasSubstr("compacted revision"));
  }
  std::string version_of(const Json& object) { return object["metadata"]["resourceVersion"]; }
  WatchCounts metrics_;
  Relay relay_;
  Transport watching_;
  Client watcher_;
  TaskScope scope_;
  Present<AnyView> present_;
  std::optional<Reflector<AnyView>> reflector_;
};

TEST_F(Network, ACutIsStaleAndWhatHappenedMeanwhileIsToldAfterwards) {
  for (const char* name : {"a", "b"}) (void)created(config_maps(), config_map(name, {}));
  const auto& reflector = reflect(config_maps(), options());
  run_until([&] { return present_.names.size() == 2; });
  relay_.cut();
  run_until([&] { return reflector.freshness() == Freshness::kStale; });
  remove(config_maps(), "a");
  (void)created(config_maps(), config_map("c", {}));
  EXPECT_EQ(present_.names, (std::set<std::string>{"a", "b"})) << "nobody could know";
  relay_.mend();
  run_until([&] { return present_.names == std::set<std::string>{"b", "c"}; });
  EXPECT_EQ(reflector.freshness(), Freshness::kCurrent);
  EXPECT_EQ(metrics_.lists, 1) << "the watch was resumed where it broke off";
}

TEST_F(Network, AWatchThatFellSilentIsOpenedAnew) {
  (void)created(config_maps(), config_map("a", {}));
  ReflectorOptions impatient = options();
  impatient.silence_max = 1s;
  reflect(config_maps(), impatient);
  run_until([&] { return present_.names.size() == 1; });
  (void)created(config_maps(), config_map("b", {}));
  run_until([&] { return present_.names.size() == 2; });  // so the watch is under way
  relay_.stall();
  (void)created(config_maps(), config_map("c", {}));
  run_until([&] { return present_.names.size() == 3; }, 20s);
  EXPECT_GE(metrics_.causes.count("silent"), 1U);
  EXPECT_EQ(metrics_.lists, 1);
}

TEST_F(Network, WhatEtcdForgotIsListedAnew) {
  for (const char* name : {"a", "b"}) (void)created(events(), event(name));
  const auto& reflector = reflect(events(), options());
  run_until([&] { return present_.names.size() == 2; });
  relay_.cut();
  run_until([&] { return reflector.freshness() == Freshness::kStale; });
  remove(events(), "a");
  compact(version_of(created(events(), event("c"))));
  relay_.mend();
  run_until([&] { return present_.names == std::set<std::string>{"b", "c"}; });
  EXPECT_EQ(metrics_.causes.count("expired"), 1U) << "410 Gone";
  EXPECT_EQ(metrics_.lists, 2);
  run_until([&] { return reflector.freshness() == Freshness::kCurrent; });
}

TEST_F(Network, AListThatEtcdForgetsHalfwayBeginsAgain) {
  for (const char* name : {"a", "b", "c"}) (void)created(events(), event(name));
  ListOptions first;
  first.name_space = space_;
  first.label_selector = "test=" + space_;
  first.limit = 2;
  const TakeObject nothing = [](std::string_view) { return Result<void>(); };
  const Answer<PageEnd> page = run(client_.list(events(), first, nothing));
  ASSERT_TRUE(page && !page->continue_token.empty());
  compact(version_of(created(events(), event("d"))));
  ListOptions next = first;
  next.continue_token = page->continue_token;
  const Answer<PageEnd> expired = run(client_.list(events(), next, nothing));
  ASSERT_FALSE(expired);
  EXPECT_TRUE(expired.error().expired()) << to_string(expired.error());
  EXPECT_EQ(expired.error().reason, "Expired");
  EXPECT_EQ(expired.error().code(), Errc::kConflict);
}

}  // namespace
}  // namespace annals::k8s
