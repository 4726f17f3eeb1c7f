// Restores that are disturbed in the middle: a volume without room, a damaged backup, a node that
// is lost, an API server that is away, pods that are killed. Each ends as undisturbed. Wants
// script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <iostream>
#include <sstream>
#include <string>

#include "support/node_off.h"
#include "support/operator_fixture.h"
#include "support/writer.h"

namespace annals::e2e {
namespace {

constexpr const char* kLynx = "lynx";
constexpr const char* kProgress = "PGBackRestoreProgressing";
constexpr const char* kInitialized = "PostgresDataInitialized";
constexpr const char* kAnnotation = "postgres-operator.crunchydata.com/pgbackrest-restore";
constexpr const char* kOfRestore = ",postgres-operator.crunchydata.com/pgbackrest-restore";
constexpr const char* kJob = "lynx-pgbackrest-restore";

// A file of a repository that is cut to its half as long as this lives.
class DamagedFile {
 public:
  explicit DamagedFile(std::string file) : file_(std::move(file)) {
    must(on_host("cp -p " + file_ + " " + file_ + ".whole && truncate --size=$(($(stat -c %s " +
                 file_ + ") / 2)) " + file_));
  }
  DamagedFile(const DamagedFile&) = delete;
  DamagedFile& operator=(const DamagedFile&) = delete;
  ~DamagedFile() {
    EXPECT_EQ(run(on_host("mv " + file_ + ".whole " + file_)).status, 0) << "it is still damaged";
  }
  static std::string on_host(const std::string& script) {
    return "$KUBECTL -n postgres-operator exec lynx-repo-host-0 -c pgbackrest -- bash -c '" +
           script + "'";
  }

 private:
  std::string file_;
};

class Faults : public Operator {
 protected:
  // Some hundred megabytes, so that its restore takes some seconds; by the claim they have no room.
  static void SetUpTestSuite() {
    make_like_hippo(kLynx, "s/replicas: 2/replicas: 3/; 0,/storage: 1Gi/s//storage: 64Mi/");
    patch(kLynx, R"({"spec":{"patroni":{"switchover":{"enabled":true}}}})");
    await_settled(kLynx);
    superuser(kLynx, "create table notes (at timestamptz default clock_timestamp(), note text)");
    superuser(kLynx,
              "create table bulk as select n, (select string_agg(md5((n * 64 + k)::text), '') from "
              "generate_series(1, 12) k) as filler from generate_series(1, 400000) n");
    await_streaming(kLynx, 2);
  }
  static void TearDownTestSuite() { remove(kLynx); }
  void SetUp() override {
    await_settled(kLynx);
    await_backup(kLynx);
    volumes_ = count("pvc", kLynx);
  }
  void TearDown() override {
    if (!HasFailure()) expect_verified();
  }

  // Events of a run before may still be there.
  static std::string request(const std::string& name) {
    static const std::string kUid = uid(std::string("postgrescluster/") + kLynx).substr(0, 8);
    return name + "-" + kUid;
  }
  static void ask(const std::string& id, const std::string& options) {
    patch(kLynx, R"({"metadata":{"annotations":{")" + std::string(kAnnotation) + R"(":")" + id +
                     R"("}},"spec":{"backups":{"pgbackrest":{"restore":{"enabled":true,)" +
                     R"("repoName":"repo1","options":[)" + options + "]}}}}}");
  }
  static void note(const std::string& text) {
    superuser(kLynx, "insert into notes (note) values ('" + text + "')");
  }
  // What has to be there after the restore.
  void keep(const std::string& text) {
    note(text);
    wanted_ = content();
  }
  static std::string content() {
    return superuser(kLynx,
                     "select (select string_agg(note, ',' order by at) from notes) || ' and ' || "
                     "(select count(*) from bulk)");
  }
  // Options that lead to what there is now: it is lost after this, so all of it has to be copied.
  static std::string lose() {
    const std::string now = superuser(
        kLynx,
        "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')||'+00'");
    await(
        "two seconds after " + now, 30s,
        [&] {
          return superuser(
              kLynx, "select clock_timestamp() > '" + now + "'::timestamptz + interval '2 s'");
        },
        "t");
    superuser(kLynx, "truncate bulk");
    note("lost");
    return R"("--type=time","--target=\")" + now + R"(\"")";
  }
  // The backups that the operator makes by itself after a restore are incremental.
  static void back_up_fully(const std::string& name) {
    const std::string id = request(name);
    patch(kLynx, R"({"spec":{"backups":{"pgbackrest":{"manual":{"repoName":"repo1",)"
                 R"("options":["--type=full"]}}}}})");
    annotate(kLynx, "pgbackrest-backup=" + id);
    await("the end of backup " + id, 300s,
          [] {
            const std::string backup = ".status.pgbackrest.manualBackup.";
            return field(kLynx, backup + "id") + " " + field(kLynx, backup + "succeeded");
          },
          id + " 1", {.details = trouble});
  }

