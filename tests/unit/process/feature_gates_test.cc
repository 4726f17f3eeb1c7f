#include "process/feature_gates.h"

#include <gmock/gmock.h>

namespace annals::process {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(FeatureGatesTest, NamesWhatHasNoEffect) {
  const FeatureGates gates = read_feature_gates("TablespaceVolumes=true, AllBeta=false,");
  EXPECT_THAT(gates.without_effect, ElementsAre("TablespaceVolumes=true", "AllBeta=false"));
  EXPECT_THAT(gates.unknown, IsEmpty());
  EXPECT_THAT(gates.malformed, IsEmpty());
}

TEST(FeatureGatesTest, NamesMisspellings) {
  EXPECT_THAT(read_feature_gates("TablespaceVolume=true,X=false").unknown,
              ElementsAre("TablespaceVolume", "X"));
}

TEST(FeatureGatesTest, NamesWhatIsNoGate) {
  EXPECT_THAT(read_feature_gates("AllAlpha,AllBeta=yes,=true,InstanceSidecars = true").malformed,
              ElementsAre("AllAlpha", "AllBeta=yes", "=true"));
}

TEST(FeatureGatesTest, AreNoneInAnEmptyText) {
  const FeatureGates gates = read_feature_gates(" , ");
  EXPECT_THAT(gates.without_effect, IsEmpty());
  EXPECT_THAT(gates.unknown, IsEmpty());
  EXPECT_THAT(gates.malformed, IsEmpty());
}

}  // namespace
}  // namespace annals::process
