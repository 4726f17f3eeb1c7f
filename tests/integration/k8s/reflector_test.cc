// The reflector against the real API server.
#include "k8s/reflector.h"

#include <gmock/gmock.h>

#include <optional>

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

class Reflecting : public ApiServerTest {
 protected:
  Reflecting() : scope_(loop_.get_executor()) {}
  ~Reflecting() override {
    scope_.cancel();
    run(scope_.join());
  }

  ReflectorOptions options() {
    ReflectorOptions options = own_objects();
    options.page_size = 2;
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

TEST_F(Reflecting, TellsWhatIsThereThenWhatChanges) {
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

TEST_F(Reflecting, IsSilentAboutWhatTheLensDoesNotSee) {
  (void)created(config_maps(), config_map("a", {}));
  reflect(config_maps(), options());
  ASSERT_TRUE(run(client_.merge_patch(config_maps(), object("a"),
                                      R"({"metadata":{"annotations":{"noise":"1"}}})")));
  label("a", "replica");
  run_until([&] { return diary_.entries.size() == 2; });
  EXPECT_THAT(diary_.entries, ElementsAre("appeared a", "changed a"));
}

TEST_F(Reflecting, ANamesakeIsAnotherObject) {
  (void)created(config_maps(), config_map("a", {}));
  reflect(config_maps(), options());
  remove(config_maps(), "a");
  (void)created(config_maps(), config_map("a", {}));
  run_until([&] { return diary_.entries.size() == 3; });
  EXPECT_THAT(diary_.entries, ElementsAre("appeared a", "vanished a", "appeared a"));
  EXPECT_NE(diary_.uids[1], diary_.uids[2]);
}

TEST_F(Reflecting, ResumesWhenTheServerEndsTheStream) {
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

}  // namespace
}  // namespace annals::k8s
