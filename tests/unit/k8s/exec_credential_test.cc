#include "k8s/credentials/exec_credential.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "k8s/text/rfc3339.h"

namespace annals::k8s {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kV1 = "client.authentication.k8s.io/v1";
constexpr std::string_view kBeta = "client.authentication.k8s.io/v1beta1";

std::string credential(std::string_view version, const std::string& status) {
  return concat(R"({"kind":"ExecCredential","apiVersion":")", version, R"(","status":)", status,
                "}");
}

TEST(ExecCredentials, AreATokenOrACertificateWithItsKey) {
  for (const std::string_view version : {kV1, kBeta}) {
    const Result<ExecCredential> token = read_exec_credential(
        credential(version, R"({"token":"t0ken","expirationTimestamp":"2026-11-21T09:00:00Z"})"),
        version);
    ASSERT_TRUE(token) << to_string(token.error());
    EXPECT_EQ(token->token.reveal(), "t0ken");
    EXPECT_EQ(annals::to_string(*token->expires), "2026-11-21T09:00:00.000000Z");
  }
  const Result<ExecCredential> pair = read_exec_credential(
      credential(kV1, R"({"clientCertificateData":"C","clientKeyData":"K"})"), kV1);
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->certificate.reveal(), "C");
  EXPECT_EQ(pair->key.reveal(), "K");
  EXPECT_FALSE(pair->expires);
}

TEST(ExecCredentials, ThatAreNoneSayWhyAndQuoteNothing) {
  const auto refusal = [](const std::string& text) {
    const Result<ExecCredential> read = read_exec_credential(text, kV1);
    return read ? std::string("accepted") : read.error().detail;
  };
  EXPECT_THAT(refusal("s3cret"), AllOf(HasSubstr("no ExecCredential"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(refusal(""), HasSubstr("no ExecCredential"));
  EXPECT_THAT(refusal("{}"), HasSubstr("kind"));
  EXPECT_THAT(refusal(credential(kBeta, R"({"token":"s3cret"})")),
              AllOf(HasSubstr("v1beta1"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(
      refusal(R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"})"),
      HasSubstr("no status"));
  EXPECT_THAT(refusal(credential(kV1, "{}")), HasSubstr("neither a token"));
  EXPECT_THAT(refusal(credential(kV1, R"({"token":"s3cret","clientKeyData":"K"})")),
              AllOf(HasSubstr("only one"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(refusal(credential(kV1, R"({"token":"s3cret","expirationTimestamp":"soon"})")),
              AllOf(HasSubstr("expirationTimestamp"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(refusal(credential(kV1, R"({"token":7})")), HasSubstr("no ExecCredential"));
}

TEST(ExecInfo, TellsThePluginWhatItMayKnow) {
  Config config;
  config.server = {true, "h", "6443", "/p"};
  config.tls_server_name = "kubernetes";
  config.exec.emplace().api_version = kV1;
  const Json brief = Json::parse(exec_info(config, "ca"));
  EXPECT_EQ(
      brief,
      (Json{{"kind", "ExecCredential"}, {"apiVersion", kV1}, {"spec", {{"interactive", false}}}}));
  config.exec->provide_cluster_info = true;
  const Json cluster = Json::parse(exec_info(config, "ca"))["spec"]["cluster"];
  EXPECT_EQ(cluster["server"], "https://h:6443/p");
  EXPECT_EQ(cluster["tls-server-name"], "kubernetes");
  EXPECT_EQ(cluster["certificate-authority-data"], "Y2E=");
}

TEST(Rfc3339, IsReadInAllItsForms) {
  const auto read = [](std::string_view text) {
    const Result<Timestamp> time = parse_rfc3339(text);
    return time ? annals::to_string(*time) : "refused";
  };
  EXPECT_EQ(read("2026-01-31T08:05:00Z"), "2026-01-31T08:05:00.000000Z");
  EXPECT_EQ(read("2026-01-31t08:05:00.5z"), "2026-01-31T08:05:00.500000Z");
  EXPECT_EQ(read("2026-01-31T08:05:00.1234567899+02:30"), "2026-01-31T05:35:00.123456Z");
  EXPECT_EQ(read("2026-01-31T23:05:00-01:00"), "2026-02-01T00:05:00.000000Z");
  EXPECT_EQ(read("1969-12-31T23:59:59Z"), "1969-12-31T23:59:59.000000Z");
  for (const char* bad :
       {"", "now", "2026-01-31", "2026-01-31T08:05:00", "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T08:05:00.Z",
        "2026-01-31T08:05:00+2:00", "2026-01-31T08:05:00Z ", "2026-01-31T08:05:00Z\n"}) {
    EXPECT_EQ(read(bad), "refused") << bad;
  }
}

}  // namespace
}  // namespace annals::k8s