  static std::string trouble() {
    return conditions(kLynx) + "\n" +
           kubectl("get jobs,pods,pvc -o wide -l postgres-operator.crunchydata.com/cluster=lynx")
               .out +
           "\n" + events(kLynx) + "\n" + kubectl(std::string("logs --tail=20 job/") + kJob).out;
  }
  static long told(const std::string& words) {
    const std::string all = events(kLynx);
    long number = 0;
    for (std::size_t at = 0; (at = all.find(words, at)) != std::string::npos; ++at) ++number;
    return number;
  }
  static std::string pod_of_job() {
    return must_kubectl(std::string("get pods -o name -l job-name=") + kJob);
  }
  static std::string await_job_runs() {
    const auto look = [] {
      return must_kubectl(std::string("get pods -o jsonpath='{.items[*].status.phase}' -l ") +
                          "job-name=" + kJob);
    };
    await("the pod of the Job that restores", 300s, look, "Running",
          {.looking = Looking::kKeen, .details = trouble});
    return pod_of_job();
  }
  // The pod of its Job, which has just begun.
  std::string restore_what_is_lost(const std::string& name) {
    keep(name);
    ask(request(name), lose());
    return await_job_runs();
  }
  static void remove_by_force(const std::string& pod) {
    must_kubectl("delete " + pod + " --grace-period=0 --force --wait=false");
  }
  static std::string node_of(const std::string& object) {
    return must_kubectl("get " + object + " -o jsonpath='{.spec.nodeName}'");
  }

  // It is as after a restore that nobody disturbed, and it goes on.
  void expect_restored(const std::string& name, int events_of_request = 2) const {
    const std::string id = request(name);
    await("the end of restore " + id, 420s,
          [] {
            const std::string restore = ".status.pgbackrest.restore.";
            return field(kLynx, restore + "id") + " " + field(kLynx, restore + "finished") + " " +
                   field(kLynx, restore + "succeeded");
          },
          id + " true 1", {.details = trouble});
    await_settled(kLynx);
    await_streaming(kLynx, 2, 240s);
    EXPECT_EQ(content(), wanted_);
    EXPECT_EQ(count("pvc", kLynx), volumes_) << "volumes are kept";
    await("that nothing of the restore is left", 60s,
          [] { return named("jobs,pods,configmaps", kLynx, kOfRestore); }, "",
          {.details = trouble});
    EXPECT_EQ(told("requested by the annotation " + std::string(kAnnotation) + "=" + id),
              events_of_request)
        << "its begin and its end are told once each\n"
        << events(kLynx);
    EXPECT_EQ(condition(kLynx, "Stalled", "status"), "False") << conditions(kLynx);
    Writer writer(kLynx, node_of(primary(kLynx)));
    EXPECT_EQ(writer.errors(), 0);
    EXPECT_FALSE(writer.stop().empty());
  }

