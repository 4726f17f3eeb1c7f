// Who we are to the real API server, and what we may: certificates, tokens, plugins, roles.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "k8s/credentials/in_cluster.h"
#include "k8s/watch/reflector.h"
#include "tests/integration/k8s/support/api_server.h"
#include "tests/integration/k8s/support/client_certificate.h"
#include "tests/integration/k8s/support/present.h"
#include "tests/support/any_view.h"

namespace annals::k8s {
namespace {

using Json = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using namespace std::chrono_literals;

class Access : public ApiServerTest {
 protected:
  Access() {
    std::string pattern = testing::TempDir() + "accessXXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~Access() override { std::filesystem::remove_all(directory_); }

  // The cluster's address and authority, and no credentials.
  Config stranger() {
    Config config = cluster_config();
    config.client_certificate = {};
    config.client_key = {};
    return config;
  }
  Answer<std::string> get_as(Config config, const std::string& name) {
    Transport transport(loop_.get_executor(), std::move(config), clock_, Log(), no_metrics());
    Client client(transport);
    return run(client.get(config_maps(), object(name)));
  }
  ClientCertificate certificate(std::chrono::seconds begins, std::chrono::seconds ends) {
    return make_client_certificate(cluster_file("pki/ca.crt"), cluster_file("pki/ca.key"),
                                   "visitor", begins, ends);
  }
  // Lets a service account of our namespace do that with ConfigMaps.
  void allow(const std::string& account, Json verbs) {
    const Json rules = Json::array(
        {{{"apiGroups", {""}}, {"resources", {"configmaps"}}, {"verbs", std::move(verbs)}}});
    (void)created(roles(), {{"apiVersion", "rbac.authorization.k8s.io/v1"},
                            {"kind", "Role"},
                            {"metadata", metadata(account)},
                            {"rules", rules}});
    (void)created(
        role_bindings(),
        {{"apiVersion", "rbac.authorization.k8s.io/v1"},
         {"kind", "RoleBinding"},
         {"metadata", metadata(account)},
         {"roleRef",
          {{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "Role"}, {"name", account}}},
         {"subjects",
          Json::array({{{"kind", "ServiceAccount"}, {"name", account}, {"namespace", space_}}})}});
  }

  std::filesystem::path directory_;
};

TEST_F(Access, AnExpiredClientCertificateIsRefusedAndAFreshOneIsNot) {
  Config config = stranger();
  const ClientCertificate expired = certificate(-2h, -1h);
  config.client_certificate.data = Secret(expired.certificate);
  config.client_key.data = Secret(expired.key);
  const Answer<std::string> refused = get_as(config, "a");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 401) << to_string(refused.error());
  EXPECT_EQ(refused.error().code(), Errc::kForbidden);
  const ClientCertificate fresh = certificate(-1h, 1h);
  config.client_certificate.data = Secret(fresh.certificate);
  config.client_key.data = Secret(fresh.key);
  EXPECT_THAT(get_as(config, "a").error().message, HasSubstr("\"visitor\" cannot get"))
      << "known by its name, though it may do nothing";
}

TEST_F(Access, ARotatedClientCertificateIsTakenUpWithoutARestart) {
  Config config = stranger();
  config.client_certificate.file = directory_ / "tls.crt";
  config.client_key.file = directory_ / "tls.key";
  const auto write = [&](const ClientCertificate& pair) {
    std::ofstream(config.client_certificate.file) << pair.certificate;
    std::ofstream(config.client_key.file) << pair.key;
  };
  write(certificate(-2h, -1h));
  ManualClock manual;
  Credentials credentials(loop_.get_executor(), config, manual);
  const std::uint64_t before = run(credentials.current()).value().generation;
  write(certificate(-1h, 1h));
  EXPECT_EQ(run(credentials.current()).value().generation, before) << "files are read in a while";
  manual.advance(61s);
  EXPECT_GT(run(credentials.current()).value().generation, before);
}

TEST_F(Access, InAPodTheMountedServiceAccountIsWhoWeAre) {
  const Config admin = cluster_config();
  std::ofstream(directory_ / "ca.crt") << cluster_file("pki/ca.crt");
  std::ofstream(directory_ / "token") << token_of("robot").reveal();
  std::ofstream(directory_ / "namespace") << space_;
  const Result<Config> config = in_cluster_config(
      {.host = admin.server.host, .port = admin.server.port, .account = directory_});
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->name_space, space_);
  allow("robot", {"get"});
  (void)created(config_maps(), config_map("a", {{"k", "v"}}));
  run_until([&] { return get_as(*config, "a").has_value(); });  // roles take effect in a moment
}

TEST_F(Access, ADenialNamesWhoMayNotDoWhat) {
  Config config = stranger();
  config.token.data = token_of("robot");
  allow("robot", {"get"});
  const Json made = created(config_maps(), config_map("a", {}));
  Transport transport(loop_.get_executor(), config, clock_, Log(), no_metrics());
  Client robot(transport);
  run_until([&] { return run(robot.get(config_maps(), object("a"))).has_value(); });
  DeleteOptions how;
  how.uid = made["metadata"]["uid"];
  const Answer<void> denied = run(robot.remove(config_maps(), object("a"), how));
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().trouble, Trouble::kRefused);
  EXPECT_EQ(denied.error().status, 403);
  EXPECT_EQ(denied.error().code(), Errc::kForbidden);
  EXPECT_THAT(denied.error().message, AllOf(HasSubstr(concat(space_, ":robot")),
                                            HasSubstr("cannot delete resource \"configmaps\"")));
  EXPECT_EQ(run(robot.apply(config_maps(), object("b"), config_map("b", {}).dump())).error().status,
            403);
  EXPECT_EQ(fetched(config_maps(), "a")["metadata"]["uid"], made["metadata"]["uid"]);
}

