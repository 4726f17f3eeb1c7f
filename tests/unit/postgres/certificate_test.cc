#include "postgres/tls/certificate.h"

#include <gmock/gmock.h>

#include "postgres/tls/certificate_check.h"

namespace annals::postgres {
namespace {

using std::chrono::days;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr Timestamp kNow{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}};

KeyPair root_at(Timestamp time) { return make_root(kRootCommonName, time).value(); }

const std::vector<std::string> kNames{"hippo-primary.ns.svc.cluster.local.", "hippo-primary.ns.svc",
                                      "*.hippo-pods.ns"};

LeafRequest request() { return {.common_name = kNames.front(), .dns_names = kNames}; }

TEST(MakeRoot, MakesACaForTenYearsThatBeginsInThePast) {
  const KeyPair root = root_at(kNow);
  const CertificateInfo info = parse_certificate(root.certificate).value();
  EXPECT_TRUE(info.is_ca);
  EXPECT_EQ(info.common_name, "postgres-operator-ca");
  EXPECT_EQ(info.issuer, info.common_name);
  EXPECT_EQ(info.not_before, kNow - kBackdate);
  EXPECT_EQ(info.not_after, kNow + days(3650));
  EXPECT_TRUE(key_matches(root).value());
}

TEST(MakeRoot, WritesTheKeyInTheFormThatPgoWrites) {
  EXPECT_THAT(std::string(root_at(kNow).key.reveal()),
              StartsWith("-----BEGIN EC PRIVATE KEY-----"));
}

TEST(MakeLeaf, CarriesTheNamesInTheirOrderAndLastsAYear) {
  const KeyPair leaf = make_leaf(root_at(kNow), request(), kNow).value();
  const CertificateInfo info = parse_certificate(leaf.certificate).value();
  EXPECT_FALSE(info.is_ca);
  EXPECT_EQ(info.common_name, kNames.front());
  EXPECT_EQ(info.dns_names, kNames);
  EXPECT_EQ(info.not_before, kNow - kBackdate);
  EXPECT_EQ(info.not_after, kNow + days(365));
  EXPECT_TRUE(key_matches(leaf).value());
}

TEST(MakeLeaf, HasASerialOf128BitsThatNoOtherHas) {
  const KeyPair root = root_at(kNow);
  const auto serial = [&] {
    return parse_certificate(make_leaf(root, request(), kNow).value().certificate).value().serial;
  };
  const std::string first = serial();
  EXPECT_EQ(first.size(), 32U);
  EXPECT_NE(first, serial());
}

TEST(MakeLeaf, NeverOutlivesItsCa) {
  const KeyPair root = root_at(kNow - days(3600));
  const KeyPair leaf = make_leaf(root, request(), kNow).value();
  EXPECT_EQ(parse_certificate(leaf.certificate).value().not_after, kNow + days(50));
}

TEST(MakeLeaf, TakesARoleNameForAClient) {
  const LeafRequest client{
      .common_name = "_crunchyrepl", .dns_names = {"_crunchyrepl"}, .usage = Usage::kClient};
  const KeyPair leaf = make_leaf(root_at(kNow), client, kNow).value();
  EXPECT_THAT(parse_certificate(leaf.certificate).value().dns_names, ElementsAre("_crunchyrepl"));
}

TEST(MakeLeaf, WorksAfterTheYear2050) {
  const Timestamp later = kNow + days(9000);
  const KeyPair root = root_at(later);
  const KeyPair leaf = make_leaf(root, request(), later).value();
  EXPECT_EQ(parse_certificate(leaf.certificate).value().not_after, later + days(365));
  EXPECT_TRUE(verify_leaf(leaf.certificate, root.certificate, kNames, later));
}

TEST(CommonNameOf, IsTheFirstNameThatFits) {
  const std::string long_name = std::string(40, 'a') + '.' + std::string(40, 'b');
  EXPECT_EQ(common_name_of(kNames), kNames.front());
  EXPECT_EQ(common_name_of(std::vector<std::string>{long_name, "short.ns"}), "short.ns");
  EXPECT_EQ(common_name_of(std::vector<std::string>{long_name}), std::string(40, 'a'));
  EXPECT_EQ(common_name_of(std::vector<std::string>{std::string(80, 'a')}), std::string(64, 'a'));
  EXPECT_EQ(common_name_of({}), "");
}

// What cannot be made.

TEST(MakeLeaf, RefusesNamesThatACertificateCannotCarry) {
  const KeyPair root = root_at(kNow);
  for (const std::string& name : {"", "a b", "a,DNS:evil", "a\nb", "ä"}) {
    const Result<KeyPair> leaf = make_leaf(root, {.common_name = "x", .dns_names = {name}}, kNow);
    ASSERT_FALSE(leaf) << name;
    EXPECT_EQ(leaf.error().code, Errc::kInvalid);
  }
  EXPECT_FALSE(make_leaf(root, {.common_name = ""}, kNow));
  EXPECT_FALSE(make_leaf(root, {.common_name = std::string(65, 'a')}, kNow));
  EXPECT_FALSE(make_root("a\nb", kNow));
}

TEST(MakeLeaf, RefusesToSignWithWhatIsNoCa) {
  const KeyPair root = root_at(kNow);
  const KeyPair leaf = make_leaf(root, request(), kNow).value();
  EXPECT_THAT(make_leaf(leaf, request(), kNow).error().detail, HasSubstr("not a CA"));
  EXPECT_THAT(make_leaf(root, request(), kNow + days(3651)).error().detail, HasSubstr("expired"));
  EXPECT_THAT(make_leaf({root.certificate, leaf.key}, request(), kNow).error().detail,
              HasSubstr("key mismatch"));
  EXPECT_THAT(make_leaf({}, request(), kNow).error().detail, HasSubstr("unreadable"));
}

}  // namespace
}  // namespace annals::postgres
