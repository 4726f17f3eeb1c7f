// The verbs of the client against the real API server.
#include "k8s/client/client.h"

#include <gmock/gmock.h>

#include "k8s/text/page_splitter.h"
#include "tests/integration/k8s/support/api_server.h"

namespace annals::k8s {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

class Verbs : public ApiServerTest {
 protected:
  DeleteOptions of(const Json& object) {
    DeleteOptions options;
    options.uid = object["metadata"]["uid"];
    return options;
  }
};

TEST_F(Verbs, ApplyCreatesAndIsIdempotent) {
  const std::string manifest = config_map("a", {{"key", "one"}}).dump();
  const Answer<std::string> first = run(client_.apply(config_maps(), object("a"), manifest));
  ASSERT_TRUE(first) << to_string(first.error());
  const Answer<std::string> again = run(client_.apply(config_maps(), object("a"), manifest));
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(parsed(*first)["metadata"]["resourceVersion"],
            parsed(*again)["metadata"]["resourceVersion"]);
  EXPECT_EQ(parsed(*first)["metadata"]["managedFields"][0]["manager"], "annals");
  EXPECT_EQ(fetched(config_maps(), "a")["data"]["key"], "one");
}

TEST_F(Verbs, ApplyConflictsNameTheFieldAndForceTakesItOver) {
  WriteOptions other;
  other.field_manager = "somebody";
  const std::string theirs = config_map("a", {{"key", "theirs"}}).dump();
  ASSERT_TRUE(run(client_.apply(config_maps(), object("a"), theirs, other)));
  const std::string ours = config_map("a", {{"key", "ours"}}).dump();
  const Answer<std::string> refused = run(client_.apply(config_maps(), object("a"), ours));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().conflict());
  EXPECT_EQ(refused.error().code(), Errc::kConflict);
  ASSERT_FALSE(refused.error().causes.empty());
  EXPECT_EQ(refused.error().causes[0].field, ".data.key");
  EXPECT_THAT(refused.error().causes[0].message, HasSubstr("somebody"));
  WriteOptions force;
  force.force = true;
  ASSERT_TRUE(run(client_.apply(config_maps(), object("a"), ours, force)));
  EXPECT_EQ(fetched(config_maps(), "a")["data"]["key"], "ours");
}

TEST_F(Verbs, DryRunChangesNothing) {
  WriteOptions dry;
  dry.dry_run = true;
  ASSERT_TRUE(
      run(client_.apply(config_maps(), object("a"), config_map("a", {{"k", "v"}}).dump(), dry)));
  const Answer<std::string> none = run(client_.get(config_maps(), object("a")));
  ASSERT_FALSE(none);
  EXPECT_TRUE(none.error().not_found());
  EXPECT_EQ(none.error().reason, "NotFound");
}

TEST_F(Verbs, CreateRefusesWhatExists) {
  const Json manifest = config_map("a", {{"k", "v"}});
  (void)created(config_maps(), manifest);
  const Answer<std::string> again = run(client_.create(config_maps(), space_, manifest.dump()));
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.error().already_exists());
}

TEST_F(Verbs, InvalidObjectsAreRefusedByField) {
  Json service = {{"apiVersion", "v1"},
                  {"kind", "Service"},
                  {"metadata", metadata("s")},
                  {"spec", {{"ports", Json::array({{{"port", 99999}}})}}}};
  const Answer<std::string> refused = run(client_.create(services(), space_, service.dump()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::kInvalid);
  EXPECT_EQ(refused.error().status, 422);
  ASSERT_FALSE(refused.error().causes.empty());
  EXPECT_THAT(refused.error().causes[0].field, HasSubstr("spec.ports[0]"));
}

TEST_F(Verbs, PatchesMergeAndEdit) {
  (void)created(config_maps(), config_map("a", {{"k", "v"}, {"gone", "soon"}}));
  const std::string merge = R"({"data":{"gone":null,"new":"é漢字🐘"}})";
  ASSERT_TRUE(run(client_.merge_patch(config_maps(), object("a"), merge)));
  const std::string edit =
      R"([{"op":"test","path":"/data/k","value":"v"},{"op":"add","path":"/data/k2","value":"2"}])";
  ASSERT_TRUE(run(client_.json_patch(config_maps(), object("a"), edit)));
  EXPECT_EQ(fetched(config_maps(), "a")["data"],
            (Json{{"k", "v"}, {"new", "é漢字🐘"}, {"k2", "2"}}));
}

TEST_F(Verbs, AReplaceOfAnOldVersionConflicts) {
  Json old = created(config_maps(), config_map("a", {{"k", "1"}}));
  ASSERT_TRUE(run(client_.merge_patch(config_maps(), object("a"), R"({"data":{"k":"2"}})")));
  old["data"]["k"] = "3";
  const Answer<std::string> refused = run(client_.replace(config_maps(), object("a"), old.dump()));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().conflict());
  EXPECT_EQ(refused.error().reason, "Conflict");
}

