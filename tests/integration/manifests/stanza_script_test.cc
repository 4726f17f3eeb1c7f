// The command of a Job that makes the stanza of one repository of several, run with a real
// pgBackRest and a real server: stanza-create by itself takes all repositories, and ends with the
// first that it does not reach.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "base/concat.h"
#include "manifests/pgbackrest/backup_jobs.h"
#include "manifests/pgbackrest/pgbackrest_config.h"
#include "tests/integration/manifests/restored_database.h"
#include "tests/unit/manifests/clusters.h"

namespace annals::manifests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Stores, of which each Job makes the stanza in its own pod. What they are here says conf.d.
constexpr const char* kThreeStores = R"json({
  "postgresVersion": 15,
  "instances": [{"name": "a", "dataVolumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
                 "resources": {"requests": {"storage": "1Gi"}}}}],
  "backups": {"pgbackrest": {"global": {"io-timeout": "1"}, "repos": [
    {"name": "repo1", "azure": {"container": "c"}}, {"name": "repo2", "azure": {"container": "c"}},
    {"name": "repo3", "azure": {"container": "c"}}]}}
})json";

// The user's keys are in a file of their own, as in pods.
constexpr const char* kConfigure = R"bash(
mkdir --parents "$folder/conf.d"
: >"$folder/none"
cat >"$folder/conf.d/pgbackrest_cloud.conf" <<END
[global]
io-timeout=1
lock-path=$folder/lock
log-level-file=off
repo1-path=$repo
repo2-path=/pgbackrest/repo2
repo2-s3-bucket=b
repo2-s3-endpoint=localhost:1
repo2-s3-region=r
repo2-s3-uri-style=path
repo2-type=s3
repo3-path=$third
[db]
pg1-path=$data
pg1-socket-path=$folder/socket
END
printf '[global]\nrepo2-s3-key=key\n  repo2-s3-key-secret=secret' >"$folder/conf.d/keys.conf"
)bash";

class StanzaScript : public testing::Test {
 protected:
  // What it says, and how it ends.
  std::string make_stanza(const std::string& repo) const {
    const BackupJob stanza{"lion-stanza-bcdf", BackupPurpose::kStanza, repo, {}, {}};
    const nlohmann::json job = nlohmann::json::parse(
        backup_job_manifest(cluster_of("lion", kThreeStores), observed_hippo(), stanza));
    std::string script =
        job["spec"]["template"]["spec"]["containers"][0]["command"][4].get<std::string>();
    const std::string conf = "/etc/pgbackrest/conf.d";
    for (std::size_t at = script.find(conf); at != script.npos; at = script.find(conf))
      script.replace(at, conf.size(), "\"$folder\"/conf.d");
    return database_.run(
        concat("export folder LOCK_PAUSE=0.2 LOCK_SECONDS=30\ncat >$folder/stanza <<'SCRIPT'\n",
               script, "\nSCRIPT\nstatus=0\n",
               R"sh(bash -ceuo pipefail -- "$(cat $folder/stanza)" pgbackrest 2>&1 || status=$?)sh",
               "\necho exit status $status"));
  }
  void configure(const std::string& third) const {
    database_.run(concat("third=", third, kConfigure));
  }

  RestoredDatabase database_;
};

TEST_F(StanzaScript, MakesTheOneAndNeedsNoOther) {
  configure("$folder/third");
  EXPECT_THAT(database_.run("pgbackrest --config=$folder/none --config-include-path=$folder/conf.d "
                            "--stanza=db stanza-create 2>&1 || true"),
              HasSubstr("unable to connect to 'localhost:1"))
      << "pgBackRest by itself needs all of them";
  EXPECT_EQ(make_stanza("repo3"), "exit status 0");
  EXPECT_TRUE(database_.succeeds("[[ -s $folder/third/archive/db/archive.info ]]"));
  EXPECT_EQ(make_stanza("repo3"), "exit status 0") << "it is there, and valid";
  const std::string lost = make_stanza("repo2");
  EXPECT_THAT(lost, HasSubstr("ERROR: [HostConnectError] unable to connect to 'localhost:1"));
  EXPECT_THAT(lost, HasSubstr("exit status 1"));
}