  std::string volumes_;
  std::string wanted_;
};

// The folder behind it has no limit; what is compared is what the claim has.
TEST_F(Faults, ABackupLargerThanTheVolumeIsRefusedUntilTheVolumeHasGrown) {
  back_up_fully("before-growing");
  keep("room");
  const std::string pods = of_instances(kLynx, ".metadata.uid");
  ask(request("too-large"), "");
  await("an Event about the room", 120s, [] { return events(kLynx); },
        testing::ContainsRegex("NoRoomForRestore .*64Mi.* request more in the spec"),
        {.details = trouble});
  EXPECT_EQ(condition(kLynx, kProgress, "reason"), "NoRoomForRestore");
  std::cout << condition(kLynx, kProgress, "message") << "\n";
  EXPECT_EQ(of_instances(kLynx, ".metadata.uid"), pods) << "nothing has stopped";
  EXPECT_EQ(condition(kLynx, "Ready", "status"), "True");
  EXPECT_EQ(named("jobs", kLynx, kOfRestore), "");

  change(kLynx,
         R"({"op":"replace","path":"/spec/instances/0/dataVolumeClaimSpec/resources/requests)"
         R"(/storage","value":"1Gi"})");
  await("what the volumes have", 120s,
        [] {
          return must_kubectl(
              "get pvc -o jsonpath='{range .items[*]}{.status.capacity.storage},{end}' -l "
              "postgres-operator.crunchydata.com/cluster=lynx,"
              "postgres-operator.crunchydata.com/role=pgdata");
        },
        "1Gi,1Gi,1Gi,", {.details = trouble});
  ask(request("grown"), "");
  expect_restored("grown");
}

// Half of the largest file of the newest backup is gone. The one before it is whole.
TEST_F(Faults, ADamagedBackupIsToldInPgBackRestsWordsAndAnotherOneIsRestored) {
  back_up_fully("to-be-damaged");
  keep("whole");
  const std::string full =
      must(DamagedFile::on_host("cd /pgbackrest/repo1/backup/db && ls -d *F | tail -n 2"));
  const std::string last = full.substr(full.find('\n') + 1);
  const std::string one_before = full.substr(0, full.find('\n'));
  ASSERT_NE(last, one_before) << full;
  const DamagedFile damaged(must(DamagedFile::on_host("ls -S /pgbackrest/repo1/backup/db/" + last +
                                                      "/pg_data/base/*/* | head -n 1")));
  const std::string options = lose();

  ask(request("damaged"), options);
  const std::string said =
      await("what the Job has met", 300s, [] { return condition(kLynx, kInitialized, "message"); },
            testing::AllOf(testing::ContainsRegex("pgbackrest restore: exit status [0-9]+"),
                           testing::HasSubstr("ERROR: [")),
            {.details = trouble});
  std::cout << said << "\n" << condition(kLynx, kProgress, "message") << "\n";
  EXPECT_EQ(condition(kLynx, kInitialized, "status"), "False");
  EXPECT_EQ(condition(kLynx, kInitialized, "reason"), "PGBackRestRestoreFailed");
  EXPECT_EQ(condition(kLynx, kProgress, "reason"), "ReadyForRestore");
  EXPECT_THAT(condition(kLynx, kProgress, "message"),
              testing::AllOf(testing::HasSubstr(kJob), testing::HasSubstr("failed attempts: ")));
  EXPECT_THAT(events(kLynx), testing::ContainsRegex("RestoreJobFailed .*exit status .*ERROR: \\[.*"
                                                    "the next attempt is at .*another request"));
  EXPECT_EQ(of_instances(kLynx, ".metadata.name"), "") << "none may run on half a database";

  ask(request("another"), R"("--set=)" + one_before + R"(",)" + options);
  expect_restored("another", 1);  // its end: nothing stops
  EXPECT_THAT(condition(kLynx, kInitialized, "message"), testing::HasSubstr(one_before));
}

