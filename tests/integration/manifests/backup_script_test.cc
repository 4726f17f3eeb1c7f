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
  // The exit status of `around`, in which $script is the Job's and comes with bash's options.
  int run(const std::string& around, const std::string& options = {}) const {
    const BackupJob backup{"lion-backup-bcdf", BackupPurpose::kManual, "repo1", {options}, "now"};
    const nlohmann::json job = nlohmann::json::parse(
        backup_job_manifest(cluster_of("lion", kInAStore), observed_hippo(), backup));
    const nlohmann::json& command = job["spec"]["template"]["spec"]["containers"][0]["command"];
    write("script", command[4].get<std::string>());
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
  EXPECT_EQ(read("output"), "<backup><--stanza=db><--repo=1><--annotation=a=b c>");
  stand_in("exit 0");
  EXPECT_EQ(run("job"), 0);
  EXPECT_EQ(read("output"), "");
}

TEST_F(BackupScript, WaitsForWhoeverHoldsTheLock) {
  stand_in("echo x >>tries; (($(wc --lines <tries) == 3)) || exit 50");
  EXPECT_EQ(run("job"), 0) << read("output");
  EXPECT_EQ(read("tries"), "x\nx\nx\n");
  EXPECT_EQ(read("output"), concat(kTriesAgain, "\n", kTriesAgain, "\n"));
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
