// The Job of a receipt, run on a real PostgreSQL that was shut down, with a real pgBackRest: what
// it says is what pg_waldump finds, and how far a standby's replay would tell; and it comes into
// every repository that takes it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "actions/withdraw_receipt.h"
#include "base/concat.h"
#include "lens/receipt.h"
#include "manifests/pgbackrest/receipt_file.h"
#include "manifests/pgbackrest/receipt_job.h"
#include "spec/restore_target.h"
#include "tests/integration/manifests/restored_database.h"
#include "tests/unit/manifests/clusters.h"

namespace annals::manifests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kThreeRepositories = R"json({
  "postgresVersion": 15,
  "instances": [{"name": "instance1", "dataVolumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
                 "resources": {"requests": {"storage": "1Gi"}}}}],
  "backups": {"pgbackrest": {"repos": [
    {"name": "repo1", "azure": {"container": "c"}}, {"name": "repo2", "azure": {"container": "c"}},
    {"name": "repo3", "azure": {"container": "c"}}]}}
})json";

// The first is encrypted, the second does not answer.
constexpr const char* kRepositories = R"bash(
cat >"$folder/receipt.conf" <<END
[global]
lock-path=$folder/lock
repo1-path=$folder/first
repo1-cipher-type=aes-256-cbc
repo1-cipher-pass=secret
repo2-path=/second
repo2-type=s3
repo2-s3-bucket=b
repo2-s3-endpoint=localhost:1
repo2-s3-region=r
repo2-s3-uri-style=path
repo2-s3-key=key
repo2-s3-key-secret=verysecret
repo3-path=$folder/third
END
)bash";

