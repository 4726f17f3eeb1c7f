// The reflector against the real API server, with lists either way.
#include "k8s/watch/reflector.h"

#include <gmock/gmock.h>

#include <optional>
#include <sstream>

#include "tests/integration/k8s/support/api_server.h"
#include "tests/support/any_view.h"

namespace annals::k8s {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

// Writes down what it is told: "appeared a", "vanished a", "current".
class Diary final : public Observer<AnyView> {
 public:
  boost::asio::awaitable<void> observe(std::vector<Change<AnyView>> changes) override {
    for (const Change<AnyView>& change : changes) {
      if (change.key.name == "kube-root-ca.crt") continue;  // each namespace has one
      entries.push_back(concat(to_string(change.kind), " ", change.key.name));
      uids.push_back(change.key.uid);
    }
    co_return;
  }
  boost::asio::awaitable<void> freshness(Freshness now, std::string) override {
    states.push_back(now);
    co_return;
  }

  std::vector<std::string> entries;
  std::vector<std::string> uids;
  std::vector<Freshness> states;
};

// Whether lists may be the beginning of a watch.
class Reflecting : public ApiServerTest, public testing::WithParamInterface<bool> {
 protected:
  Reflecting() : scope_(loop_.get_executor()) {}
  ~Reflecting() override {
    scope_.cancel();
    run(scope_.join());
  }

  ReflectorOptions options() {
    ReflectorOptions options = own_objects();
    options.page_size = 2;
    options.initial_events = GetParam();
    return options;
  }
  // Returns when all is listed. It lives until the loop has joined it.
  const Reflector<AnyView>& reflect(Resource kind, ReflectorOptions options) {
    reflector_.emplace(client_, std::move(kind), read_any_view, diary_, std::move(options));
    scope_.spawn("reflector", reflector_->run());
    run_until([&] { return reflector_->freshness() == Freshness::kCurrent; });
    return *reflector_;
  }
  void label(const std::string& name, const std::string& value) {
    const std::string patch =
        concat(R"({"metadata":{"labels":{")", kLabelPrefix, R"(role":")", value, R"("}}})");
    ASSERT_TRUE(run(client_.merge_patch(config_maps(), object(name), patch)));
  }

  TaskScope scope_;
  Diary diary_;
  std::optional<Reflector<AnyView>> reflector_;
};

TEST_P(Reflecting, TellsWhatIsThereThenWhatChanges) {
  for (const char* name : {"a", "b", "c"}) (void)created(config_maps(), config_map(name, {}));
  const auto& reflector = reflect(config_maps(), options());
  EXPECT_THAT(diary_.entries, UnorderedElementsAre("appeared a", "appeared b", "appeared c"));
  diary_.entries.clear();
  (void)created(config_maps(), config_map("d", {}));
  label("a", "primary");
  remove(config_maps(), "b");
  run_until([&] { return diary_.entries.size() == 3; });
  EXPECT_THAT(diary_.entries, ElementsAre("appeared d", "changed a", "vanished b"));
  EXPECT_EQ(reflector.size(), 3U);
}

TEST_P(Reflecting, IsSilentAboutWhatTheLensDoesNotSee) {
  (void)created(config_maps(), config_map("a", {}));
  reflect(config_maps(), options());
  ASSERT_TRUE(run(client_.merge_patch(config_maps(), object("a"),
                                      R"({"metadata":{"annotations":{"noise":"1"}}})")));
  label("a", "replica");
  run_until([&] { return diary_.entries.size() == 2; });
  EXPECT_THAT(diary_.entries, ElementsAre("appeared a", "changed a"));
}

TEST_P(Reflecting, ANamesakeIsAnotherObject) {
  (void)created(config_maps(), config_map("a", {}));
  reflect(config_maps(), options());
  remove(config_maps(), "a");
  (void)created(config_maps(), config_map("a", {}));
  run_until([&] { return diary_.entries.size() == 3; });
  EXPECT_THAT(diary_.entries, ElementsAre("appeared a", "vanished a", "appeared a"));
  EXPECT_NE(diary_.uids[1], diary_.uids[2]);
}

TEST_P(Reflecting, ResumesWhenTheServerEndsTheStream) {
  ReflectorOptions brief = options();
  brief.stream_length = std::chrono::seconds(1);
  brief.backoff = {.first = std::chrono::milliseconds(10), .most = std::chrono::milliseconds(50)};
  reflect(config_maps(), brief);
  for (int i = 0; i < 4; ++i) {
    run(pause_for(std::chrono::milliseconds(700)));
    (void)created(config_maps(), config_map("c" + std::to_string(i), {}));
  }
  run_until([&] { return diary_.entries.size() == 4; });
  EXPECT_THAT(diary_.states, ElementsAre(Freshness::kCurrent)) << "an orderly end is no outage";
}

INSTANTIATE_TEST_SUITE_P(Lists, Reflecting, testing::Bool(), [](const auto& which) {
  return which.param ? "AsInitialEvents" : "InPages";
});

// ---- What the server can do

class CountsRequests final : public ClientMetrics {
 public:
  void request_done(std::string_view, std::string_view, int, Duration) override { ++requests; }
  int requests = 0;
};

class Listing : public ApiServerTest {
 protected:
  // The answers to requests until three objects are known, in pages of two.
  int requests_for_three_objects() {
    for (const char* name : {"a", "b", "c"}) (void)created(config_maps(), config_map(name, {}));
    CountsRequests counts;
    const Log log(log_to(said_), clock_, LogLevel::kInfo);
    Transport transport(loop_.get_executor(), cluster_config(), clock_, log, counts);
    Client client(transport);
    Diary diary;
    ReflectorOptions options = own_objects();
    options.page_size = 2;
    options.initial_events = true;
    Reflector<AnyView> reflector(client, config_maps(), read_any_view, diary, options);
    TaskScope scope(loop_.get_executor());
    scope.spawn("reflector", reflector.run());
    run_until([&] { return reflector.freshness() == Freshness::kCurrent; });
    scope.cancel();
    run(scope.join());
    EXPECT_THAT(diary.entries, UnorderedElementsAre("appeared a", "appeared b", "appeared c"));
    return counts.requests;
  }
  // Whether the server has initial events, as a request tells that asks for nothing else.
  bool server_has_initial_events() {
    WatchOptions options{.name_space = space_, .label_selector = {}, .resource_version = {}};
    options.initial_events = true;
    const Answer<Exchange> stream = run(client_.watch(config_maps(), std::move(options)));
    return stream.has_value();
  }

  std::ostringstream said_;
};

TEST_F(Listing, TakesOneRequestWhereTheServerHasInitialEventsElsePages) {
  const bool has_them = server_has_initial_events();
  // Refused, two pages.
  EXPECT_EQ(requests_for_three_objects(), has_them ? 1 : 3);
  EXPECT_EQ(said_.str().find("lists-in-pages") == std::string::npos, has_them) << said_.str();
}

}  // namespace
}  // namespace annals::k8s
