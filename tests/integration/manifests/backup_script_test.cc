// The command of a Job that backs up to an object store: its script, run for real, against the lock
// of a real pgBackRest and against a program that stands in for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "base/concat.h"
#include "manifests/pgbackrest/backup_jobs.h"
#include "tests/integration/manifests/restored_database.h"
#include "tests/unit/manifests/clusters.h"

namespace annals::manifests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kInAStore = R"json({
  "postgresVersion": 15,
  "instances": [{"name": "a", "dataVolumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
                 "resources": {"requests": {"storage": "1Gi"}}}}],
  "backups": {"pgbackrest": {"repos": [{"name": "repo1", "azure": {"container": "c"}}]}}
})json";
constexpr const char* kTriesAgain = "another pgBackRest command holds the lock: trying again";
constexpr int kLocked = 50;
constexpr int kTold = 143;

class BackupScript : public testing::Test {
 protected:
  BackupScript() {
    std::string pattern = testing::TempDir() + "backup-script-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(folder_ / "bin");
  }
  ~BackupScript() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  void stand_in(const std::string& script) const {
    write("bin/pgbackrest", concat("#!/bin/bash\n", script));
    std::filesystem::permissions(folder_ / "bin/pgbackrest", std::filesystem::perms::owner_all);
  }
  std::string read(const std::string& name) const {
    std::ifstream in(folder_ / name);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  static std::string script_with(const std::string& options) {
    const BackupJob backup{"lion-backup-bcdf", BackupPurpose::kManual, "repo1", {options}, "now"};
    const nlohmann::json job = nlohmann::json::parse(
        backup_job_manifest(cluster_of("lion", kInAStore), observed_hippo(), backup));
    return job["spec"]["template"]["spec"]["containers"][0]["command"][4].get<std::string>();
  }
  // The exit status of `around`, in which $script is the Job's and comes with bash's options.
  int run(const std::string& around, const std::string& options = {}) const {
    write("script", script_with(options));
    write("around", concat("job() { bash -ceuo pipefail -- \"$(cat script)\" pgbackrest; }\n"
                           "export LOCK_PAUSE=0.2\n",
                           around));
    const std::string folder = folder_.string();
    const int status = std::system(
        concat("cd ", folder, " && PATH=", folder, "/bin:$PATH bash around >output 2>&1").c_str());
    return WEXITSTATUS(status);
  }

  std::filesystem::path folder_;
};

TEST_F(BackupScript, EndsAsPgBackRestEnds) {
  stand_in(R"(printf '<%s>' "$@"; exit 75)");
  EXPECT_EQ(run("job", "--annotation='a=b c'"), 75) << "which is tried again by nobody here";
  EXPECT_EQ(read("output"),
            "<backup><--stanza=db><--repo=1><--annotation=a=b c><--no-expire-auto>");
  stand_in(R"([[ $1 != info ]] || echo '{"error":false}')");
  EXPECT_EQ(run("job"), 0);
  EXPECT_EQ(read("output"), "");
}

TEST_F(BackupScript, WaitsForWhoeverHoldsTheLock) {
  stand_in(R"([[ $1 == backup ]] || { echo '"error":false'; exit 0; }
echo x >>tries; (($(wc --lines <tries) == 3)) || exit 50)");
  EXPECT_EQ(run("job"), 0) << read("output");
  EXPECT_EQ(read("tries"), "x\nx\nx\n");
  EXPECT_THAT(read("output"), HasSubstr(concat(kTriesAgain, "\n", kTriesAgain, "\n")));
}

TEST_F(BackupScript, ExpiresWithTheSameRetentionOnceTheBackupIsKnownToBeGood) {
  stand_in(R"(echo "$@" >>calls; [[ $1 != info ]] || echo '"error":false')");
  EXPECT_EQ(run("job", "--type=full --repo1-retention-full=3"), 0) << read("output");
  EXPECT_EQ(read("calls"),
            "backup --stanza=db --repo=1 --type=full --repo1-retention-full=3 --no-expire-auto\n"
            "info --stanza=db --repo=1 --output=json\n"
            "expire --stanza=db --repo=1 --repo1-retention-full=3\n");
  stand_in(R"(echo "$@" >>calls-2; [[ $1 != info ]] || echo "WARN: unreadable")");
  EXPECT_EQ(run("job"), 0);
  EXPECT_THAT(read("calls-2"), Not(HasSubstr("expire --stanza")));
  stand_in(R"(echo "$@" >calls-3)");
  EXPECT_EQ(run("job", "--no-expire-auto"), 0);
  EXPECT_EQ(read("calls-3"), "backup --stanza=db --repo=1 --no-expire-auto\n")
      << "as a person says";
}

TEST_F(BackupScript, AnExpireThatFailsIsToldAndALockedOneIsNot) {
  constexpr const char* kFails = R"(case $1 in info) echo '"error":false';; expire) exit )";
  stand_in(concat(kFails, "104; esac"));
  EXPECT_EQ(run("job"), 104);
  stand_in(concat(kFails, "50; esac"));
  EXPECT_EQ(run("job"), 0);
}

// As pgBackRest does it by itself, the second backup would have removed the first.
TEST_F(BackupScript, ABackupWithDamagedPagesExpiresNothing) {
  const RestoredDatabase database;
  const std::string job =
      concat("cat >$folder/job <<'END'\n", script_with("--type=full"),
             "\nEND\nbash -ceuo pipefail -- \"$(cat $folder/job)\" pgbackrest 2>&1");
  database.run("sed --in-place '/^repo1-path/a repo1-retention-full=1' $PGBACKREST_CONFIG");
  database.write(1);
  EXPECT_THAT(database.run(job), Not(HasSubstr("nothing expires")));
  const std::string good = database.last_backup();
  database.sql("CHECKPOINT");
  database.run(concat("printf XXXXXXXX | dd of=$data/",
                      database.sql("SELECT pg_relation_filepath('t')"),
                      " bs=1 seek=4000 conv=notrunc status=none"));
  EXPECT_THAT(database.run(job),
              AllOf(HasSubstr("invalid page checksum"), HasSubstr("nothing expires while it is")));
  const std::string faulty = database.last_backup();
  EXPECT_NE(faulty, good);
  EXPECT_TRUE(database.succeeds(concat("[[ -d $repo/backup/db/", good, " ]]")));

  database.sql("DROP TABLE t");
  EXPECT_THAT(database.run(job), HasSubstr("nothing expires while it is there"));
  EXPECT_TRUE(database.succeeds(concat("[[ -d $repo/backup/db/", good, " ]]")));
  database.run(concat("pgbackrest expire --stanza=db --repo=1 --set=", faulty));
  EXPECT_THAT(database.run(job), Not(HasSubstr("nothing expires")));
  EXPECT_FALSE(database.succeeds(concat("[[ -d $repo/backup/db/", good, " ]]")));
}

TEST_F(BackupScript, DoesNotWaitForEver) {
  stand_in("echo x >>tries; exit 50");
  EXPECT_EQ(run("export LOCK_SECONDS=1; job"), kLocked);
  EXPECT_THAT(read("tries"), HasSubstr("x\nx\n"));
}

// A pod that is deleted ends its first process only.
TEST_F(BackupScript, EndsPgBackRestBeforeItselfWhenItIsToldTo) {
  stand_in("trap 'sleep 0.3; echo ended >ended; exit 63' TERM; : >begun; sleep 60 & wait");
  constexpr const char* kTell = R"bash(
bash -ceuo pipefail -- "$(cat script)" pgbackrest & told=$!
until [[ -e begun ]]; do sleep 0.05; done
kill "$told"
wait "$told"
)bash";
  EXPECT_EQ(run(kTell), kTold);
  EXPECT_EQ(read("ended"), "ended\n");
}

// The lock is released when the first line of the second attempt is about to be written; without a
// server that attempt fails otherwise.
TEST_F(BackupScript, KnowsTheLockOfARealPgBackRest) {
  constexpr const char* kHold = R"bash(
export PGBACKREST_LOCK_PATH=$PWD/lock PGBACKREST_REPO1_PATH=$PWD/repo PGBACKREST_PG1_PATH=$PWD/data
export PGBACKREST_LOG_LEVEL_FILE=off PGBACKREST_CONFIG=$PWD/none
mkdir lock repo data
: >none
exec 9>lock/db-backup.lock
flock 9
job 9>&- 2>job.log & running=$!
until grep --quiet --no-messages 'trying again' job.log; do sleep 0.05; done
exec 9>&-
status=0
wait "$running" || status=$?
cat job.log
exit "$status"
)bash";
  const int status = run(kHold);
  EXPECT_NE(status, kLocked);
  EXPECT_NE(status, 0);
  EXPECT_THAT(read("output"),
              AllOf(HasSubstr("[050]"), HasSubstr(kTriesAgain), Not(HasSubstr("command not"))));
}

}  // namespace
}  // namespace annals::manifests
