#include "postgres/tls/certificate_check.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

namespace annals::postgres {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::MatchesRegex;

constexpr Timestamp kChecked{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}};

// PKCS#8, as other tools write keys; it belongs to no certificate here.
constexpr std::string_view kPkcs8Key = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg7rdhBvz6n3zaFPIU
XsMR5w/Ae6gJJhXmnXgL7Y6yuHKhRANCAAQ+YElBzmyCojmxZJxKRoCylbdWUbY/
9h/goDYpUAaQKE6MpE9q8r4/iGrgMPk4ZSE5Cvf7YE91MuIxDtWsZv96
-----END PRIVATE KEY-----
)";

class Leaf : public testing::Test {
 protected:
  static std::vector<std::string> names() {
    return {"hippo-primary.ns.svc", "hippo-primary.ns", "*.hippo-pods.ns"};
  }
  static LeafRequest wanted() { return {.common_name = names().front(), .dns_names = names()}; }

  std::optional<RenewalReason> reason(const KeyPair& leaf, Timestamp now) const {
    const std::optional<Renewal> renewal = needs_renewal(leaf, root_.certificate, wanted(), now);
    return renewal ? std::optional(renewal->reason) : std::nullopt;
  }

  KeyPair root_ = make_root(kRootCommonName, kChecked).value();
  KeyPair other_root_ = make_root(kRootCommonName, kChecked).value();
  KeyPair leaf_ = make_leaf(root_, wanted(), kChecked).value();
};

TEST_F(Leaf, IsAcceptedUnderEachOfItsNamesAndUnderTheWildcard) {
  const std::vector<std::string> hosts{"hippo-primary.ns.svc", "hippo-primary.ns",
                                       "hippo-0.hippo-pods.ns"};
  EXPECT_TRUE(verify_leaf(leaf_.certificate, root_.certificate, hosts, kChecked));
}

TEST_F(Leaf, IsAcceptedWhenItsCaIsOneOfSeveral) {
  const std::string both = other_root_.certificate + root_.certificate;
  const std::vector<std::string> host{"hippo-primary.ns.svc"};
  EXPECT_TRUE(verify_leaf(leaf_.certificate, both, host, kChecked));
  EXPECT_FALSE(needs_renewal(leaf_, both, wanted(), kChecked));
}

TEST_F(Leaf, IsRefusedUnderAnotherNameByAnotherCaAndOutsideItsTime) {
  const std::vector<std::string> other{"pg.example.com"};
  const auto refusal = [&](std::string_view ca, const std::vector<std::string>& hosts,
                           Timestamp now) {
    const Result<void> verified = verify_leaf(leaf_.certificate, ca, hosts, now);
    return verified ? std::string("accepted") : verified.error().detail;
  };
  EXPECT_THAT(refusal(root_.certificate, other, kChecked), HasSubstr("not for pg.example.com"));
  EXPECT_THAT(refusal(other_root_.certificate, {}, kChecked),
              HasSubstr("unable to get local issuer"));
  EXPECT_THAT(refusal(root_.certificate, {}, kChecked + days(366)), HasSubstr("expired"));
  EXPECT_THAT(refusal(root_.certificate, {}, kChecked - hours(2)), HasSubstr("not yet valid"));
  EXPECT_THAT(refusal("", {}, kChecked), HasSubstr("read CA"));
}

TEST_F(Leaf, HasAFingerprintAndASerialInHexadecimal) {
  const CertificateInfo info = parse_certificate(leaf_.certificate).value();
  EXPECT_THAT(info.fingerprint, MatchesRegex("[0-9a-f]{64}"));
  EXPECT_THAT(info.serial, MatchesRegex("[0-9a-f]{32}"));
  EXPECT_EQ(info.issuer, kRootCommonName);
}

TEST_F(Leaf, NeedsNoRenewalForTwoThirdsOfItsLife) {
  EXPECT_EQ(reason(leaf_, kChecked), std::nullopt);
  const Timestamp due = kChecked + days(365) - Duration{days(365) + hours(1)} / 3;
  EXPECT_EQ(reason(leaf_, due), std::nullopt);
  EXPECT_EQ(reason(leaf_, due + seconds(1)), RenewalReason::kLastThird);
}

TEST_F(Leaf, NeedsRenewalOutsideItsTime) {
  EXPECT_EQ(reason(leaf_, kChecked + days(365)), RenewalReason::kLastThird);
  EXPECT_EQ(reason(leaf_, kChecked + days(365) + seconds(1)), RenewalReason::kExpired);
  EXPECT_EQ(reason(leaf_, kChecked - hours(2)), RenewalReason::kNotYetValid);
}