class NodeLost : public Faults {
 protected:
  void TearDown() override {
    await_ready("hippo");
    Faults::TearDown();
  }
  static std::string operators_node() {
    return must_kubectl(
        "get pods -o jsonpath='{.items[0].spec.nodeName}' -l "
        "postgres-operator.crunchydata.com/control-plane");
  }
  // The instance without whose node both the repository and the operator go on; then it leads.
  static std::string lead_apart() {
    const std::string busy = node_of("pod/lynx-repo-host-0") + "," + operators_node();
    std::istringstream pods(must_kubectl(
        "get pods -o jsonpath='{range .items[*]}{.metadata.name} {.spec.nodeName}{\"\\n\"}{end}' "
        "-l postgres-operator.crunchydata.com/cluster=lynx,"
        "postgres-operator.crunchydata.com/instance-set"));
    std::string node;
    std::string pod;
    while (pods >> pod >> node && busy.contains(node)) node.clear();
    EXPECT_NE(node, "") << "all instances are on " << busy;
    if (node.empty() || primary(kLynx) == "pod/" + pod) return node;
    const std::string instance = pod.substr(0, pod.rfind('-'));
    patch(kLynx, R"({"spec":{"patroni":{"switchover":{"targetInstance":")" + instance + "\"}}}}");
    annotate(kLynx, "trigger-switchover=" + request("apart-" + instance));
    await("who leads", 120s, [] { return primary(kLynx); }, "pod/" + pod, {.details = trouble});
    await_settled(kLynx);
    await_streaming(kLynx, 2);
    return node;
  }
  static void expect_told(const std::string& pod, const std::string& node) {
    const std::string said =
        await("what is waited for", 180s, [] { return condition(kLynx, kProgress, "message"); },
              testing::AllOf(testing::HasSubstr(pod.substr(4)),
                             testing::HasSubstr("node " + node + ", which does not answer")),
              {.details = trouble});
    std::cout << said << "\n";
  }
};

TEST_F(NodeLost, InTheMiddleIsToldAndTheRestoreGoesOnWhenItIsBack) {
  const std::string node = lead_apart();
  ASSERT_NE(node, "");
  const std::string pod = restore_what_is_lost("node");
  {
    const NodeOff off(node);
    EXPECT_EQ(node_of(pod), node);
    expect_told(pod, node);
    // As Kubernetes does after five minutes: it stays as long as nobody says that it has ended.
    must_kubectl("delete " + pod + " --wait=false");
    await(
        "when it was deleted", 30s,
        [&] { return must_kubectl("get " + pod + " -o jsonpath={.metadata.deletionTimestamp}"); },
        testing::Not(testing::IsEmpty()));
    expect_told(pod, node);
    EXPECT_EQ(pod_of_job(), pod) << "one writer at a time on a volume";
  }
  expect_restored("node");
  EXPECT_GE(told("RestoreJobFailed"), 1);
}

// In a session of its own, so that the server goes on also when this test is ended.
TEST_F(Faults, AnApiServerThatIsAwayInTheMiddleChangesNothing) {
  (void)restore_what_is_lost("api");
  must(
      "server=$(script/cluster status | awk '$1 == \"control-plane\" && $2 == \"kube-apiserver\" "
      "{ print $3 }'); setsid --wait bash -c \"kill -STOP $server; sleep 60; kill -CONT $server\"");
  await_rolled_out("deployment/annals", 180s);
  expect_restored("api");
}

// The pod of the Job in the middle, then that of the restored instance as soon as it runs.
TEST_F(Faults, PodsThatAreKilledInTheMiddleAreReplaced) {
  const std::string leader = primary(kLynx);
  const std::string pod = restore_what_is_lost("killed");
  remove_by_force(pod);
  await("the pod of another Job", 120s, pod_of_job,
        testing::AllOf(testing::HasSubstr(kJob), testing::Ne(pod)), {.details = trouble});
  const auto phase = [&] {
    return must_kubectl("get " + leader + " --ignore-not-found -o jsonpath='{.status.phase}'");
  };
  await("the pod of the restored instance", 300s, phase, "Running",
        {.looking = Looking::kKeen, .details = trouble});
  const std::string begun = uid(leader);
  remove_by_force(leader);
  expect_restored("killed");
  EXPECT_NE(uid(leader), begun);
  EXPECT_GE(told("RestoreJobFailed"), 1);
}

}  // namespace
}  // namespace annals::e2e