// As it is left where the process or the store goes between its first file and the next.
TEST_F(StanzaScript, OneThatWasInterruptedIsBegunAnew) {
  configure("$folder/third");
  ASSERT_EQ(make_stanza("repo3"), "exit status 0");
  const auto interrupt = [this](const char* since) {
    database_.run(
        concat("cd $folder/third && rm -rf backup archive/db/archive.info.copy && touch --date='",
               since, "' archive/db/archive.info"));
  };
  interrupt("now");
  EXPECT_THAT(make_stanza("repo3"),
              AllOf(HasSubstr("backup.info is missing"), HasSubstr("exit status 55")))
      << "somebody may be making it";
  interrupt("2 minutes ago");
  EXPECT_THAT(make_stanza("repo3"),
              AllOf(HasSubstr("was interrupted: beginning anew"), HasSubstr("exit status 0")));
  EXPECT_TRUE(database_.succeeds("[[ -s $folder/third/backup/db/backup.info ]]"));

  interrupt("2 minutes ago");
  database_.run("mkdir -p $folder/third/backup/db && : >$folder/third/backup/db/backup.history");
  EXPECT_THAT(make_stanza("repo3"), HasSubstr("exit status 55")) << "backups may be there";

  interrupt("2 minutes ago");
  database_.run(
      "mkdir -p $folder/third/archive/db/15-1/0000000100000000 && "
      "echo wal >$folder/third/archive/db/15-1/0000000100000000/000000010000000000000001");
  EXPECT_THAT(make_stanza("repo3"),
              AllOf(HasSubstr("backup.info is missing"), HasSubstr("exit status 55")));
  EXPECT_TRUE(database_.succeeds("[[ -s $folder/third/archive/db/archive.info ]]"));
}

TEST_F(StanzaScript, WritesNothingIntoOneOfAnotherDatabase) {
  const RestoredDatabase other;
  const std::string place = other.run("echo $repo");
  configure(place);
  const std::string list = concat("find ", place, " -type f | sort | xargs sha1sum");
  const std::string before = database_.run(list);
  const std::string refused = make_stanza("repo3");
  EXPECT_THAT(refused, HasSubstr("ERROR: [028]: backup and archive info files exist but do not "
                                 "match the database"));
  EXPECT_THAT(refused, HasSubstr("exit status 28"));
  EXPECT_EQ(database_.run(list), before);
}

// A database of the same system identifier is refused by nobody: what keeps it away is the path.
TEST_F(StanzaScript, NoCommandWritesWhereARepositoryIsWithheld) {
  Observed observed = observed_hippo();
  observed.withheld_repositories = {"repo1"};
  const auto files = pgbackrest_config_map(cluster_of("lion", kThreeStores), observed)["data"];
  const std::string path = concat("/place-taken/", observed.uid);
  for (const char* file : {"pgbackrest_instance.conf", "pgbackrest_cloud.conf"}) {
    EXPECT_THAT(files.at(file).get<std::string>(),
                testing::AllOf(HasSubstr(concat("repo1-path=", path, "\n")),
                               HasSubstr("repo2-path=/pgbackrest/repo2\n")))
        << file;
  }
  database_.run(concat("sed \"s#repo1-path=.*#repo1-path=$folder", path,
                       "#\" >$folder/taken.conf <<END\n[global]\nlock-path=$folder/lock\n"
                       "log-level-file=off\nrepo1-path=$repo\n[db]\npg1-path=$data\n"
                       "pg1-socket-path=$folder/socket\nEND"));
  const std::string list = "find $repo -type f | sort | xargs sha1sum";
  const std::string before = database_.run(list);
  for (const char* command :
       {"archive-push pg_wal/$(ls $data/pg_wal | grep ^0 | head -n 1)", "backup", "expire"}) {
    EXPECT_FALSE(database_.succeeds(
        concat("cd $data && pgbackrest --config=$folder/taken.conf --stanza=db ", command)))
        << command;
  }
  EXPECT_TRUE(database_.succeeds("[[ ! -e $folder/place-taken ]]"));
  EXPECT_EQ(database_.run(list), before);
}

// By itself pgBackRest tries a lost store again and again first, and the others wait.
TEST_F(StanzaScript, WalGoesToTheOthersAtOnceWhereAStanzaCouldNotBeMade) {
  Observed observed = observed_hippo();
  observed.stanzas_failed = {"repo2"};
  const auto files = pgbackrest_config_map(cluster_of("lion", kThreeStores), observed)["data"];
  const std::string conf = files.at("pgbackrest_instance.conf").get<std::string>();
  const std::size_t section = conf.find("[db:archive-push]");
  ASSERT_NE(section, conf.npos);
  configure("$folder/third");
  ASSERT_EQ(make_stanza("repo3"), "exit status 0");
  database_.run(concat("sed -i s/^io-timeout=.*/io-timeout=60/ $folder/conf.d/*cloud.conf\n",
                       "cat >>$folder/conf.d/pgbackrest_cloud.conf <<'END'\n",
                       conf.substr(section, conf.find("\n\n", section) - section), "\nEND"));
  const std::string pushed = database_.run(
      "cd $data && timeout 20 pgbackrest --config=$folder/none --config-include-path="
      "$folder/conf.d --stanza=db archive-push pg_wal/$(ls $data/pg_wal | grep ^0 | head -n 1) "
      "2>&1 "
      "|| echo exit status $?");
  EXPECT_THAT(pushed, HasSubstr("repo2: [FileMissingError]"));
  EXPECT_THAT(pushed, Not(HasSubstr("exit status 124"))) << "it was ended after 20 s";
  EXPECT_TRUE(database_.succeeds("ls $folder/third/archive/db/*/*/0*.gz"));
}

}  // namespace
}  // namespace annals::manifests
