// What a backup costs beside the same by hand: a full one of 2 GiB into the S3 server of script/s3,
// on the cluster of script/cluster, twice each way in turn. By hand is `pgbackrest backup` alone,
// in a pod like the Job's. The operator's time is from the request to the end of its Job, with the
// pod's start. Usage: backup_bench DIRECTORY [--json]
#include <algorithm>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/concat.h"
#include "support/object_store.h"
#include "tests/bench/figures.h"

namespace annals::bench {
namespace {

using namespace std::chrono_literals;

constexpr const char* kBenched = "narwhal";
constexpr const char* kPodByHand = "narwhal-by-hand";
constexpr double kData = 2048;  // MiB, about

class Backups : public e2e::ObjectStore {
 public:
  static void create();
  static void end();
  // In seconds. Leaves the Job as it was made.
  static double by_operator(const std::string& id, nlohmann::json& job);
  static double by_hand(const nlohmann::json& job, const std::string& scratch);
};

void Backups::create() {
  remove(kBenched);
  start_store();
  e2e::must(
      concat("$KUBECTL -n postgres-operator apply -f - <<'YAML'\n"
             "apiVersion: postgres-operator.crunchydata.com/v1beta1\n"
             "kind: PostgresCluster\nmetadata: {name: ",
             kBenched,
             "}\nspec:\n  postgresVersion: 15\n"
             "  instances: [{name: instance1, dataVolumeClaimSpec: {accessModes: "
             "[ReadWriteOnce], resources: {requests: {storage: 8Gi}}}}]\n"
             "  backups:\n    pgbackrest:\n      ",
             access("1", "/narwhal/repo1", e2e::kS3, "repo1-retention-full: '1'"), "      repos: [",
             bucket("repo1"), "]\nYAML"));
  await_settled(kBenched);
  await_backup(kBenched);
  for (int table = 0; table < 40; ++table) {
    superuser(kBenched, concat("create table t", table,
                               " as select n, md5(n::text) || md5((n + 1)::text) as text "
                               "from generate_series(1, 530000) n"));
  }
  superuser(kBenched, "vacuum (freeze, analyze)");
  superuser(kBenched, "checkpoint");
  await_archived(kBenched, switch_wal(kBenched), 600s);
}

void Backups::end() {
  must_kubectl(concat("delete pod ", kPodByHand, " --ignore-not-found --wait"), 300s);
  remove(kBenched);
  end_store();
}

double Backups::by_operator(const std::string& id, nlohmann::json& job) {
  patch(kBenched, R"({"spec":{"backups":{"pgbackrest":{"manual":{"repoName":"repo1",)"
                  R"("options":["--type=full","--start-fast"]}}}}})");
  const double begin = std::stod(e2e::must("date +%s.%N"));
  annotate(kBenched, "pgbackrest-backup=" + id);
  await_backed_up(kBenched, id, 900s);
  job = nlohmann::json::parse(
            must_kubectl("get jobs -l postgres-operator.crunchydata.com/pgbackrest-backup=manual,"
                         "postgres-operator.crunchydata.com/cluster=narwhal -o json"))
            .at("items")
            .back();
  const auto ended = job.at("/status/completionTime"_json_pointer).get<std::string>();
  // Times of Kubernetes are whole seconds.
  return std::stod(e2e::must("date --date=" + ended + " +%s")) + 0.5 - begin;
}

double Backups::by_hand(const nlohmann::json& job, const std::string& scratch) {
  must_kubectl(concat("delete pod ", kPodByHand, " --ignore-not-found --wait"), 300s);
  nlohmann::json pod = {{"apiVersion", "v1"},
                        {"kind", "Pod"},
                        {"metadata", {{"name", kPodByHand}}},
                        {"spec", job.at("/spec/template/spec"_json_pointer)}};
  pod["spec"]["containers"][0]["command"] = {
      "bash", "-ceu",
      "begin=$(date +%s%3N); pgbackrest backup --stanza=db --repo=1 --type=full --start-fast; "
      "echo $(($(date +%s%3N) - begin))"};
  std::ofstream(scratch + "/pod.json") << pod;
  apply("cat " + scratch + "/pod.json");
  e2e::await(
      "what is done by hand", 900s,
      [] { return must_kubectl(concat("get pod ", kPodByHand, " -o jsonpath={.status.phase}")); },
      "Succeeded");
  return std::stod(must_kubectl(concat("logs ", kPodByHand, " --tail=1"))) / 1000;
}

void measure(Figures& figures, const std::string& scratch) {
  Backups::create();
  std::vector<double> ours;
  std::vector<double> alone;
  nlohmann::json job;
  Backups::by_operator("first", job);  // so that whatever is read is in memory for both
  for (int round = 0; round < 2; ++round) {
    alone.push_back(Backups::by_hand(job, scratch));
    ours.push_back(Backups::by_operator(concat("round-", round), job));
  }
  const double operators = std::ranges::min(ours);
  const double hand = std::ranges::min(alone);
  figures.add("backup.operator_s", operators, "s");
  figures.add("backup.by_hand_s", hand, "s");
  figures.add("backup.throughput", kData / operators, "MiB/s");
  figures.add("backup.throughput_vs_pgbackrest", hand / operators, "");
  Backups::end();
}

}  // namespace
}  // namespace annals::bench

int main(int argc, char** argv) {
  annals::bench::Figures figures;
  annals::bench::measure(figures, argc > 1 ? argv[1] : "/tmp");
  figures.print(argc > 2 && std::string_view(argv[2]) == "--json");
}
