// What a clone has to reach a repository that is none of its own.
#include "manifests/pgbackrest/clone_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "manifests/pgbackrest/repository_reader.h"
#include "tests/unit/manifests/clusters.h"

namespace annals::manifests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Projections: a Secret with a choice of keys, a ConfigMap that may be missing, and a token.
constexpr const char* kConfiguration =
    R"([{"secret":{"items":[{"key":"k","path":"s3.conf"}],"name":"keys"}},)"
    R"({"configMap":{"name":"ca","optional":true}},{"serviceAccountToken":{"path":"token"}}])";

Observed observed(const std::string& name_space) {
  Observed world = observed_hippo();
  world.source = CloneSource{.name_space = name_space,
                             .cluster = {},
                             .conf = "[global]\n",
                             .configuration = {kConfiguration}};
  return world;
}

std::string volume(const Observed& world) { return clone_source_volume(hippo(), world).dump(); }

TEST(CloneSourceTest, TakesTheUsersFilesAsTheyAreInItsNamespace) {
  const Observed world = observed(hippo().namespace_name);
  EXPECT_TRUE(clone_source_secrets(hippo(), world).empty());
  EXPECT_THAT(volume(world), HasSubstr(R"("name":"keys")"));
  EXPECT_THAT(volume(world), HasSubstr(R"("configMap":{"name":"ca","optional":true})"));
}

TEST(CloneSourceTest, CopiesThemFromAnother) {
  const Observed world = observed("elsewhere");
  const std::vector<CopiedSecret> copies = clone_source_secrets(hippo(), world);
  ASSERT_EQ(copies.size(), 2U);
  EXPECT_EQ(copies[0].secret.name, "hippo-pgbackrest-source-0");
  EXPECT_EQ(copies[0].from, "keys");
  EXPECT_THAT(copies[0].keys, ElementsAre("k"));
  EXPECT_FALSE(copies[0].of_config_map);
  EXPECT_EQ(copies[1].secret.name, "hippo-pgbackrest-source-1");
  EXPECT_TRUE(copies[1].of_config_map);
  EXPECT_TRUE(copies[1].optional);
  EXPECT_THAT(copies[1].keys, ElementsAre());
  EXPECT_THAT(volume(world), Not(HasSubstr(R"("name":"keys")")));
  EXPECT_THAT(volume(world),
              HasSubstr(R"("secret":{"name":"hippo-pgbackrest-source-1","optional":true})"));
  EXPECT_THAT(volume(world), HasSubstr("serviceAccountToken"));
}

TEST(CloneSourceTest, DescribedBackupsAreReadByTheirOwnConfiguration) {
  spec::StoredBackups backups;
  backups.repo.name = "repo3";
  backups.repo.gcs = {.bucket = "old"};
  backups.stanza = "zoo";
  backups.global = {{"repo3-path", "/backrestrepo/hippo"}};
  const std::string conf = clone_source(hippo(), backups).conf;
  EXPECT_THAT(conf, HasSubstr("repo3-gcs-bucket=old"));
  EXPECT_THAT(conf, HasSubstr("repo3-path=/backrestrepo/hippo"));
  EXPECT_THAT(conf, HasSubstr("[zoo]"));
  EXPECT_THAT(conf, Not(HasSubstr("repo1")));
}

TEST(RepositoryReaderTest, IsAnotherOneForAnotherConfiguration) {
  Observed world = observed("elsewhere");
  const std::string name = repository_reader_name(hippo(), world);
  EXPECT_TRUE(is_repository_reader("hippo", name));
  EXPECT_FALSE(is_repository_reader("hippo", "hippo-reader-abcd")) << "an instance of a set";
  world.source->conf += "repo1-s3-bucket=b\n";
  EXPECT_NE(repository_reader_name(hippo(), world), name);
  const Json set = repository_reader(hippo(), world);
  EXPECT_EQ(set["metadata"]["name"], repository_reader_name(hippo(), world));
  EXPECT_EQ(set["spec"]["template"]["spec"]["automountServiceAccountToken"], false);
}

}  // namespace
}  // namespace annals::manifests
