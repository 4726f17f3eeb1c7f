// Which repositories of object stores are one place.
#include "fsm/view/store_place.h"

#include <gtest/gtest.h>

namespace annals::fsm {
namespace {

spec::Repository s3(const std::string& name, const std::string& endpoint = "s3.example.com") {
  spec::Repository repo;
  repo.name = name;
  repo.s3 = {.bucket = "backups", .endpoint = endpoint, .region = "north"};
  return repo;
}

StorePlace place(const spec::Repository& repo, const GlobalOptions& global = {}) {
  return store_place(repo, global).value_or(StorePlace());
}

TEST(StorePlaceTest, IsKindBucketHostAndPath) {
  EXPECT_EQ(to_string(place(s3("repo2"))),
            "s3 bucket backups at s3.example.com, path /pgbackrest/repo2");
  EXPECT_FALSE(place(s3("repo1")).is_that_of(place(s3("repo2"))));
  EXPECT_TRUE(place(s3("repo1"), {{"repo1-path", "/one"}})
                  .is_that_of(place(s3("repo2"), {{"repo2-path", "/one/"}})));
  EXPECT_FALSE(place(s3("repo1")).is_that_of(place(s3("repo1", "other.example.com"))));
  EXPECT_FALSE(place(s3("repo1")).is_that_of(place(s3("repo1"), {{"repo1-s3-bucket", "b"}})));
}

TEST(StorePlaceTest, AnEndpointHasSeveralWritings) {
  const StorePlace plain = place(s3("repo1"));
  for (const char* writing : {"https://s3.example.com", "S3.Example.com:443", "s3.example.com/"})
    EXPECT_TRUE(plain.is_that_of(place(s3("repo1", writing)))) << writing;
  EXPECT_TRUE(
      plain.is_that_of(place(s3("repo1", "elsewhere"), {{"repo1-s3-endpoint", "s3.example.com"}})));
  EXPECT_FALSE(plain.is_that_of(place(s3("repo1", "s3.example.com:9000"))));
  EXPECT_TRUE(place(s3("repo1", "s3.example.com:9000"))
                  .is_that_of(place(s3("repo1"), {{"repo1-storage-port", "9000"}})));
}

TEST(StorePlaceTest, KindsAreApartAndAVolumeHasNone) {
  spec::Repository gcs;
  gcs.name = "repo1";
  gcs.gcs = {.bucket = "backups"};
  spec::Repository azure;
  azure.name = "repo1";
  azure.azure = {.container = "backups"};
  EXPECT_EQ(to_string(place(gcs)), "gcs bucket backups, path /pgbackrest/repo1");
  EXPECT_EQ(to_string(place(azure)), "azure container backups, path /pgbackrest/repo1");
  EXPECT_FALSE(place(gcs).is_that_of(place(azure)));
  spec::Repository volume;
  volume.name = "repo1";
  volume.volume.emplace();
  EXPECT_FALSE(store_place(volume, {}));
  EXPECT_EQ(store_places({volume, gcs, s3("repo3")}, {}).size(), 2U);
}

}  // namespace
}  // namespace annals::fsm
