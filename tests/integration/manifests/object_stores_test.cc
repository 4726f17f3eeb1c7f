// A cluster's life with its only repository in an object store, for each kind of store, on a real
// server. One file and one segment of WAL are larger than what pgBackRest sends at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/concat.h"
#include "fsm/text/sentence.h"
#include "fsm/view/repository_trouble.h"
#include "tests/integration/manifests/stored_database.h"

namespace annals::manifests {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr StoreForTests kAzure{
    .kind = "azure",
    .repository = R"("azure": {"container": "backups"})",
    .options = R"("repo1-azure-endpoint": "localhost", "repo1-azure-uri-style": "path",
                  "repo1-storage-port": "10443")"};
constexpr StoreForTests kGcs{.kind = "gcs",
                             .repository = R"("gcs": {"bucket": "backups"})",
                             .options = R"("repo1-gcs-endpoint": "localhost:10444",
                  "repo1-storage-upload-chunk-size": "64MiB")"};
constexpr StoreForTests kS3{
    .kind = "s3",
    .repository =
        R"("s3": {"bucket": "backups", "endpoint": "localhost:8334", "region": "us-east-1"})",
    .options = R"("repo1-s3-uri-style": "path")"};

class ObjectStores : public testing::TestWithParam<StoreForTests> {
 protected:
  ObjectStores() { database_.start(); }

  // 45 MiB that compress to 30.
  void write_much() const {
    database_.sql(
        "CREATE TABLE much AS SELECT n, md5(random()::text) || md5(random()::text) || "
        "md5(random()::text) AS text FROM generate_series(1, 400000) n");
  }
  // As `info` tells them: "full incr".
  std::string backups() const {
    return database_.run(
        "pgbackrest --stanza=db --output=json --log-level-console=off info | "
        "jq --raw-output '[.[0].backup[].type] | join(\" \")'");
  }
  // Of which there are files, whatever the folders.
  std::string sets_with_files() const {
    return database_.run(
        "pgbackrest --log-level-console=off --output=json --recurse repo-ls backup/db | "
        "jq --raw-output '[to_entries[] | select(.value.type == \"file\") | .key | "
        "select(test(\"^[0-9]\")) | split(\"/\")[0]] | unique | length'");
  }
  std::string rows_on_replica() const { return database_.on_replica("SELECT count(*) FROM much"); }

  StoredDatabase database_{GetParam()};
};

TEST_P(ObjectStores, AClusterArchivesBacksUpExpiresAndIsCopiedFromThere) {
  ASSERT_EQ(database_.run_job(BackupPurpose::kStanza), 0) << database_.log();
  write_much();
  database_.await_archived(database_.switch_wal());
  ASSERT_EQ(database_.run_job(BackupPurpose::kReplicaCreate), 0) << database_.log();
  database_.sql("INSERT INTO much VALUES (-1, 'after the first')");
  ASSERT_EQ(database_.run_job(BackupPurpose::kManual, "--type=incr"), 0) << database_.log();
  EXPECT_EQ(backups(), "full incr");
  EXPECT_EQ(sets_with_files(), "2");

  database_.start_replica();
  database_.sql("INSERT INTO much VALUES (-2, 'after the second')");
  database_.await_archived(database_.switch_wal());
  database_.await(
      "[[ $(psql --host=$folder/replica-socket -XqAt -c 'SELECT count(*) FROM much') == 400002 ]]");
  EXPECT_EQ(rows_on_replica(), "400002");

  ASSERT_EQ(database_.run_job(BackupPurpose::kManual, "--type=full"), 0) << database_.log();
  EXPECT_EQ(backups(), "full");
  EXPECT_EQ(sets_with_files(), "1") << "what has expired is removed";
  EXPECT_THAT(database_.run("pgbackrest --stanza=db verify"), Not(HasSubstr("missing")));
  EXPECT_EQ(database_.leaked(), "");
}

// Kubernetes brings a changed Secret to the files of pods that go on. Each command of pgBackRest
// reads them when it begins, so nothing has to restart.
TEST_P(ObjectStores, CredentialsAreReplacedWhileWalIsArchived) {
  ASSERT_EQ(database_.run_job(BackupPurpose::kStanza), 0) << database_.log();
  database_.await_archived(database_.switch_wal());
  const std::string began = database_.sql("SELECT pg_postmaster_start_time()");
  database_.tell_store("rotate");
  database_.sql("CREATE TABLE meanwhile AS SELECT generate_series(1, 1000) n");
  const std::string first = database_.switch_wal();
  database_.await("grep --quiet 'failed with 403\\|unable to get authentication token' server.log");
  database_.sql("INSERT INTO meanwhile SELECT generate_series(1, 1000)");
  const std::string second = database_.switch_wal();
  database_.update_secret();
  for (const std::string& segment : {first, second}) {
    database_.await_archived(segment);
    EXPECT_THAT(database_.run(concat("pgbackrest --log-level-console=off repo-ls archive/db/15-1/",
                                     first.substr(0, 16))),
                HasSubstr(segment));
  }
  EXPECT_EQ(database_.sql("SELECT pg_postmaster_start_time()"), began);
  ASSERT_EQ(database_.run_job(BackupPurpose::kReplicaCreate), 0) << database_.log();
  EXPECT_EQ(database_.leaked(), "");
}

// ---- What is not there

struct MissingBucket {
  StoreForTests store;
  const char* command;  // that makes it

  friend void PrintTo(const MissingBucket& its, std::ostream* out) { PrintTo(its.store, out); }
};

MissingBucket missing(StoreForTests store, const char* repository, const char* command) {
  store.repository = repository;
  return {store, command};
}

class MissingBuckets : public testing::TestWithParam<MissingBucket> {};

TEST_P(MissingBuckets, AreToldWithTheCommandThatMakesThem) {
  const StoredDatabase database(GetParam().store);
  database.start();
  EXPECT_NE(database.run_job(BackupPurpose::kStanza), 0);
  const std::string error = fsm::error_of_pgbackrest(database.log());
  EXPECT_THAT(error, HasSubstr("404"));
  EXPECT_THAT(fsm::sentence(fsm::field_to_look_at(database.cluster(), "repo1", error)),
              HasSubstr(GetParam().command))
      << error;
}

INSTANTIATE_TEST_SUITE_P(Azure, MissingBuckets,
                         testing::Values(missing(kAzure, R"("azure": {"container": "not-there"})",
                                                 "az storage container create --name not-there")));
INSTANTIATE_TEST_SUITE_P(Gcs, MissingBuckets,
                         testing::Values(missing(kGcs, R"("gcs": {"bucket": "not-there"})",
                                                 "gcloud storage buckets create gs://not-there")));
INSTANTIATE_TEST_SUITE_P(
    S3, MissingBuckets,
    testing::Values(missing(
        kS3,
        R"("s3": {"bucket": "not-there", "endpoint": "localhost:8334", "region": "us-east-1"})",
        "aws s3 mb s3://not-there --region us-east-1 --endpoint-url https://localhost:8334")));

INSTANTIATE_TEST_SUITE_P(Azure, ObjectStores, testing::Values(kAzure));
INSTANTIATE_TEST_SUITE_P(Gcs, ObjectStores, testing::Values(kGcs));
INSTANTIATE_TEST_SUITE_P(S3, ObjectStores, testing::Values(kS3));

}  // namespace
}  // namespace annals::manifests
