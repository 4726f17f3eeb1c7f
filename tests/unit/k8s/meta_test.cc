#include "k8s/lens/meta.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace annals::k8s {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr std::string_view kObject =
    R"({"metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"77","generation":3,)"
    R"("labels":{"app":"x","example.com/role":"first","other.example.com/role":"second"},)"
    R"("ownerReferences":[{"uid":"o-1","controller":true},{"uid":"o-2"}]},"spec":{"uid":"s"}})";

TEST(Meta, TellsAnObjectFromOthers) {
  JsonReader reader;
  const Result<ObjectMeta> meta = read_meta(reader, kObject);
  ASSERT_TRUE(meta) << to_string(meta.error());
  EXPECT_EQ(meta->key, (ObjectKey{"n", "a", "u"}));
  EXPECT_EQ(meta->resource_version, "77");
  EXPECT_EQ(meta->generation, 3);
  EXPECT_EQ(meta->controller_uid, "o-1");
  EXPECT_FALSE(meta->deleting());
}

TEST(Meta, HasTheLabelsOfThePrefixThatIsAskedFor) {
  JsonReader reader;
  EXPECT_THAT(read_meta(reader, kObject).value().labels, IsEmpty());
  EXPECT_THAT(read_meta(reader, kObject, "example.com/").value().labels,
              ElementsAre(Pair("role", "first")));
}

TEST(Meta, NeedsANameAndAUid) {
  JsonReader reader;
  EXPECT_FALSE(read_meta(reader, "{}"));
  EXPECT_FALSE(read_meta(reader, R"({"metadata":{"name":7,"uid":"u"}})"));
  EXPECT_FALSE(read_meta(reader, ""));
  EXPECT_FALSE(read_meta(reader, R"({"metadata":{"name":"a","uid":"u"}} trailing)"));
}

}  // namespace
}  // namespace annals::k8s