TEST_F(Access, AWatchThatIsDeniedKnowsNothingUntilItIsAllowed) {
  Config config = stranger();
  config.token.data = token_of("robot");
  (void)created(config_maps(), config_map("a", {}));
  Transport transport(loop_.get_executor(), config, clock_, Log(), no_metrics());
  Client robot(transport);
  Present<AnyView> told;
  const ReflectorOptions options = own_objects({.first = 20ms, .most = 100ms});
  Reflector<AnyView> reflector(robot, config_maps(), read_any_view, told, options);
  TaskScope scope(loop_.get_executor());
  scope.spawn("reflector", reflector.run());
  run(pause_for(500ms));
  EXPECT_EQ(reflector.freshness(), Freshness::kUnknown);
  EXPECT_EQ(told.told, 0U);
  allow("robot", {"get", "list", "watch"});
  run_until([&] { return reflector.freshness() == Freshness::kCurrent; });
  EXPECT_EQ(told.told, 1U);
  EXPECT_EQ(told.states, std::vector{Freshness::kCurrent});
  scope.cancel();
  run(scope.join());
}

TEST_F(Access, ACredentialPluginsCertificateOrTokenOpensTheDoor) {
  (void)created(config_maps(), config_map("a", {}));
  const Config admin = cluster_config();
  const auto use = [&](const Json& status) {
    Config config = stranger();
    ExecPlugin& plugin = config.exec.emplace();
    plugin.user = "me";
    plugin.api_version = "client.authentication.k8s.io/v1beta1";
    plugin.command = "cat";
    plugin.arguments = {directory_ / "credential"};
    std::ofstream(directory_ / "credential")
        << Json{{"apiVersion", plugin.api_version}, {"kind", "ExecCredential"}, {"status", status}};
    return get_as(config, "a");
  };
  const Answer<std::string> by_certificate =
      use({{"clientCertificateData", admin.client_certificate.data.reveal()},
           {"clientKeyData", admin.client_key.data.reveal()}});
  EXPECT_TRUE(by_certificate) << to_string(by_certificate.error());
  const Answer<std::string> by_token = use({{"token", token_of("robot").reveal()}});
  ASSERT_FALSE(by_token);
  EXPECT_THAT(by_token.error().message, HasSubstr(concat(space_, ":robot\" cannot get")));
  EXPECT_EQ(use({{"token", "forged"}}).error().status, 401);
}

}  // namespace
}  // namespace annals::k8s
