// Many objects of a kind that is made for the test: a CustomResourceDefinition.
#include <gmock/gmock.h>

#include <map>
#include <sstream>

#include "k8s/discovery/discovery.h"
#include "k8s/watch/reflector.h"
#include "tests/integration/k8s/support/api_server.h"
#include "tests/support/any_view.h"

namespace annals::k8s {
namespace {

using Json = nlohmann::json;

class Specs final : public Observer<AnyView> {
 public:
  boost::asio::awaitable<void> observe(std::vector<Change<AnyView>> changes) override {
    for (const Change<AnyView>& change : changes) {
      ++told[change.kind];
      if (change.view) present[change.key.name] = change.view->content;
      if (change.kind == ChangeKind::kVanished) present.erase(change.key.name);
    }
    co_return;
  }
  boost::asio::awaitable<void> freshness(Freshness, std::string) override { co_return; }

  std::map<std::string, std::string> present;
  std::map<ChangeKind, int> told;
};

boost::asio::awaitable<void> create_things(Client* client, Resource kind, std::string space,
                                           int from, int to, int* failed) {
  for (int i = from; i < to; ++i) {
    const Json manifest = {{"apiVersion", api_version(kind)},
                           {"kind", "Thing"},
                           {"metadata", {{"name", concat("thing-", i)}}},
                           {"spec", {{"number", i}, {"text", "é漢字🐘"}}}};
    const Answer<std::string> made = co_await client->create(kind, space, manifest.dump());
    if (!made) ++*failed;
  }
}

boost::asio::awaitable<Answer<std::string>> create_one(Client* client, Resource kind,
                                                       std::string space) {
  const Json manifest = {
      {"apiVersion", api_version(kind)}, {"kind", "Thing"}, {"metadata", {{"name", "one"}}}};
  return client->create(kind, std::move(space), manifest.dump());
}

class Freshnesses final : public Observer<AnyView> {
 public:
  boost::asio::awaitable<void> observe(std::vector<Change<AnyView>>) override { co_return; }
  boost::asio::awaitable<void> freshness(Freshness now, std::string) override {
    states.push_back(now);
    co_return;
  }

  std::vector<Freshness> states;
};

class CustomResources : public ApiServerTest {
 protected:
  CustomResources() : kind_{space_ + ".example.com", "v1", "things"} {
    const Json schema = {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}};
    const Json version = {{"name", "v1"},
                          {"served", true},
                          {"storage", true},
                          {"schema", {{"openAPIV3Schema", schema}}}};
    const Json names = {{"plural", "things"}, {"singular", "thing"}, {"kind", "Thing"}};
    definition_ = created(custom_resource_definitions(),
                          {{"apiVersion", "apiextensions.k8s.io/v1"},
                           {"kind", "CustomResourceDefinition"},
                           {"metadata", {{"name", concat("things.", kind_.group)}}},
                           {"spec",
                            {{"group", kind_.group},
                             {"scope", "Namespaced"},
                             {"names", names},
                             {"versions", Json::array({version})}}}});
  }
  ~CustomResources() override {
    if (!definition_.is_null()) remove_definition();
  }
  void remove_definition() {
    DeleteOptions how;
    how.uid = definition_["metadata"]["uid"];
    const ObjectName name{{}, definition_["metadata"]["name"]};
    EXPECT_TRUE(run(client_.remove(custom_resource_definitions(), name, how)));
    definition_ = nullptr;
  }

