#include "tests/bench/creation.h"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/concat.h"
#include "k8s/task_scope.h"
#include "tests/bench/api_server.h"
#include "tests/bench/first_seen.h"
#include "tests/bench/operator_process.h"
#include "tests/bench/same_writes.h"

namespace annals::bench {
namespace {

namespace asio = boost::asio;
using Json = nlohmann::json;
using k8s::Answer;

constexpr const char* kCreationSpace = "bench";
// Of what is measured by one cluster alone.
constexpr int kCreationSamples = 5;

// Names such that none is a part of another one.
std::string name_of(int number) { return concat("cluster-", 10000 + number); }

Json cluster_of(const std::string& name) {
  const Json claim = {{"accessModes", {"ReadWriteOnce"}},
                      {"resources", {{"requests", {{"storage", "1Gi"}}}}}};
  const Json instances =
      Json::array({{{"name", "instance1"}, {"replicas", 2}, {"dataVolumeClaimSpec", claim}}});
  const Json repos = Json::array({{{"name", "repo1"}, {"volume", {{"volumeClaimSpec", claim}}}}});
  return {{"apiVersion", "postgres-operator.crunchydata.com/v1beta1"},
          {"kind", "PostgresCluster"},
          {"metadata", {{"name", name}, {"namespace", kCreationSpace}}},
          {"spec",
           {{"postgresVersion", 15},
            {"instances", instances},
            {"backups", {{"pgbackrest", {{"repos", repos}}}}}}}};
}

std::string cluster_label_of(const k8s::ObjectMeta& meta) { return label_of(meta, "cluster"); }

struct Measured {
  std::vector<double> seconds_to_first;  // by cluster
  double requests = 0;
  double cpu_seconds = 0;
};

// One API server, one operator, and clusters that come.
class Creation {
 public:
  Creation(const ApiServer& server, Session& session, std::string directory, std::string program)
      : server_(server),
        session_(session),
        directory_(std::move(directory)),
        program_(std::move(program)) {}

  asio::awaitable<void> begin();
  asio::awaitable<void> create(int count, Measured* measured);
  // The same writes as for the first cluster, without an operator, for so many others at once.
  asio::awaitable<void> repeat_alone(int count, Measured* measured);
  asio::awaitable<void> end();

 private:
  asio::awaitable<void> make_cluster(std::string name);
  asio::awaitable<void> await_first(std::string cluster);
  asio::awaitable<void> await_all_since(int first);
  std::vector<double> seconds_since(Duration began, int first) const;
  asio::awaitable<void> await_quiet();

  const ApiServer& server_;
  Session& session_;
  std::string directory_;
  std::string program_;
  k8s::TaskScope tasks_{session_.loop.get_executor()};
  FirstSeen sets_{session_.client, session_.clock, k8s::stateful_sets(), cluster_label_of};
  std::unique_ptr<OperatorProcess> process_;
  std::unique_ptr<SameWrites> writes_;
  int clusters_ = 0;
};

asio::awaitable<void> Creation::begin() {
  const std::string space = R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"bench"}})";
  const Answer<std::string> made = co_await session_.client.create(k8s::namespaces(), {}, space);
  ANNALS_ASSERT(made.has_value(), to_string(made.error()));
  process_ = std::make_unique<OperatorProcess>(directory_, server_.operator_kubeconfig(), program_);
  co_await await_ready_operator(session_.clock);
  tasks_.spawn("stateful sets", sets_.run());
  while (!sets_.is_watching()) co_await k8s::pause_for(std::chrono::milliseconds(10));
  // The server has to get the storage of a new kind ready, for which the operator's watch waits;
  // and the first cluster of a namespace makes its authority. Neither is what is measured.
  const std::string first = name_of(clusters_++);
  co_await make_cluster(first);
  co_await await_first(first);
  co_await await_quiet();
}

asio::awaitable<void> Creation::make_cluster(std::string name) {
  const std::string text = cluster_of(name).dump();
  const Answer<std::string> made =
      co_await session_.client.create(k8s::postgres_clusters(), kCreationSpace, text);
  ANNALS_ASSERT(made.has_value(), to_string(made.error()));
}

asio::awaitable<void> Creation::await_first(std::string cluster) {
  const Duration began = session_.clock.steady();
  while (!sets_.when(cluster)) {
    ANNALS_ASSERT(session_.clock.steady() - began < std::chrono::minutes(5), cluster,
                  " has no StatefulSet; see operator.log in ", directory_);
    co_await k8s::pause_for(std::chrono::milliseconds(1));
  }
}

// Nothing is asked for, and nothing has been written for three seconds.
asio::awaitable<void> Creation::await_quiet() {
  Duration since = session_.clock.steady();
  std::string before;
  for (;;) {
    const std::string now = co_await ask("/metrics");
    const double pending = sum_of(now, "annals_intents_pending");
    std::string story = concat(pending, " pending, ", writes(now), " writes");
    const Duration quiet = session_.clock.steady() - since;
    if (pending == 0 && story == before && quiet > std::chrono::seconds(3)) co_return;
    ANNALS_ASSERT(quiet < std::chrono::minutes(3), "no progress: ", story);
    if (story != before) since = session_.clock.steady();
    before = std::move(story);
    co_await k8s::pause_for(std::chrono::milliseconds(200));
  }
}

