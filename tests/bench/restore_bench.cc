// What a restore costs beside the same by hand: 2 GiB in 40 equal tables on the cluster of
// script/cluster, two of them changed since the backup. Each way begins like that. By hand, in a
// pod of the same image on the same volume: `pgbackrest restore --delta` and the recovery, then the
// restore step alone into an empty folder. Usage: restore_bench DIRECTORY [--json]
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/concat.h"
#include "support/shell.h"
#include "tests/bench/figures.h"

namespace annals::bench {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr const char* kCluster = "walrus";
constexpr const char* kRestoreJob = "walrus-pgbackrest-restore";
constexpr const char* kByHand = "walrus-by-hand";
constexpr const char* kAnnotations = "postgres-operator.crunchydata.com/";

std::string kubectl(const std::string& arguments, std::chrono::seconds limit = 120s) {
  const e2e::Output output =
      e2e::run("script/cluster kubectl --namespace postgres-operator " + arguments, limit);
  ANNALS_ASSERT(output.status == 0, arguments, ": ", output.err);
  return output.out;
}

void apply(const std::string& command) {
  const e2e::Output made = e2e::run(
      command + " | script/cluster kubectl --namespace postgres-operator apply -f -", 120s);
  ANNALS_ASSERT(made.status == 0, made.err);
}

std::string field(const std::string& path) {
  return kubectl(concat("get postgrescluster ", kCluster, " -o jsonpath='{", path, "}'"));
}

std::string condition(const std::string& type) {
  return field(concat(".status.conditions[?(@.type==\"", type, "\")].status"));
}

template <class Look>
void await(const char* what, const Look& look) {
  ANNALS_ASSERT(e2e::eventually(900s, look), "waited in vain for ", what, ": ",
                kubectl(concat("get postgrescluster ", kCluster, " -o yaml")));
}

void patch(const std::string& change) {
  kubectl(concat("patch postgrescluster ", kCluster, " --type merge --patch '", change, "'"));
}

std::string sql(const std::string& statement) {
  std::string answer = kubectl(
      concat("exec -c database $(script/cluster kubectl --namespace postgres-operator get pod "
             "-o name -l ",
             kAnnotations, "cluster=", kCluster, ",", kAnnotations,
             "role=master) -- psql -XqAt --set=ON_ERROR_STOP=1 -c \"", statement, "\""),
      600s);
  while (answer.ends_with('\n')) answer.pop_back();
  return answer;
}

void await_first_backup() {
  await("the first backup", [] {
    return condition("Ready") == "True" && condition("PGBackRestReplicaCreate") == "True" &&
           condition("Progressing") == "False";
  });
}

void create() {
  apply(concat("sed 's/name: hippo/name: ", kCluster,
               "/; s/replicas: 2/replicas: 1/; s/storage: 1Gi/storage: 8Gi/' examples/hippo.yaml"));
  await_first_backup();
  // 52 MiB each.
  for (int table = 0; table < 40; ++table) {
    sql(concat("create table t", table,
               " as select n, md5(n::text) || md5((n + 1)::text) as text "
               "from generate_series(1, 530000) n"));
  }
  // Or autovacuum writes every page into the WAL while the backup is made, and one of the two ways
  // has to replay it.
  sql("vacuum (freeze, analyze)");
  sql("checkpoint");
}

// Of all that there is.
void back_up(const std::string& request) {
  patch(R"({"spec":{"backups":{"pgbackrest":{"manual":{"repoName":"repo1",)"
        R"("options":["--type=full"]}}}}})");
  kubectl(concat("annotate --overwrite postgrescluster ", kCluster, " ", kAnnotations,
                 "pgbackrest-backup=", request));
  await("a backup", [&] {
    return field(".status.pgbackrest.manualBackup.id") == request &&
           field(".status.pgbackrest.manualBackup.succeeded") == "1";
  });
}

void change_two_tables() {
  sql("update t7 set text = reverse(text)");
  sql("update t23 set text = reverse(text)");
  sql("checkpoint");
  const std::string segment = sql("select pg_walfile_name(pg_switch_wal())");
  // Both ways wait for it.
  await("the WAL to be archived", [&] {
    return sql("select coalesce(last_archived_wal, '') >= '" + segment +
               "' from pg_stat_archiver") == "t";
  });
}

double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

// From the annotation to Ready. Leaves the Job as it was made.
double restore_by_operator(nlohmann::json& job) {
  const Steady::time_point start = Steady::now();
  patch(concat(R"({"metadata":{"annotations":{")", kAnnotations,
               R"(pgbackrest-restore":"bench"}},"spec":{"backups":{"pgbackrest":{"restore":)"
               R"({"enabled":true,"repoName":"repo1"}}}}})"));
  await("the restore's Job", [&] {
    const std::string text =
        kubectl(concat("get job ", kRestoreJob, " --ignore-not-found -o json"));
    if (text.empty()) return false;
    job = nlohmann::json::parse(text);
    return true;
  });
  await("the restore", [] {
    return field(".status.pgbackrest.restore.succeeded") == "1" && condition("Ready") == "True";
  });
  return seconds_since(start);
}

