// The command by which a person makes the bucket that is missing.
#include "fsm/view/bucket_command.h"

#include <gtest/gtest.h>

#include <string>

namespace annals::fsm {
namespace {

spec::Repository named(const std::string& name) {
  spec::Repository repo;
  repo.name = name;
  return repo;
}

spec::Repository in_s3(const std::string& bucket, const std::string& endpoint) {
  spec::Repository repo = named("repo2");
  repo.s3 = {.bucket = bucket, .endpoint = endpoint, .region = "eu-central-1"};
  return repo;
}

TEST(BucketCommand, IsOfTheStoresOwnTool) {
  EXPECT_EQ(bucket_command(in_s3("b", "s3.eu-central-1.amazonaws.com"), {}),
            "aws s3 mb s3://b --region eu-central-1");
  EXPECT_EQ(bucket_command(in_s3("b", "s3.example.com:8333"), {{"repo2-s3-region", "north"}}),
            "aws s3 mb s3://b --region north --endpoint-url https://s3.example.com:8333");
  spec::Repository gcs = named("repo1");
  gcs.gcs = {.bucket = "b"};
  EXPECT_EQ(bucket_command(gcs, {}), "gcloud storage buckets create gs://b");
  spec::Repository azure = named("repo1");
  azure.azure = {.container = "c"};
  EXPECT_EQ(bucket_command(azure, {}),
            "az storage container create --name c --account-name ACCOUNT");
  EXPECT_EQ(bucket_command(azure, {{"repo1-azure-account", "a"}}),
            "az storage container create --name c --account-name a");
}

TEST(BucketCommand, IsNoneWhereAShellWouldTakeANameForItsOwn) {
  EXPECT_EQ(bucket_command(in_s3("$(b)", "s3.example.com"), {}), "");
  EXPECT_EQ(bucket_command(in_s3("--b", "s3.example.com"), {}), "");
  EXPECT_EQ(bucket_command(in_s3("b", "s3.example.com; c"), {}), "");
  EXPECT_EQ(bucket_command(in_s3("", "s3.example.com"), {}), "");
  EXPECT_EQ(bucket_command(named("repo1"), {}), "") << "it is on a volume";
}

}  // namespace
}  // namespace annals::fsm
