// A cluster of three is restored in place, and the restore undone; requests that cannot be done,
// and one that fails. Wants script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <iostream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/operator_fixture.h"
#include "support/writer.h"

namespace annals::e2e {
namespace {

constexpr const char* kOtter = "otter";
constexpr const char* kProgress = "PGBackRestoreProgressing";
constexpr const char* kAnnotation = "postgres-operator.crunchydata.com/pgbackrest-restore";

class Restore : public Operator {
 protected:
  static void SetUpTestSuite() {
    make_like_hippo(kOtter, "s/replicas: 2/replicas: 3/");
    await_settled(kOtter);
    await_streaming(kOtter, 2);
    superuser(kOtter, "create table notes (at timestamptz default now(), note text)");
  }
  static void TearDownTestSuite() { remove(kOtter); }

  // As one change of the resource: what is wanted, and the annotation that asks for it.
  static void ask(const std::string& id, const std::string& options,
                  const std::string& more = R"("repoName":"repo1","clusterName":null)") {
    patch(kOtter, R"({"metadata":{"annotations":{")" + std::string(kAnnotation) + R"(":")" + id +
                      R"("}},"spec":{"backups":{"pgbackrest":{"restore":{"enabled":true,)" + more +
                      R"(,"options":[)" + options + "]}}}}}");
  }
  static std::string to_time(const std::string& time) {
    return R"("--type=time","--target=\")" + time + R"(\"")";
  }

  static void note(const std::string& text) {
    superuser(kOtter, "insert into notes (note) values ('" + text + "')");
  }
  static std::string notes() {
    return superuser(kOtter, "select string_agg(note, ',' order by at) from notes");
  }
  // A time between what has been written and what will be.
  static std::string a_time_between() {
    const std::string time = superuser(
        kOtter,
        "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')||'+00'");
    await(
        "two seconds after " + time, 30s,
        [&] {
          return superuser(
              kOtter, "select clock_timestamp() > '" + time + "'::timestamptz + interval '2 s'");
        },
        "t");
    return time;
  }

  static std::string status(const std::string& path) {
    return field(kOtter, ".status.pgbackrest.restore." + path);
  }
  static std::string trouble() {
    return conditions(kOtter) + "\n" +
           must_kubectl(
               "get jobs,pods -o wide -l postgres-operator.crunchydata.com/cluster=otter") +
           "\n" + events(kOtter);
  }
  static void await_restored(const std::string& id) {
    await("the end of restore " + id, 420s,
          [] { return status("id") + " " + status("finished") + " " + status("succeeded"); },
          id + " true 1", {.details = trouble});
    Operator::await_settled(kOtter);
    await_streaming(kOtter, 2, 240s);
  }
  // On which node somebody can write from who is not to be disturbed.
  static std::string a_node() {
    return must_kubectl("get " + primary(kOtter) + " -o jsonpath='{.spec.nodeName}'");
  }
  static void expect_rows(const std::set<long>& acknowledged, const Writer& writer) {
    std::istringstream rows(must_kubectl(
        "exec " + primary(kOtter) + " -c database -- psql -XAt --dbname=otter -c 'select id from " +
        writer.table() + "'"));
    std::set<long> there;
    for (long row = 0; rows >> row;) there.insert(row);
    std::vector<long> lost;
    std::ranges::set_difference(acknowledged, there, std::back_inserter(lost));
    EXPECT_TRUE(lost.empty()) << lost.size() << " of " << acknowledged.size()
                              << " rows that were acknowledged are lost, the first is "
                              << lost.front();
  }
  static void expect_login_archive_and_backup(const std::string& request) {
    EXPECT_EQ(psql(kOtter, "select 1"), "1") << "by the Secret";
    const std::string segment = superuser(kOtter, "select pg_walfile_name(pg_switch_wal())");
    await(
        "whether segment " + segment + " is archived", 90s,
        [&] {
          return superuser(kOtter, "select count(*) from pg_ls_archive_statusdir() where name = '" +
                                       segment + ".done'");
        },
        "1");
    patch(kOtter, R"({"spec":{"backups":{"pgbackrest":{"manual":{"repoName":"repo1",
                      "options":["--type=incr"]}}}}})");
    annotate(kOtter, "pgbackrest-backup=" + request);
    await("the end of backup " + request, 180s,
          [] {
            const std::string backup = ".status.pgbackrest.manualBackup.";
            return field(kOtter, backup + "id") + " " + field(kOtter, backup + "succeeded");
          },
          request + " 1", {.details = trouble});
  }
};