constexpr const char* kScript = R"bash(
now() { date +%s%3N; }
begin=$(now)
pgbackrest restore --stanza=db --repo="$repo" --delta --pg1-path="$data" --link-map=pg_wal="$wal" --type=default
restored=$(now)
options="-c config_file=/tmp/hand.conf -c hba_file=/tmp/hand_hba.conf -c unix_socket_directories=/tmp -c listen_addresses="
options+=" -c archive_mode=off -c hot_standby=on -c max_connections=500 -c max_wal_senders=50 -c max_worker_processes=50 -c max_locks_per_transaction=200 -c shared_preload_libraries="
grep -E 'restore_command|recovery_target' "$data/postgresql.auto.conf" >/tmp/hand.conf
echo 'local all all peer' >/tmp/hand_hba.conf
pg_ctl --pgdata="$data" --wait --timeout=600 --silent --log=/tmp/hand.log --options="$options" start
until [[ $(psql -h /tmp -XAt -c 'select pg_is_in_recovery()' template1) == f ]]; do sleep 0.2; done
open=$(now)
pg_ctl --pgdata="$data" --wait --silent --mode=fast stop
rm --recursive --force "$data" "$wal"
mkdir --mode=0700 "$data" "$wal"
empty=$(now)
pgbackrest restore --stanza=db --repo="$repo" --pg1-path="$data" --link-map=pg_wal="$wal" --type=none
full=$(now)
echo "delta $((restored - begin)) all $((open - begin)) full $((full - empty))"
)bash";

// In seconds.
struct ByHand {
  double delta = 0;
  double all = 0;
  double full = 0;
};

ByHand by_hand(const nlohmann::json& job, const std::string& scratch) {
  // Its repository host goes on.
  patch(R"({"spec":{"paused":true}})");
  await("the pause", [] { return condition("Progressing") == "False"; });
  kubectl(concat("scale statefulset --replicas=0 -l ", kAnnotations, "cluster=", kCluster, ",",
                 kAnnotations, "instance"));
  await("the instance to stop", [] {
    return kubectl(concat("get pods -o name -l ", kAnnotations, "cluster=", kCluster, ",",
                          kAnnotations, "instance"))
        .empty();
  });
  nlohmann::json pod = {{"apiVersion", "v1"},
                        {"kind", "Pod"},
                        {"metadata", {{"name", kByHand}}},
                        {"spec", job.at("spec").at("template").at("spec")}};
  nlohmann::json& container = pod["spec"]["containers"][0];
  container["command"] = {"bash", "-ceu", kScript};
  const auto is_permit = [](const nlohmann::json& each) { return each.at("name") == "permit"; };
  for (nlohmann::json* list : {&pod["spec"]["volumes"], &container["volumeMounts"]})
    list->erase(std::ranges::find_if(*list, is_permit));
  std::ofstream(scratch + "/pod.json") << pod;
  apply("cat " + scratch + "/pod.json");
  await("the pod", [] {
    return kubectl(concat("get pod ", kByHand, " -o jsonpath={.status.phase}")) != "Pending";
  });
  await("what is done by hand", [] {
    return kubectl(concat("get pod ", kByHand, " -o jsonpath={.status.phase}")) != "Running";
  });
  const std::string log = kubectl(concat("logs ", kByHand, " --tail=30"));
  std::istringstream last(log.substr(log.rfind('\n') + 1));
  ByHand took;
  std::string word;
  last >> word >> took.delta >> word >> took.all >> word >> took.full;
  ANNALS_ASSERT(took.full > 0, log);
  for (double* time : {&took.delta, &took.all, &took.full}) *time /= 1000;
  return took;
}

void measure(Figures& figures, const std::string& scratch) {
  create();
  back_up("bench");
  change_two_tables();
  nlohmann::json job;
  const double operators = restore_by_operator(job);
  // Its own first backup afterwards is the one that the other way begins with.
  await_first_backup();
  change_two_tables();
  const ByHand hand = by_hand(job, scratch);
  figures.add("restore.operator_s", operators, "s");
  figures.add("restore.by_hand_s", hand.all, "s");
  figures.add("restore.overhead_ratio", operators / hand.all, "");
  figures.add("restore.overhead_ratio_without_15s", (operators - 15) / hand.all, "");
  figures.add("restore.delta_s", hand.delta, "s");
  figures.add("restore.full_s", hand.full, "s");
  figures.add("restore.delta_vs_full", hand.full / hand.delta, "");
  kubectl(concat("delete pod ", kByHand, " --wait"), 300s);
  kubectl(concat("delete postgrescluster ", kCluster, " --wait"), 300s);
}

}  // namespace
}  // namespace annals::bench

int main(int argc, char** argv) {
  annals::bench::Figures figures;
  annals::bench::measure(figures, argc > 1 ? argv[1] : "/tmp");
  figures.print(argc > 2 && std::string_view(argv[2]) == "--json");
}
