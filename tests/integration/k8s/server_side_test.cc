// Discovery, Events and reviews against the real API server.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "k8s/client/events.h"
#include "k8s/discovery/discovery.h"
#include "k8s/discovery/reviews.h"
#include "tests/integration/k8s/support/api_server.h"

namespace annals::k8s {
namespace {

using Json = nlohmann::json;
using testing::Contains;
using testing::HasSubstr;

class ServerSide : public ApiServerTest {};

TEST_F(ServerSide, DiscoveryFindsTheServedVersionOfAKind) {
  Discovery discovery(client_);
  const Answer<Resource> cron_job = run(discovery.resource("batch", "CronJob"));
  ASSERT_TRUE(cron_job) << to_string(cron_job.error());
  EXPECT_EQ(cron_job->plural, "cronjobs");
  ListOptions one;
  one.name_space = space_;
  EXPECT_TRUE(listed(*cron_job, one)) << "and it is served under that version";
  EXPECT_EQ(run(discovery.resource("apps", "StatefulSet")).value(), stateful_sets());
  EXPECT_EQ(run(discovery.resource("", "Pod")).value(), pods());
  EXPECT_FALSE(run(discovery.resource("", "Namespace")).value().namespaced);
  EXPECT_TRUE(run(discovery.resource("nobody.example.com", "Thing")).error().not_found());
  EXPECT_TRUE(run(discovery.resource("apps", "Thing")).error().not_found());
}

TEST_F(ServerSide, TheSameEventAgainRaisesACount) {
  EventRecorder recorder(client_, "annals-0");
  const Json about = created(config_maps(), config_map("a", {}));
  EventNote note{"v1",
                 "ConfigMap",
                 {space_, "a", about["metadata"]["uid"]},
                 EventType::kWarning,
                 "TestFailed",
                 "Testing",
                 "it did not work"};
  for (int i = 0; i < 3; ++i) {
    const Answer<void> recorded = run(recorder.record(note));
    ASSERT_TRUE(recorded) << to_string(recorded.error());
  }
  note.note = "something else";
  ASSERT_TRUE(run(recorder.record(note)));
  ListOptions options;
  options.name_space = space_;
  std::vector<std::string> seen;
  for (const Json& event : listed({"events.k8s.io", "v1", "events"}, options).value()) {
    if (event["reason"] == "TestFailed")
      seen.push_back(
          concat(event["note"].get<std::string>(), event.value("/series/count"_json_pointer, 1)));
  }
  EXPECT_THAT(seen, testing::UnorderedElementsAre("it did not work3", "something else1"));
}

TEST_F(ServerSide, ReviewsTellWhoSomebodyIsAndWhatTheyMay) {
  const Secret token = token_of("robot");
  const Answer<TokenVerdict> verdict = run(review_token(&client_, token));
  ASSERT_TRUE(verdict) << to_string(verdict.error());
  EXPECT_TRUE(verdict->authenticated);
  EXPECT_EQ(verdict->user.name, concat("system:serviceaccount:", space_, ":robot"));
  EXPECT_THAT(verdict->user.groups, Contains("system:serviceaccounts"));
  EXPECT_FALSE(run(review_token(&client_, Secret("forged"))).value().authenticated);
  const AccessQuestion question{verdict->user, "get", "", "secrets", space_, "any"};
  EXPECT_FALSE(run(review_access(&client_, question)).value().allowed);
  AccessQuestion admin = question;
  admin.user = {"kubernetes-admin", "", {"system:masters"}};
  EXPECT_TRUE(run(review_access(&client_, admin)).value().allowed);
}

TEST_F(ServerSide, ATokenIsReadAgainWhenTheServerRefusesIt) {
  const std::string path = testing::TempDir() + "token-" + space_;
  std::ofstream(path) << "outdated";
  Config config = cluster_config();
  config.client_certificate = {};
  config.client_key = {};
  config.token.file = path;
  Transport transport(loop_.get_executor(), config, clock_, Log(), no_metrics());
  Client robot(transport);
  const Answer<std::string> refused = run(robot.get(config_maps(), object("a")));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 401);
  std::ofstream(path) << token_of("robot").reveal() << "\n";
  const Answer<std::string> forbidden = run(robot.get(config_maps(), object("a")));
  ASSERT_FALSE(forbidden);
  EXPECT_EQ(forbidden.error().status, 403) << "known, but not allowed";
  EXPECT_EQ(forbidden.error().code(), Errc::kForbidden);
  EXPECT_THAT(forbidden.error().message,
              HasSubstr(concat("system:serviceaccount:", space_, ":robot")));
  std::filesystem::remove(path);
  EXPECT_EQ(run(robot.get(config_maps(), object("a"))).error().status, 403)
      << "what was read stays in use";
}

TEST_F(ServerSide, ACertificateForAnotherHostIsRefused) {
  Config config = cluster_config();
  config.tls_server_name = "somewhere.example.com";
  Transport transport(loop_.get_executor(), config, clock_, Log(), no_metrics());
  Client client(transport);
  const Answer<std::string> answer = run(client.get(namespaces(), {{}, space_}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().trouble, Trouble::kNotSent);
  EXPECT_THAT(answer.error().message, HasSubstr("ostname mismatch"));
}

TEST_F(ServerSide, ACertificateOfAnUnknownAuthorityIsRefused) {
  Config config = cluster_config();
  config.certificate_authority = {};
  Transport transport(loop_.get_executor(), config, clock_, Log(), no_metrics());
  Client client(transport);
  const Answer<std::string> answer = run(client.get(namespaces(), {{}, space_}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().trouble, Trouble::kNotSent);
  EXPECT_THAT(answer.error().message, HasSubstr("certificate"));
}

}  // namespace
}  // namespace annals::k8s