asio::awaitable<void> Creation::await_all_since(int first) {
  for (int number = first; number < clusters_; ++number) co_await await_first(name_of(number));
}

std::vector<double> Creation::seconds_since(Duration began, int first) const {
  std::vector<double> seconds;
  for (int number = first; number < clusters_; ++number)
    seconds.push_back(milliseconds(*sets_.when(name_of(number)) - began) / 1000);
  return seconds;
}

asio::awaitable<void> Creation::create(int count, Measured* measured) {
  const std::string before = co_await ask("/metrics");
  const Duration began = session_.clock.steady();
  const int first = clusters_;
  for (; clusters_ < first + count; ++clusters_) co_await make_cluster(name_of(clusters_));
  co_await await_all_since(first);
  co_await await_quiet();
  const std::string after = co_await ask("/metrics");
  measured->seconds_to_first = seconds_since(began, first);
  measured->requests = (requests(after) - requests(before)) / count;
  measured->cpu_seconds =
      (sum_of(after, "process_cpu_seconds_total") - sum_of(before, "process_cpu_seconds_total")) /
      count;
}

asio::awaitable<void> Creation::repeat_alone(int count, Measured* measured) {
  process_.reset();
  if (!writes_) {
    writes_ = std::make_unique<SameWrites>(session_.client, tasks_, kCreationSpace, name_of(0));
    co_await writes_->read();
  }
  const Duration began = session_.clock.steady();
  const int first = clusters_;
  for (; clusters_ < first + count; ++clusters_) {
    const std::string name = name_of(clusters_);
    co_await make_cluster(name);
    // As the operator does it: who came first is served first.
    const k8s::Place place(k8s::Priority::kNormal, static_cast<std::uint64_t>(clusters_));
    tasks_.spawn("writes", writes_->repeat_for(name, place));
  }
  co_await await_all_since(first);
  while (writes_->under_way() > 0) co_await k8s::pause_for(std::chrono::milliseconds(1));
  measured->seconds_to_first = seconds_since(began, first);
  measured->requests = static_cast<double>(writes_->requests());
}

asio::awaitable<void> Creation::end() {
  process_.reset();
  tasks_.cancel();
  co_await tasks_.join();
}

asio::awaitable<void> run_one_by_one(Creation* creation, std::string suffix, Figures* figures) {
  co_await creation->begin();
  std::vector<double> first;
  std::vector<double> requests;
  for (int sample = 0; sample < kCreationSamples; ++sample) {
    Measured measured;
    co_await creation->create(1, &measured);
    first.push_back(measured.seconds_to_first.front() * 1000);
    requests.push_back(measured.requests);
  }
  figures->add(concat("operator.create_first_statefulset_ms_1", suffix), quantile(first, 0.5),
               "ms");
  figures->add(concat("operator.create_requests_1", suffix), quantile(requests, 0.5), "");
  std::vector<double> alone;
  for (int sample = 0; sample < kCreationSamples; ++sample) {
    Measured measured;
    co_await creation->repeat_alone(1, &measured);
    alone.push_back(measured.seconds_to_first.front() * 1000);
  }
  figures->add(concat("operator.api_alone_first_statefulset_ms_1", suffix), quantile(alone, 0.5),
               "ms");
  co_await creation->end();
}

asio::awaitable<void> run_at_once(Creation* creation, int count, std::string suffix,
                                  Figures* figures) {
  co_await creation->begin();
  Measured measured;
  co_await creation->create(count, &measured);
  const std::vector<double>& first = measured.seconds_to_first;
  const std::string end = concat(count, suffix);
  figures->add(concat("operator.create_p50_s_", end), quantile(first, 0.5), "s");
  figures->add(concat("operator.create_all_s_", end), quantile(first, 1), "s");
  figures->add(concat("operator.create_cpu_ms_per_cluster_", end), measured.cpu_seconds * 1000,
               "ms");
  figures->add(concat("operator.create_requests_per_cluster_", end), measured.requests, "");
  Measured alone;
  co_await creation->repeat_alone(count, &alone);
  figures->add(concat("operator.create_api_alone_p50_s_", end),
               quantile(alone.seconds_to_first, 0.5), "s");
  figures->add(concat("operator.create_api_alone_s_", end), quantile(alone.seconds_to_first, 1),
               "s");
  figures->add(concat("operator.create_api_alone_requests_per_cluster_", end), alone.requests, "");
  co_await creation->end();
}

void measure_with(const std::string& program, const std::string& suffix, int count,
                  const std::string& directory, Figures& figures) {
  const std::string its = concat(directory, "/create-", count, suffix);
  std::filesystem::create_directory(its);
  const ApiServer server(its);
  server.install();
  Session session(server.config());
  Creation creation(server, session, its, program);
  session.run(count == 1 ? run_one_by_one(&creation, suffix, &figures)
                         : run_at_once(&creation, count, suffix, &figures));
}

}  // namespace

void measure_creation(const std::string& directory, Figures& figures) {
  const char* const before = std::getenv("ANNALS_BENCH_BEFORE");
  const char* const at_once = std::getenv("ANNALS_BENCH_AT_ONCE");
  std::istringstream counts(at_once == nullptr ? "1 100 500" : at_once);
  for (int count = 0; counts >> count;) {
    if (before != nullptr) measure_with(before, "_before", count, directory, figures);
    measure_with({}, {}, count, directory, figures);
  }
}

}  // namespace annals::bench