struct WrongRequest {
  std::string options;
  std::string words;  // of the Event about it
  std::string more = R"("repoName":"repo1","clusterName":null)";
};

TEST_F(Restore, WrongRequestsAreToldWithTheirRemedyAndNothingStops) {
  const std::vector<WrongRequest> all{
      {to_time("2020-01-31 08:05:00+00"), "the oldest time that can be restored is"},
      {to_time("2099-01-31 08:05:00+00"), "choose an earlier time"},
      {R"("--type=time","--target=yesterday")", "yesterday"},
      {R"("--type=time","--target=\"2026-01-31")", "options"},
      {R"("--type=magic","--target=7")", "magic"},
      {R"("--type=lsn","--target=7F/0")", "has not been written yet"},
      {R"("--set=20200101-000000F")", "has no backup 20200101-000000F"},
      {R"("--target-timeline=77")", "77"},
      {R"("--pg1-path=/tmp/other")", "--pg1-path"},
      {R"("--stanza=other")", "--stanza"},
      {"", "no repository of this cluster: choose from repo1",
       R"("repoName":"repo3","clusterName":null)"},
      {"", "names the cluster hippo", R"("repoName":"repo1","clusterName":"hippo")"},
  };
  const std::string pods = of_instances(kOtter, ".metadata.uid");
  Writer writer(kOtter, a_node());
  int number = 0;
  for (const WrongRequest& wrong : all) {
    const std::string id = "wrong-" + std::to_string(++number);
    ask(id, wrong.options, wrong.more);
    const auto line = [&] {
      std::istringstream told(events(kOtter));
      for (std::string one; std::getline(told, one);)
        if (one.contains("=" + id + ",") || one.ends_with("=" + id)) return one;
      return std::string();
    };
    const std::string said = await("an Event about " + id, 120s, line,
                                   testing::HasSubstr(wrong.words), {.details = trouble});
    std::cout << said << "\n";
    EXPECT_EQ(condition(kOtter, kProgress, "status"), "False") << said;
  }
  EXPECT_EQ(of_instances(kOtter, ".metadata.uid"), pods);
  EXPECT_EQ(writer.errors(), 0) << "the database answered all the time";
  const std::set<long> acknowledged = writer.stop();
  expect_rows(acknowledged, writer);
  EXPECT_EQ(condition(kOtter, "Ready", "status"), "True");
}

TEST_F(Restore, GoesBackBetweenTwoWritesAndTheUndoLosesNoneThatWasAcknowledged) {
  const std::string volumes = count("pvc", kOtter);
  note("first");
  const std::string between = a_time_between();
  note("second");
  Writer writer(kOtter, a_node());
  ask("back", to_time(between));
  // From here on nothing is acknowledged until the restored database is there.
  await("the Job that restores", 240s, [] { return named("jobs", kOtter); },
        testing::HasSubstr("otter-pgbackrest-restore"), {.details = trouble});
  const std::set<long> acknowledged = writer.stop();
  await_restored("back");
  EXPECT_EQ(notes(), "first");
  EXPECT_EQ(count("pvc", kOtter), volumes);
  expect_login_archive_and_backup("after-the-restore");
  note("third");

  patch(kOtter, R"({"metadata":{"annotations":{")" + std::string(kAnnotation) + R"(":"undo"}}})");
  await_restored("undo");
  EXPECT_EQ(notes(), "first,second");
  expect_rows(acknowledged, writer);
  expect_login_archive_and_backup("after-the-undo");
  expect_verified();
}

