// What is remembered is used only for what it was: another authority, or none, has to be asked for.
#include "actions/recollection.h"

#include <gtest/gtest.h>

#include <chrono>

#include "actions/secret_data.h"
#include "fsm/model/intent.h"

namespace annals::actions {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kRecollected{std::chrono::sys_days{2026y / 1 / 2}};
const k8s::ObjectName kSecret{"ns", "pgo-root-cacert"};

postgres::Authority authority() {
  return postgres::Authority::open(postgres::make_root("ca", kRecollected).value()).value();
}

TEST(Recollection, GivesAnAuthorityOnlyByItsMark) {
  Recollection recollection;
  const postgres::Authority first = authority();
  recollection.remember(kSecret, first);
  const std::string mark = mark_of(first.certificate());
  ASSERT_TRUE(recollection.authority(kSecret, mark));
  EXPECT_EQ(recollection.authority(kSecret, mark)->certificate(), first.certificate());
  EXPECT_FALSE(recollection.authority({"other", kSecret.name}, mark));
  recollection.remember(kSecret, authority());
  EXPECT_FALSE(recollection.authority(kSecret, mark)) << "it was replaced";
  EXPECT_FALSE(recollection.authority(kSecret, "")) << "the intent names none";
}

TEST(Recollection, HoldsNoMoreThanItMay) {
  Recollection recollection(2);
  for (const char* uid : {"a", "b", "c"}) recollection.remember(ClusterUid(uid), "1");
  EXPECT_FALSE(recollection.version(ClusterUid("a")));
  EXPECT_EQ(recollection.version(ClusterUid("c")), "1");
  recollection.forget(ClusterUid("c"));
  EXPECT_FALSE(recollection.version(ClusterUid("c")));
}

TEST(SignerOf, IsTheAuthorityThatAnIntentNames) {
  EXPECT_EQ(fsm::signer_of({.ref = {}, .digest = "abc by def", .recipe = {}}), "def");
  EXPECT_EQ(fsm::signer_of({.ref = {}, .digest = "abc", .recipe = {}}), "");
}

// The API server refuses it where anything stands: keys are never written over.
TEST(SecretManifest, OfWhatIsNotThereIsOfAVersionThatNothingHas) {
  manifests::SecretObject object;
  object.name = "a";
  const std::string manifest = secret_manifest(object, {}, {}, {ClusterIdentity{}}, kNothingThere);
  EXPECT_NE(manifest.find(R"("resourceVersion":"1")"), std::string::npos);
}

}  // namespace
}  // namespace annals::actions
