#include "k8s/credentials/kubeconfig.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace annals::k8s {
namespace {

using testing::HasSubstr;

std::string kubeconfig(const std::string& cluster, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: here\n"
         "contexts:\n- name: here\n  context: {cluster: c, user: u, namespace: space}\n"
         "- name: there\n  context: {cluster: c, user: nobody}\n"
         "clusters:\n- name: c\n  cluster: {" +
         cluster +
         "}\n"
         "users:\n- name: u\n  user: {" +
         user + "}\n";
}

Result<Config> parse(const std::string& cluster, const std::string& user) {
  return parse_kubeconfig(kubeconfig(cluster, user), {.context = {}, .directory = "/etc/kube"});
}

std::string refusal(const std::string& cluster, const std::string& user) {
  const Result<Config> config = parse(cluster, user);
  return config ? "accepted" : config.error().detail;
}

TEST(Kubeconfig, TakesEmbeddedMaterialAndFiles) {
  const Result<Config> config = parse(
      "server: 'https://h:6443', certificate-authority-data: Y2E=, tls-server-name: kubernetes",
      "client-certificate: pki/me.crt, client-key: /abs/me.key, token: t0ken");
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->server.authority(), "h:6443");
  EXPECT_EQ(config->tls_server_name, "kubernetes");
  EXPECT_EQ(config->name_space, "space");
  EXPECT_EQ(config->certificate_authority.data.reveal(), "ca");
  EXPECT_EQ(config->client_certificate.file, "/etc/kube/pki/me.crt");
  EXPECT_EQ(config->client_key.file, "/abs/me.key");
  EXPECT_EQ(config->token.data.reveal(), "t0ken");
}

TEST(Kubeconfig, ATokenFileWinsOverAToken) {
  const Result<Config> config = parse("server: 'https://h'", "token: old, tokenFile: token");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->token.file, "/etc/kube/token");
  EXPECT_TRUE(config->token.data.empty());
}

TEST(Kubeconfig, ExecPluginsAreTaken) {
  const Result<Config> config =
      parse("server: 'https://h'",
            "exec: {apiVersion: client.authentication.k8s.io/v1, command: get-token, args: [a, "
            "'1'], env: [{name: N, value: V}]}");
  ASSERT_TRUE(config) << to_string(config.error());
  ASSERT_TRUE(config->exec);
  EXPECT_EQ(config->exec->arguments, (std::vector<std::string>{"a", "1"}));
  EXPECT_EQ(config->exec->environment.at(0).value, "V");
}

TEST(Kubeconfig, WhatCannotBeHonouredIsRefusedByName) {
  const std::string server = "server: 'https://h'";
  EXPECT_THAT(refusal(server + ", proxy-url: 'http://p'", ""), HasSubstr("proxy-url"));
  EXPECT_THAT(refusal(server, "auth-provider: {name: gcp}"), HasSubstr("auth-provider"));
  EXPECT_THAT(refusal(server, "username: u, password: hunter2"), HasSubstr("username"));
  EXPECT_THAT(refusal(server, "username: u, password: hunter2"), Not(HasSubstr("hunter2")));
  EXPECT_THAT(refusal(server, "as: admin"), HasSubstr("as is not supported"));
  EXPECT_THAT(
      refusal(server, "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}"),
      HasSubstr("v1alpha1"));
  EXPECT_THAT(refusal(server, "client-certificate-data: Y2E="), HasSubstr("needs its key"));
  EXPECT_THAT(refusal(server + ", insecure-skip-tls-verify: true, certificate-authority: ca", ""),
              HasSubstr("exclude"));
  EXPECT_THAT(refusal(server + ", certificate-authority-data: '*'", ""), HasSubstr("base64"));
  EXPECT_THAT(refusal("server: nowhere", ""), HasSubstr("server URL"));
}

TEST(Kubeconfig, NamesThatLeadNowhereAreNamed) {
  const std::string text = kubeconfig("server: 'https://h'", "");
  EXPECT_THAT(parse_kubeconfig(text, {.context = "there", .directory = {}}).error().detail,
              HasSubstr("no user named 'nobody'"));
  EXPECT_THAT(parse_kubeconfig(text, {.context = "else", .directory = {}}).error().detail,
              HasSubstr("no context named 'else'"));
}

TEST(Kubeconfig, WhatIsNoYamlOrNoMappingIsAnErrorThatQuotesNothing) {
  for (const char* bad : {"", "[]", "a: [", "token: 'secret", "\t", "contexts: 7", "&a [*a", "%"}) {
    const Result<Config> config = parse_kubeconfig(bad, {});
    ASSERT_FALSE(config) << bad;
    EXPECT_THAT(config.error().detail, Not(HasSubstr("secret")));
  }
  EXPECT_FALSE(parse_kubeconfig(std::string(100'000, '['), {}));
}

}  // namespace
}  // namespace annals::k8s