  Resource kind_;
  Json definition_;
};

TEST_F(CustomResources, AThousandAreListedWatchedAndGoWithTheirDefinition) {
  Discovery discovery(client_);
  run_until([&] {
    const Answer<Resource> found = run(discovery.resource(kind_.group, "Thing"));
    return found && *found == kind_ && listed(kind_, {}).has_value();
  });
  int failed = 0;
  TaskScope makers(loop_.get_executor());
  for (int part = 0; part < 10; ++part) {
    makers.spawn("maker",
                 create_things(&client_, kind_, space_, part * 100, part * 100 + 100, &failed));
  }
  run(makers.join());
  ASSERT_EQ(failed, 0);

  Specs specs;
  ReflectorOptions options;
  options.backoff = {.first = std::chrono::milliseconds(20),
                     .most = std::chrono::milliseconds(200)};
  Reflector<AnyView> reflector(client_, kind_, read_any_view, specs, options);
  TaskScope scope(loop_.get_executor());
  scope.spawn("reflector", reflector.run());
  run_until([&] { return reflector.freshness() == Freshness::kCurrent; });
  EXPECT_EQ(specs.told, (std::map<ChangeKind, int>{{ChangeKind::kAppeared, 1000}}));
  EXPECT_EQ(parsed(specs.present.at("thing-999")), (Json{{"number", 999}, {"text", "é漢字🐘"}}));

  ASSERT_TRUE(run(client_.merge_patch(kind_, object("thing-7"), R"({"spec":{"number":-7}})")));
  run_until([&] { return specs.told[ChangeKind::kChanged] == 1; });
  EXPECT_EQ(parsed(specs.present.at("thing-7"))["number"], -7);

  remove_definition();
  run_until([&] { return specs.present.empty(); });
  run_until([&] { return reflector.freshness() == Freshness::kStale; });
  EXPECT_EQ(specs.told[ChangeKind::kVanished], 1000);
  scope.cancel();
  run(scope.join());
}

TEST_F(CustomResources, ThatWereDefinedAMomentAgoAreCurrentSoonAndWithoutAWarning) {
  std::ostringstream said;
  const Log log(log_to(said), clock_, LogLevel::kInfo);
  Transport transport(loop_.get_executor(), cluster_config(), clock_, log, no_metrics());
  Client client(transport);
  Freshnesses told;
  ReflectorOptions options;
  options.backoff = {.first = std::chrono::milliseconds(20),
                     .most = std::chrono::milliseconds(200)};
  Reflector<AnyView> reflector(client, kind_, read_any_view, told, options);
  TaskScope scope(loop_.get_executor());
  scope.spawn("reflector", reflector.run());
  run_until([&] { return reflector.freshness() == Freshness::kCurrent; });
  // The watch goes on: nothing else than what it is to tell.
  ASSERT_TRUE(run(create_one(&client_, kind_, space_)));
  run_until([&] { return reflector.size() == 1; });
  EXPECT_THAT(told.states, testing::ElementsAre(Freshness::kCurrent));
  EXPECT_THAT(said.str(), testing::Not(testing::HasSubstr("\"warn\"")));
  scope.cancel();
  run(scope.join());
}

class CountsWarnings final : public ClientMetrics {
 public:
  void server_warned() override { ++warnings; }
  int warnings = 0;
};

TEST_F(CustomResources, OfADeprecatedVersionAreWarnedOfOnce) {
  Json versions = definition_["spec"]["versions"];
  versions[0]["deprecated"] = true;
  versions[0]["deprecationWarning"] = "things are out of fashion";
  const ObjectName name{{}, definition_["metadata"]["name"]};
  const Json patch = {{"spec", {{"versions", versions}}}};
  ASSERT_TRUE(run(client_.merge_patch(custom_resource_definitions(), name, patch.dump())));
  std::ostringstream said;
  const Log log(log_to(said), clock_, LogLevel::kInfo);
  CountsWarnings counts;
  Transport transport(loop_.get_executor(), cluster_config(), clock_, log, counts);
  Client client(transport);
  run_until([&] {
    (void)run(client.get(kind_, object("none")));
    return counts.warnings >= 2;
  });
  const std::string text = said.str();
  const std::size_t first = text.find("things are out of fashion");
  ASSERT_NE(first, std::string::npos) << text;
  EXPECT_EQ(text.find("things are out of fashion", first + 1), std::string::npos) << text;
}

}  // namespace
}  // namespace annals::k8s