TEST_F(Leaf, NeedsRenewalWhenTheNamesChangeButNotForTheirOrder) {
  LeafRequest changed = wanted();
  std::ranges::reverse(changed.dns_names);
  EXPECT_FALSE(needs_renewal(leaf_, root_.certificate, changed, kChecked));
  changed.dns_names.emplace_back("hippo-primary");
  const std::optional<Renewal> renewal = needs_renewal(leaf_, root_.certificate, changed, kChecked);
  ASSERT_TRUE(renewal);
  EXPECT_EQ(to_string(*renewal),
            "names changed: DNS names are hippo-primary.ns.svc, hippo-primary.ns, *.hippo-pods.ns, "
            "expected *.hippo-pods.ns, hippo-primary.ns, hippo-primary.ns.svc, hippo-primary");
  changed = wanted();
  changed.common_name = "other";
  EXPECT_EQ(needs_renewal(leaf_, root_.certificate, changed, kChecked)->reason,
            RenewalReason::kNamesChanged);
}

TEST_F(Leaf, NeedsRenewalWhenAnotherCaOfTheSameNameIsTrusted) {
  const std::optional<Renewal> renewal =
      needs_renewal(leaf_, other_root_.certificate, wanted(), kChecked);
  ASSERT_TRUE(renewal);
  EXPECT_EQ(renewal->reason, RenewalReason::kOtherCa);
  EXPECT_EQ(needs_renewal(leaf_, "junk", wanted(), kChecked)->reason, RenewalReason::kOtherCa);
}

TEST_F(Leaf, NeedsRenewalWhenItOrItsKeyIsMissingOrBroken) {
  EXPECT_EQ(reason({leaf_.certificate, root_.key}, kChecked), RenewalReason::kKeyMismatch);
  EXPECT_EQ(reason({leaf_.certificate, Secret(std::string(kPkcs8Key))}, kChecked),
            RenewalReason::kKeyMismatch);
  EXPECT_EQ(reason({leaf_.certificate, Secret()}, kChecked), RenewalReason::kUnreadable);
  EXPECT_EQ(reason({"", leaf_.key}, kChecked), RenewalReason::kUnreadable);
  EXPECT_EQ(reason({leaf_.certificate.substr(0, 200), leaf_.key}, kChecked),
            RenewalReason::kUnreadable);
}

TEST_F(Leaf, MayBeFollowedByOtherCertificatesButNotByABrokenOne) {
  EXPECT_TRUE(verify_leaf(leaf_.certificate + root_.certificate, root_.certificate, {}, kChecked));
  const std::string broken = leaf_.certificate + "-----BEGIN CERTIFICATE-----\nMIIB\n";
  EXPECT_FALSE(verify_leaf(broken, root_.certificate, {}, kChecked));
}

TEST_F(Leaf, DoesNotMakeARoot) {
  EXPECT_FALSE(root_needs_renewal(root_, kChecked));
  EXPECT_FALSE(root_needs_renewal(root_, kChecked + days(3650)));
  EXPECT_EQ(root_needs_renewal(root_, kChecked + days(3651))->reason, RenewalReason::kExpired);
  EXPECT_EQ(root_needs_renewal(leaf_, kChecked)->reason, RenewalReason::kNotCa);
  EXPECT_EQ(root_needs_renewal({root_.certificate, leaf_.key}, kChecked)->reason,
            RenewalReason::kKeyMismatch);
}

// What a stranger may put in a Secret.

TEST(LoadKey, NeverAsksForAPassphrase) {
  const KeyPair root = make_root("r", kChecked).value();
  const Secret encrypted(std::string(R"(-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-256-CBC,0123456789ABCDEF0123456789ABCDEF

bm90IHJlYWxseSBlbmNyeXB0ZWQgYnV0IHRoYXQgaXMgZW5vdWdoIHRvIGFzaw==
-----END EC PRIVATE KEY-----
)"));
  EXPECT_FALSE(key_matches({root.certificate, encrypted}));
}

RC_GTEST_PROP(ParseCertificate, SurvivesAnyDamage, ()) {
  static const std::string kGood = make_root("r", kChecked).value().certificate;
  std::string text = kGood;
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  text[at] = *rc::gen::arbitrary<char>();
  const Result<CertificateInfo> info = parse_certificate(text);
  if (info) RC_ASSERT(info->fingerprint.size() == 64U);
}

RC_GTEST_PROP(ParseCertificate, RefusesWhatIsNone, (const std::string& text)) {
  RC_ASSERT(!parse_certificate(text));
}

}  // namespace
}  // namespace annals::postgres