TEST_F(Restore, IsToldAsAStoryWithWhoAskedAndWhatIsKept) {
  const std::string story =
      replay("timeline --story --cluster postgres-operator/otter | grep -F restore");
  std::cout << story << "\n";
  EXPECT_THAT(story, testing::HasSubstr("restore complete"));
  const std::string pod = primary(kOtter).substr(4);
  const std::string why = replay("why Pod/" + pod);
  EXPECT_THAT(
      why, testing::AllOf(testing::HasSubstr("pgbackrest-restore"), testing::HasSubstr("kubectl")));
}

// A file of the backup is gone; then it is back, and another request is taken up at once.
TEST_F(Restore, ThatFailsSaysWhyAndTheNextRequestWorks) {
  note("fourth");
  const std::string host = "exec otter-repo-host-0 -c pgbackrest -- bash -c ";
  const std::string label =
      must_kubectl(host + "'cd /pgbackrest/repo1/backup/db && ls -d *F | tail -n 1'");
  // One that a restore by delta reads too: it is never the same as on the volume.
  const std::string file = "/pgbackrest/repo1/backup/db/" + label + "/pg_data/global/pg_control.gz";
  must_kubectl(host + "'mv " + file + " " + file + ".away'");
  ask("broken", R"("--set=)" + label + R"(")");
  await("an Event about the Job that failed", 300s, [] { return events(kOtter); },
        testing::ContainsRegex("RestoreJobFailed .*otter-pgbackrest-restore failed: .*exit status"),
        {.details = trouble});
  std::cout << conditions(kOtter) << "\n";
  EXPECT_EQ(condition(kOtter, "PostgresDataInitialized", "status"), "False");
  must_kubectl(host + "'mv " + file + ".away " + file + "'");
  ask("mended", "");
  await_restored("mended");
  EXPECT_EQ(notes(), "first,second,fourth");
  expect_login_archive_and_backup("after-the-second");
}

// PostgreSQL takes a failure of restore_command for the end of the archive.
class RepositoryLost : public Restore {
 protected:
  void TearDown() override {
    if (!node_.empty()) must_kubectl("uncordon " + node_);
  }

  // At once: a stopped server answers nobody. Then it goes: its volume is on that node, so that no
  // other pod of it can start.
  void lose_host() {
    must_kubectl("exec otter-repo-host-0 -c pgbackrest -- pkill -STOP pgbackrest");
    node_ = must_kubectl("get pod otter-repo-host-0 -o jsonpath={.spec.nodeName}");
    must_kubectl("cordon " + node_);
    must_kubectl("delete pod otter-repo-host-0 --grace-period=0 --force");
  }
  void get_host_back() {
    must_kubectl("uncordon " + node_);
    node_.clear();
  }
  static std::string log() { return kubectl("logs job/otter-pgbackrest-restore --tail=-1").out; }
  static std::chrono::seconds outage() { return kills(0, 1) == 0 ? 60s : 300s; }

 private:
  std::string node_;
};

TEST_F(RepositoryLost, WhileItsWalIsReplayedNothingOpensBeforeItIsBackAndThenNothingIsMissing) {
  note("begin");
  // Some WAL to be replayed, of which each segment is asked for.
  superuser(kOtter, "create table bulk (n int, filler text)");
  for (int segment = 0; segment < 40; ++segment) {
    superuser(kOtter,
              "insert into bulk select n, repeat('x', 400) from generate_series(1, 20000) n");
    superuser(kOtter, "select pg_switch_wal()");
  }
  note("end");
  ask("outage", "");
  await("that WAL is replayed", 300s, log, testing::HasSubstr("restored log file"),
        {.looking = Looking::kKeen, .details = trouble});
  lose_host();
  const std::string begun = log();
  const bool ended = eventually(outage(), [] { return status("succeeded") == "1"; });
  EXPECT_FALSE(ended) << "opened without its repository";
  EXPECT_EQ(condition(kOtter, "PostgresDataInitialized", "status"), "") << begun;
  EXPECT_EQ(named("pods", kOtter, ",postgres-operator.crunchydata.com/role=master"), "");
  get_host_back();
  await_restored("outage");
  EXPECT_THAT(notes(), testing::HasSubstr("begin,end"));
  EXPECT_EQ(superuser(kOtter, "select count(*) from bulk"), "800000");
}

}  // namespace
}  // namespace annals::e2e
