// What clients notice of rolling updates: three instances on the cluster of script/cluster, one
// writer through the primary's Service and one reader through that of the replicas, each at 100 Hz,
// while every pod is made anew ten times. Usage: rolling_bench DIRECTORY [--json]
#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/assert.h"
#include "base/concat.h"
#include "support/shell.h"
#include "tests/bench/figures.h"

namespace annals::bench {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr int kUpdates = 10;
constexpr auto kBeat = 10ms;  // 100 Hz
constexpr const char* kCluster = "bison";

std::string kubectl(const std::string& arguments, std::chrono::seconds limit = 120s) {
  const e2e::Output output =
      e2e::run("script/cluster kubectl --namespace postgres-operator " + arguments, limit);
  ANNALS_ASSERT(output.status == 0, arguments, ": ", output.err);
  return output.out;
}

void create_cluster() {
  const e2e::Output made = e2e::run(
      concat("sed 's/name: hippo/name: ", kCluster,
             "/; s/replicas: [0-9]*/replicas: 3/' examples/hippo.yaml | script/cluster kubectl "
             "--namespace postgres-operator apply -f -"));
  ANNALS_ASSERT(made.status == 0, made.err);
}

bool is_settled(const std::string& revision) {
  const std::string resource = concat("get postgrescluster ", kCluster, " -o jsonpath='");
  const std::string conditions = kubectl(
      resource +
      "{range .status.conditions[*]}{.type}={.status} {end}{.status.instances[0].readyReplicas}'");
  if (!conditions.contains("Ready=True") || !conditions.contains("Progressing=False") ||
      !conditions.ends_with(" 3"))
    return false;
  const std::string pods =
      kubectl(concat("get pods -l postgres-operator.crunchydata.com/cluster=", kCluster,
                     ",postgres-operator.crunchydata.com/instance -o "
                     "jsonpath='{range .items[*]}[{.metadata.annotations.beat}]{end}'"));
  return pods == concat("[", revision, "][", revision, "][", revision, "]");
}

void await_settled(const std::string& revision) {
  ANNALS_ASSERT(
      e2e::eventually(400s, [&] { return is_settled(revision); }), "the cluster ", kCluster,
      " does not settle: ", kubectl(concat("get postgrescluster ", kCluster, " -o yaml")));
}

std::string secret(const std::string& key) {
  return kubectl(concat("get secret ", kCluster, "-pguser-", kCluster, " -o go-template='{{.data.",
                        key, " | base64decode}}'"));
}

std::string service_address(const std::string& service) {
  return kubectl(concat("get service ", kCluster, "-", service, " -o jsonpath={.spec.clusterIP}"));
}

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

// A client that does one thing at every beat, connects again when it fails, and notes when it
// succeeded.
class Client {
 public:
  Client(std::string parameters, std::function<bool(PGconn*)> act)
      : parameters_(std::move(parameters)), act_(std::move(act)), thread_([this] { run(); }) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() {
    stop_ = true;
    thread_.join();
  }

  // The longest time without success since the last call, until now.
  double longest_gap_ms() {
    const std::scoped_lock lock(mutex_);
    const double gap = std::max(longest_, milliseconds(Steady::now() - last_));
    longest_ = 0;
    return gap;
  }

 private:
  static double milliseconds(Steady::duration time) {
    return std::chrono::duration<double, std::milli>(time).count();
  }

  void succeeded() {
    const std::scoped_lock lock(mutex_);
    const Steady::time_point now = Steady::now();
    longest_ = std::max(longest_, milliseconds(now - last_));
    last_ = now;
  }

  void run() {
    Connection connection(nullptr, PQfinish);
    for (Steady::time_point beat = Steady::now(); !stop_; beat += kBeat) {
      std::this_thread::sleep_until(beat);
      beat = std::max(beat, Steady::now() - kBeat);
      if (!connection) connection.reset(PQconnectdb(parameters_.c_str()));
      if (PQstatus(connection.get()) == CONNECTION_OK && act_(connection.get())) {
        succeeded();
      } else {
        connection.reset();
      }
    }
  }