void replace_each(std::string& text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::string shell_word(std::string word) {
  replace_each(word, "'", "'\\''");
  return concat(" '", word, "'");
}

class ReceiptScript : public testing::Test {
 protected:
  // How it ends; message() is what it left.
  std::string make_receipt(const std::vector<std::string>& repos = {}) const {
    const ReceiptJob job{.id = "now", .instance = "hippo-instance1-bcdf", .repos = repos};
    const Json pod = receipt_job(cluster_of("hippo", kThreeRepositories), observed_hippo(),
                                 job)["spec"]["template"]["spec"];
    const Json& container = pod["containers"][0];
    std::string line =
        "rm -f message; PGBACKREST_CONFIG=$folder/receipt.conf cluster=postgres/hippo data=$data";
    for (const Json& one : container["env"]) {
      if (one["name"] == "file" || one["name"] == "patience")
        line += concat(" ", one["name"].text(), "=", one["value"].text());
    }
    for (const Json& word : container["command"]) line += shell_word(word.text());
    replace_each(line, "/dev/termination-log", "message");
    replace_each(line, "/tmp/receipt", "receipt");
    return database_.run(concat(line, " >pod.log 2>&1 && echo 0 || echo $?"));
  }
  std::string message() const { return database_.run("cat message"); }
  fsm::Receipt receipt() const {
    const std::string line = database_.run("sed -n 's/^receipt //p' message");
    Result<fsm::Receipt> read = lens::read_receipt(line);
    EXPECT_TRUE(read) << line;
    if (!read) return {};
    EXPECT_EQ(lens::receipt_text(*read), line) << "in the form that it has everywhere";
    return *std::move(read);
  }
  std::string in_repository(const std::string& repo) const {
    return database_.run(
        concat("PGBACKREST_CONFIG=$folder/receipt.conf pgbackrest repo-get --raw "
               "--log-level-file=off --repo=",
               repo, " ", kReceiptFile));
  }
  std::string control(const std::string& name) const {
    return database_.run(
        concat("LC_ALL=C pg_controldata -D $data | sed -n \"s/^", name, ": *//p\""));
  }
  // Where the record before the checkpoint ends, as PostgreSQL's own reader finds it: it has to be
  // there still, so the archiver takes nothing away.
  std::string end_by_waldump() const {
    return database_.run(R"sh(
      dump() { pg_waldump --path="$data/pg_wal" --start="$1" --limit=1; }
      last=$(dump "$(pg_controldata -D $data | sed -n 's/^Latest checkpoint location: *//p')")
      prev=$(sed 's|.*prev \([0-9A-F/]*\),.*|\1|' <<<"$last")
      begin=$((16#${prev#*/})) length=$(dump "$prev" | sed 's|.*tot): *[0-9]*/ *\([0-9]*\),.*|\1|')
      if dump "$prev" | grep -q 'desc: SWITCH'; then end=$(((begin / 1048576 + 1) * 1048576))
      else end=$(((begin + length + 7) / 8 * 8)); fi
      printf '0/%X\n' "$end")sh");
  }
  void stop_archiving() const {
    database_.run("printf 'archive_mode = off\\n' >>$data/postgresql.conf");
  }

  RestoredDatabase database_;
};

TEST_F(ReceiptScript, SaysHowFarTheHistoryGoes) {
  database_.stop();
  stop_archiving();
  database_.start();
  database_.write(1);
  database_.stop();
  ASSERT_EQ(make_receipt(), "0") << message();
  const fsm::Receipt made = receipt();
  EXPECT_EQ(made.cluster, "postgres/hippo");
  EXPECT_EQ(made.system_id, control("Database system identifier"));
  EXPECT_EQ(made.timeline, 1);
  EXPECT_EQ(spec::lsn_text(made.checkpoint_lsn), control("Latest checkpoint location"));
  EXPECT_EQ(spec::lsn_text(made.end_lsn), end_by_waldump());
  const std::string seconds = database_.run(
      "LC_ALL=C TZ=UTC pg_controldata -D $data | sed -n 's/^Time of latest checkpoint: *//p' | "
      "TZ=UTC date --file=- +%s");
  EXPECT_EQ(std::to_string(made.at.time_since_epoch().count() / 1'000'000), seconds);
}

// PostgreSQL switches WAL before the last checkpoint, which is then alone in a segment that is not
// archived. pg_wal may not have the switch itself any more.
TEST_F(ReceiptScript, EndsWithTheSwitchWhereWalIsArchived) {
  database_.run("printf 'wal_keep_size = 64MB\\n' >>$data/postgresql.conf");
  database_.stop();
  database_.start();
  database_.write(1);
  database_.stop();
  ASSERT_EQ(make_receipt(), "0") << message();
  EXPECT_EQ(receipt().checkpoint_lsn % 1048576, 40U);
  EXPECT_EQ(receipt().end_lsn % 1048576, 0U);
  EXPECT_EQ(receipt().checkpoint_lsn - receipt().end_lsn, 40U);
  EXPECT_EQ(spec::lsn_text(receipt().end_lsn), end_by_waldump());
}

TEST_F(ReceiptScript, IsWhereAFollowerOfTheArchiveComesTo) {
  database_.run("pg_basebackup --pgdata=$folder/pgdata/follower --wal-method=stream");
  database_.write(1);
  database_.stop();
  ASSERT_EQ(make_receipt(), "0") << message();
  database_.run(R"sh(
    follower=$folder/pgdata/follower
    touch $follower/standby.signal
    echo "restore_command = 'pgbackrest --stanza=db --pg1-path=$follower archive-get %f \"%p\"'" >>$follower/postgresql.conf
    pg_ctl --pgdata=$follower --wait --silent --log=$folder/follower.log start)sh");
  database_.await(concat("[[ $(psql -qAtc 'SELECT pg_last_wal_replay_lsn()') == ",
                         spec::lsn_text(receipt().end_lsn), " ]]"));
  EXPECT_EQ(database_.rows(), "1");
  database_.run("pg_ctl --pgdata=$folder/pgdata/follower --wait --silent stop");
}

TEST_F(ReceiptScript, EndsBeforeTheHeaderOfAPage) {
  database_.stop();
  stop_archiving();
  database_.start();
  database_.run(R"sh(
    q() { psql -qAtc "$1"; }
    while at=$(q "SELECT (pg_current_wal_insert_lsn() - '0/0') % 8192") && ((8192 - at < 400)); do
      q "SELECT pg_logical_emit_message(false, 'x', repeat('a', 300))" >/dev/null
    done
    q "SELECT pg_logical_emit_message(false, 'x', repeat('a', 8192 - $at - 55))" >/dev/null)sh");
  database_.stop();
  ASSERT_EQ(make_receipt(), "0") << message();
  EXPECT_EQ(receipt().checkpoint_lsn % 8192, 24U);
  EXPECT_EQ(receipt().end_lsn % 8192, 0U);
  EXPECT_EQ(spec::lsn_text(receipt().end_lsn), end_by_waldump());
}

TEST_F(ReceiptScript, IsMadeOfNothingButACleanEnd) {
  EXPECT_EQ(make_receipt(), "3");
  EXPECT_THAT(message(), HasSubstr("pg_controldata says 'in production'"));
  database_.kill();
  EXPECT_EQ(make_receipt(), "3");
  // Its postmaster may have seen a child's end, and begun to recover, before it was killed itself.
  EXPECT_THAT(message(),
              testing::AnyOf(HasSubstr("'in production'"), HasSubstr("'in crash recovery'")));
  database_.run("rm -f $data/postmaster.pid; touch $data/standby.signal");
  database_.start();
  database_.stop();
  EXPECT_EQ(make_receipt(), "3");
  EXPECT_THAT(message(), HasSubstr("'shut down in recovery'"));
}

TEST_F(ReceiptScript, ComesIntoEveryRepositoryThatTakesIt) {
  database_.run(kRepositories);
  database_.stop();
  ASSERT_EQ(make_receipt({"repo1", "repo2", "repo3"}), "0") << message();
  EXPECT_THAT(message(), AllOf(StartsWith("receipt {"), HasSubstr("\nrepo1 written\n"),
                               HasSubstr("\nrepo2 exit status "), HasSubstr("localhost:1"),
                               HasSubstr("\nrepo3 written")));
  const std::string text = lens::receipt_text(receipt());
  for (const char* repo : {"1", "3"}) EXPECT_EQ(in_repository(repo), text);
  EXPECT_FALSE(database_.succeeds("grep -r verysecret message pod.log receipt"));
}

TEST_F(ReceiptScript, IsReplacedByItsWithdrawal) {
  database_.run(kRepositories);
  database_.stop();
  ASSERT_EQ(make_receipt({"repo1"}), "0") << message();
  fsm::WithdrawReceipt intent;
  intent.repo = "repo1";
  intent.file = kReceiptFile;
  intent.cluster = "postgres/hippo";
  intent.at = Timestamp(std::chrono::seconds(1));
  const auto withdraw = [&] {
    std::string line = "PGBACKREST_CONFIG=$folder/receipt.conf";
    for (const std::string& word : actions::withdraw_command(intent)) line += shell_word(word);
    return database_.run(line + " >put.log && echo 0 || echo $?");
  };
  EXPECT_EQ(withdraw(), "0");
  EXPECT_EQ(in_repository("1"),
            R"({"cluster":"postgres/hippo","receipt":1,"time":"1970-01-01T00:00:01Z",)"
            R"("withdrawn":true})");
  intent.repo = "repo2";
  EXPECT_NE(withdraw(), "0");
  EXPECT_THAT(lens::words_of_put(database_.run("cat put.log")),
              AllOf(StartsWith("ERROR: ["), HasSubstr("localhost:1")));
}

TEST_F(ReceiptScript, IsNoneOfAServerThatWasStartedMeanwhile) {
  database_.run(kRepositories);
  database_.stop();
  database_.stand_in(
      R"sh([[ $1 != repo-put ]] || pg_ctl --pgdata=$folder/pgdata/pg15 --wait --silent --log=$folder/server.log start >&2 </dev/null
exec $real "$@")sh");
  EXPECT_EQ(make_receipt({"repo1"}), "1");
  EXPECT_THAT(message(), HasSubstr("was started while its receipt was written"));
}

}  // namespace
}  // namespace annals::manifests
