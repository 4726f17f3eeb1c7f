#include "actions/custom_tls_authority.h"

#include <gtest/gtest.h>

#include "actions/secret_material.h"
#include "actions/sql_login.h"
#include "postgres/tls/certificate.h"
#include "postgres/tls/certificate_check.h"

namespace annals::actions {
namespace {

postgres::Authority signing(const postgres::KeyPair& pair) {
  return postgres::Authority::open(pair).value();
}

using postgres::KeyPair;

constexpr Timestamp kNow{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}};

class CustomTlsAuthority : public testing::Test {
 protected:
  static KeyPair leaf(const KeyPair& root, const std::string& common_name,
                      std::vector<std::string> dns_names = {}) {
    return postgres::make_leaf(
               root, {.common_name = common_name, .dns_names = std::move(dns_names)}, kNow)
        .value();
  }
  static SecretData data(const KeyPair& pair, const std::string& authority) {
    return {{"c", Secret(pair.certificate)}, {"k", pair.key}, {"a", Secret(authority)}};
  }
  std::string refusal(const SecretData& data) const {
    const Result<std::string> authority = authority_of(custom_tls_, data);
    return authority ? "accepted" : authority.error().detail;
  }

  KeyPair root_ = postgres::make_root("zoo", kNow).value();
  KeyPair ours_ = postgres::make_root(postgres::kRootCommonName, kNow).value();
  manifests::CustomTlsCertificate custom_tls_{.field = "spec.customReplicationTLSSecret",
                                              .secret = "zoo",
                                              .certificate_key = "c",
                                              .private_key_key = "k",
                                              .authority_key = "a",
                                              .common_name = "_crunchyrepl"};
};

TEST_F(CustomTlsAuthority, IsTakenWithoutWhatElseStandsBesideIt) {
  const KeyPair replication = leaf(root_, "_crunchyrepl");
  const std::string with_key =
      "a comment\n" + std::string(root_.key.reveal()) + root_.certificate + ours_.certificate;
  const Result<std::string> authority = authority_of(custom_tls_, data(replication, with_key));
  ASSERT_TRUE(authority) << to_string(authority.error());
  EXPECT_EQ(*authority, root_.certificate + ours_.certificate);
}

TEST_F(CustomTlsAuthority, IsTrustedUntilItEndsWhenItIsTakenOut) {
  manifests::CertificateSecret recipe;
  manifests::Leaf server;
  server.common_name = "hippo-primary";
  server.files = {{.key = "ca.crt", .content = manifests::Content::kAuthority}};
  recipe.leaves = {server};
  const auto trusted = [&](const KeyPair& own, const std::string& others, const SecretData& before,
                           Timestamp now) {
    return std::string(
        value_of(make_material(recipe, signing(own), others, before, now).value(), "ca.crt")
            .reveal());
  };
  const std::string both = ours_.certificate + root_.certificate;
  EXPECT_EQ(trusted(ours_, root_.certificate, {}, kNow), both);
  const SecretData before{{"ca.crt", Secret(both)}};
  EXPECT_EQ(trusted(ours_, root_.certificate, before, kNow), both) << "once is enough";
  EXPECT_EQ(trusted(ours_, "", before, kNow), both) << "pods still show what it signed";
  const KeyPair renewed = postgres::make_root(postgres::kRootCommonName, kNow).value();
  EXPECT_EQ(trusted(renewed, "", before, kNow), renewed.certificate + root_.certificate)
      << "one of our own that was replaced is trusted no more";
  const Timestamp end = postgres::parse_certificate(root_.certificate)->not_after;
  const KeyPair later = postgres::make_root(postgres::kRootCommonName, end).value();
  EXPECT_EQ(trusted(later, "", before, end), later.certificate);
}

TEST_F(CustomTlsAuthority, AMistakeIsNamedByItsKey) {
  const KeyPair replication = leaf(root_, "_crunchyrepl");
  SecretData lacking = data(replication, root_.certificate);
  lacking.erase("a");
  EXPECT_EQ(refusal(lacking), "it has no key a");
  EXPECT_EQ(refusal(data({replication.certificate, root_.key}, root_.certificate)),
            "k is not the private key of c");
  EXPECT_EQ(refusal(data(leaf(root_, "repl"), root_.certificate)),
            "c needs the common name _crunchyrepl");
  EXPECT_EQ(refusal(data(replication, ours_.certificate)).find("a is not the CA of c"), 0U);
  EXPECT_EQ(refusal(data({"canary", replication.key}, root_.certificate)).find("c: "), 0U);
  const std::string no_key =
      refusal(data({replication.certificate, Secret("canary")}, root_.certificate));
  EXPECT_EQ(no_key.find("k: "), 0U) << no_key;
  EXPECT_EQ(no_key.find("canary"), std::string::npos);
}

TEST_F(CustomTlsAuthority, IsTrustedBesideOursInTheSecretsThatPodsMount) {
  manifests::CertificateSecret recipe;
  recipe.leaves = {{.common_name = "hippo",
                    .dns_names = {"hippo"},
                    .server = true,
                    .files = {{"tls.crt", manifests::Content::kCertificate},
                              {"tls.key", manifests::Content::kPrivateKey},
                              {"ca.crt", manifests::Content::kAuthority}}}};
  const Result<SecretData> made =
      make_material(recipe, signing(ours_), root_.certificate, {}, kNow);
  ASSERT_TRUE(made);
  EXPECT_EQ(value_of(*made, "ca.crt").reveal(), ours_.certificate + root_.certificate);
  const Result<SecretData> again = make_material(recipe, signing(ours_), "", *made, kNow);
  EXPECT_EQ(value_of(*again, "tls.crt").reveal(), value_of(*made, "tls.crt").reveal());
}

TEST_F(CustomTlsAuthority, AServerIsAskedForByANameThatItsCertificateHas) {
  using Names = std::vector<std::string>;
  const std::string host = "hippo-primary.ns.svc";
  const auto asked = [&](const KeyPair& pair) {
    return names_to_ask_for(host, pair.certificate, root_.certificate, kNow);
  };
  EXPECT_EQ(asked(leaf(root_, "db", {"db.example.com", host})), Names{host});
  EXPECT_EQ(asked(leaf(root_, "db", {"db.example.com"})), (Names{"db.example.com", host}));
  EXPECT_EQ(asked(leaf(root_, "db", {"*.example.com"})), (Names{"any.example.com", host}));
  EXPECT_EQ(asked(leaf(root_, "db")), (Names{"db", host}));
  EXPECT_EQ(names_to_ask_for(host, "", root_.certificate, kNow), Names{host}) << "not there yet";
}

}  // namespace
}  // namespace annals::actions