  std::string parameters_;
  std::function<bool(PGconn*)> act_;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  Steady::time_point last_ = Steady::now();
  double longest_ = 0;
  std::thread thread_;
};

bool does(PGconn* connection, const std::string& sql) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection, sql.c_str()),
                                                             PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

std::string parameters(const std::string& service, const std::string& attributes) {
  return concat("hostaddr=", service_address(service), " user=", secret("user"),
                " password=", secret("password"), " dbname=", secret("dbname"), " sslmode=require",
                " connect_timeout=2 tcp_user_timeout=1000 target_session_attrs=", attributes);
}

std::set<long> stored(const std::string& writable) {
  const Connection connection(PQconnectdb(writable.c_str()), PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(
      PQexec(connection.get(), "SELECT n FROM beats"), PQclear);
  ANNALS_ASSERT(PQresultStatus(result.get()) == PGRES_TUPLES_OK, PQerrorMessage(connection.get()));
  std::set<long> numbers;
  for (int row = 0; row < PQntuples(result.get()); ++row)
    numbers.insert(std::strtol(PQgetvalue(result.get(), row, 0), nullptr, 10));
  return numbers;
}

void measure(Figures& figures) {
  create_cluster();
  await_settled("");
  const std::string writable = parameters("ha", "read-write");
  {
    const Connection connection(PQconnectdb(writable.c_str()), PQfinish);
    ANNALS_ASSERT(does(connection.get(),
                       "CREATE SCHEMA IF NOT EXISTS bison; "
                       "DROP TABLE IF EXISTS beats; "
                       "CREATE TABLE beats (n bigint PRIMARY KEY)"),
                  PQerrorMessage(connection.get()));
  }
  std::set<long> acknowledged;
  std::vector<double> write_gaps;
  std::vector<double> read_gaps;
  std::vector<double> seconds;
  {
    long next = 0;
    Client writer(writable, [&](PGconn* connection) {
      const long number = ++next;
      if (!does(connection, concat("INSERT INTO beats VALUES (", number, ")"))) return false;
      acknowledged.insert(number);
      return true;
    });
    Client reader(parameters("replicas", "any"),
                  [](PGconn* connection) { return does(connection, "SELECT max(n) FROM beats"); });
    for (int update = 1; update <= kUpdates; ++update) {
      const std::string revision = concat(update);
      const Steady::time_point start = Steady::now();
      (void)writer.longest_gap_ms();
      (void)reader.longest_gap_ms();
      kubectl(concat("patch postgrescluster ", kCluster, " --type merge --patch '",
                     R"({"spec":{"metadata":{"annotations":{"beat":")", revision, R"("}}}}')"));
      await_settled(revision);
      write_gaps.push_back(writer.longest_gap_ms());
      read_gaps.push_back(reader.longest_gap_ms());
      seconds.push_back(std::chrono::duration<double>(Steady::now() - start).count());
    }
  }
  const std::set<long> kept = stored(writable);
  const auto lost =
      std::ranges::count_if(acknowledged, [&](long number) { return !kept.contains(number); });
  figures.add("rolling.write_gap_p99_ms", quantile(write_gaps, 0.99), "ms");
  figures.add("rolling.write_gap_p50_ms", quantile(write_gaps, 0.5), "ms");
  figures.add("rolling.read_gap_p99_ms", quantile(read_gaps, 0.99), "ms");
  figures.add("rolling.update_p50_s", quantile(seconds, 0.5), "s");
  figures.add("rolling.acknowledged_commits", static_cast<double>(acknowledged.size()), "commits");
  figures.add("rolling.lost_commits", static_cast<double>(lost), "commits");
  kubectl(concat("delete postgrescluster ", kCluster, " --wait"), 300s);
}

}  // namespace
}  // namespace annals::bench

int main(int argc, char** argv) {
  annals::bench::Figures figures;
  annals::bench::measure(figures);
  figures.print(argc > 2 && std::string_view(argv[2]) == "--json");
}