TEST_F(Verbs, DeleteHitsOnlyTheVeryObject) {
  const Json first = created(config_maps(), config_map("a", {}));
  ASSERT_TRUE(run(client_.remove(config_maps(), object("a"), of(first))));
  const Json second = created(config_maps(), config_map("a", {}));
  const Answer<void> namesake = run(client_.remove(config_maps(), object("a"), of(first)));
  ASSERT_FALSE(namesake);
  EXPECT_TRUE(namesake.error().conflict());
  DeleteOptions stale = of(second);
  stale.resource_version = "1";
  const Answer<void> changed = run(client_.remove(config_maps(), object("a"), stale));
  ASSERT_FALSE(changed);
  EXPECT_TRUE(changed.error().conflict());
  ASSERT_TRUE(run(client_.remove(config_maps(), object("a"), of(second))));
  const Answer<void> absent = run(client_.remove(config_maps(), object("a"), of(second)));
  ASSERT_FALSE(absent);
  EXPECT_TRUE(absent.error().not_found());
}

TEST_F(Verbs, ForegroundDeletionWaitsForFinalizers) {
  const Json made = created(config_maps(), config_map("a", {}));
  DeleteOptions options = of(made);
  options.propagation = Propagation::kForeground;
  ASSERT_TRUE(run(client_.remove(config_maps(), object("a"), options)));
  // The garbage collector takes the finalizer away; until then the object shows its deletion.
  run_until([&] { return !run(client_.get(config_maps(), object("a"))).has_value(); });
}

TEST_F(Verbs, StatusIsASubresource) {
  const Json spec = {{"type", "LoadBalancer"}, {"ports", Json::array({{{"port", 5432}}})}};
  (void)created(
      services(),
      {{"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", metadata("s")}, {"spec", spec}});
  const std::string status = R"({"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.7"}]}}})";
  ASSERT_TRUE(run(client_.merge_patch(services(), object("s"), status)));
  EXPECT_EQ(fetched(services(), "s")["status"]["loadBalancer"], Json::object())
      << "not by the main door";
  const Answer<std::string> patched =
      run(client_.merge_patch_status(services(), object("s"), status));
  ASSERT_TRUE(patched) << to_string(patched.error());
  EXPECT_EQ(fetched(services(), "s")["status"]["loadBalancer"]["ingress"][0]["ip"], "192.0.2.7");
}

TEST_F(Verbs, StatusIsAppliedLikeTheRest) {
  const Json spec = {{"type", "LoadBalancer"}, {"ports", Json::array({{{"port", 5432}}})}};
  Json service = {
      {"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", metadata("s")}, {"spec", spec}};
  (void)created(services(), service);
  service.erase("spec");
  service["status"]["loadBalancer"]["ingress"] = Json::array({{{"ip", "192.0.2.7"}}});
  const Answer<std::string> applied =
      run(client_.apply_status(services(), object("s"), service.dump()));
  ASSERT_TRUE(applied) << to_string(applied.error());
  EXPECT_EQ(fetched(services(), "s")["status"]["loadBalancer"]["ingress"][0]["ip"], "192.0.2.7");
}

TEST_F(Verbs, AnyTextComesBackAsItWas) {
  const Json data = {
      {"k", "é漢字🐘\x01\t\"\\ \x7f\u0085\u2028\ufeff\uffff"}, {"crlf", "a\r\nb"}, {"empty", ""}};
  ASSERT_TRUE(run(client_.apply(config_maps(), object("a"), config_map("a", data).dump())));
  EXPECT_EQ(fetched(config_maps(), "a")["data"], data);
  ASSERT_TRUE(run(client_.merge_patch(config_maps(), object("a"), Json{{"data", data}}.dump())));
  EXPECT_EQ(fetched(config_maps(), "a")["data"], data);
}

TEST_F(Verbs, ListsComeInPages) {
  for (int i = 0; i < 7; ++i) (void)created(config_maps(), config_map("c" + std::to_string(i), {}));
  ListOptions options;
  options.name_space = space_;
  options.label_selector = "test=" + space_;
  options.limit = 3;
  std::vector<std::size_t> sizes;
  do {
    sizes.push_back(0);
    const Answer<PageEnd> page = run(client_.list(config_maps(), options, [&](std::string_view) {
      ++sizes.back();
      return Result<void>();
    }));
    ASSERT_TRUE(page) << to_string(page.error());
    options.continue_token = page->continue_token;
  } while (!options.continue_token.empty());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 3, 1}));
}

TEST_F(Verbs, AMegabyteGoesThrough) {
  const std::string big(1'000'000, 'x');
  (void)created(config_maps(), config_map("big", {{"k", big}}));
  EXPECT_EQ(fetched(config_maps(), "big")["data"]["k"], big);
}

TEST_F(Verbs, AnUnknownKindIsNotFound) {
  const Answer<std::string> answer =
      run(client_.get({"nobody.example.com", "v1", "things"}, object("a")));
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().not_found());
}

}  // namespace
}  // namespace annals::k8s
