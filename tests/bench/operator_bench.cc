// The operator with a real API server and pods that are only said to run (kubelets.h): how soon a
// change of a spec leads to the first write, what it writes when nothing happens, memory, requests,
// and a cold start. Usage: operator_bench DIRECTORY [--json]
// Instead of databases there is nothing: what would go to them is done at once, so a cluster is
// Ready as soon as its pods are. Before that, new clusters alone and many at once (creation.h). The
// environment may scale it: ANNALS_BENCH_CLUSTERS (1000), ANNALS_BENCH_IDLE_SECONDS (300);
// ANNALS_BENCH_COLD_STARTS leaves out all but so many cold starts of each sort, and
// ANNALS_BENCH_PART=creation or fleet all but one part.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/concat.h"
#include "lens/label.h"
#include "tests/bench/api_server.h"
#include "tests/bench/creation.h"
#include "tests/bench/figures.h"
#include "tests/bench/first_seen.h"
#include "tests/bench/kubelets.h"
#include "tests/bench/operator_process.h"

namespace annals::bench {
namespace {

namespace asio = boost::asio;
using Json = nlohmann::json;
using k8s::Answer;

constexpr const char* kSpace = "bench";
constexpr int kInstances = 5;
constexpr int kSamples = 200;

// A Service and the mark that a change of the spec has left on it.
std::string marked(const std::string& service, const std::string& mark) {
  return concat(service, " ", mark);
}

std::string mark_of(const k8s::ObjectMeta& meta) {
  const std::string mark = label_of(meta, "bench");
  return mark.empty() ? mark : marked(meta.key.name, mark);
}

std::string name_of_cluster(int number) { return concat("c", number); }

asio::awaitable<void> create_cluster(k8s::Client* client, int number) {
  const Json claim = {{"accessModes", {"ReadWriteOnce"}},
                      {"resources", {{"requests", {{"storage", "1Gi"}}}}}};
  const Json cluster = {
      {"apiVersion", "postgres-operator.crunchydata.com/v1beta1"},
      {"kind", "PostgresCluster"},
      {"metadata", {{"name", name_of_cluster(number)}}},
      {"spec",
       {{"postgresVersion", 15},
        {"instances",
         Json::array(
             {{{"name", "a"}, {"replicas", kInstances}, {"dataVolumeClaimSpec", claim}}})}}}};
  const std::string text = cluster.dump();
  const Answer<std::string> made = co_await client->create(k8s::postgres_clusters(), kSpace, text);
  ANNALS_ASSERT(made.has_value(), to_string(made.error()));
}

class Bench {
 public:
  Bench(const std::string& directory, const ApiServer& server, Session& session, Figures& figures)
      : directory_(directory), server_(server), session_(session), figures_(figures) {}

  asio::awaitable<void> run();

 private:
  void start_operator() {
    process_.reset();
    process_ = std::make_unique<OperatorProcess>(directory_, server_.operator_kubeconfig());
  }
  asio::awaitable<std::string> metrics() { return ask("/metrics"); }
  asio::awaitable<void> await_ready_process() { return await_ready_operator(session_.clock); }
  asio::awaitable<void> grow_to(int count);
  asio::awaitable<void> await_settled();
  asio::awaitable<void> measure_growth(int most);
  asio::awaitable<void> measure_first_write();
  asio::awaitable<Duration> time_to_first_write(int sample);
  asio::awaitable<void> await_rest();
  asio::awaitable<void> measure_idle();
  asio::awaitable<void> measure_memory(std::string when = {});
  asio::awaitable<void> measure_lists();
  asio::awaitable<void> list(const k8s::Resource* kind, int* unlisted);
  asio::awaitable<void> measure_cold_start();
  asio::awaitable<void> cold_start(std::string lists);

  const std::string& directory_;
  const ApiServer& server_;
  Session& session_;
  Figures& figures_;
  k8s::TaskScope tasks_{session_.loop.get_executor()};
  std::unique_ptr<OperatorProcess> process_;
  std::unique_ptr<FirstSeen> services_;
  int clusters_ = 0;
  int marks_ = 0;  // no change is like another
};

asio::awaitable<void> Bench::await_settled() {
  Duration since = session_.clock.steady();
  std::string before;
  for (;;) {
    const std::string now = co_await metrics();
    const std::string story =
        concat(sum_of(now, "annals_clusters", "\"ready\""), " of ", clusters_, " ready, ",
               sum_of(now, "annals_intents_pending"), " pending, ", writes(now), " writes");
    const bool ready = sum_of(now, "annals_clusters", "\"ready\"") == clusters_;
    // Settled is ready, and nothing written for a while.
    const Duration quiet = session_.clock.steady() - since;
    if (ready && story == before && quiet > std::chrono::seconds(3)) co_return;
    ANNALS_ASSERT(quiet < std::chrono::minutes(3), "no progress: ", story);
    if (story != before) since = session_.clock.steady();
    before = story;
    co_await k8s::pause_for(std::chrono::milliseconds(200));
  }
}

// What is settled rests after ten seconds, and a second later jemalloc begins to give back what it
// has freed: the memory is what it is when it falls no more.
asio::awaitable<void> Bench::await_rest() {
  const Duration began = session_.clock.steady();
  for (double before = 0;;) {
    co_await k8s::pause_for(std::chrono::seconds(5));
    const std::string now = co_await metrics();
    const double awake = sum_of(now, "annals_clusters", "\"awake\"");
    const double resident = sum_of(now, "process_resident_memory_bytes");
    if (awake == 0 && before != 0 && resident >= before) co_return;
    ANNALS_ASSERT(session_.clock.steady() - began < std::chrono::minutes(2), awake,
                  " clusters are awake still");
    before = awake == 0 ? resident : 0;
  }
}

asio::awaitable<void> Bench::grow_to(int count) {
  const Duration began = session_.clock.steady();
  const int first = clusters_;
  for (; clusters_ < count; ++clusters_) co_await create_cluster(&session_.client, clusters_);
  co_await await_settled();
  const double took = std::chrono::duration<double>(session_.clock.steady() - began).count() - 3.0;
  std::fprintf(stderr, "%d clusters more are ready after %.1f s\n", count - first, took);
}

// From before the change is sent until its effect has come back over a watch.
asio::awaitable<Duration> Bench::time_to_first_write(int sample) {
  const std::string cluster = name_of_cluster(sample % clusters_);
  const std::string mark = concat("m", ++marks_);
  const Json patch = {
      {"spec",
       {{"service", {{"metadata", {{"labels", {{concat(lens::kLabelPrefix, "bench"), mark}}}}}}}}}};
  const std::string text = patch.dump();
  const std::string service = cluster + "-ha";
  const Duration asked = session_.clock.steady();
  k8s::ObjectName name{kSpace, cluster};
  const Answer<std::string> told =
      co_await session_.client.merge_patch(k8s::postgres_clusters(), std::move(name), text);
  ANNALS_ASSERT(told.has_value(), to_string(told.error()));
  for (;;) {
    const std::optional<Duration> seen = services_->when(marked(service, mark));
    if (seen) co_return *seen - asked;
    ANNALS_ASSERT(session_.clock.steady() - asked < std::chrono::seconds(60), service,
                  " was never written");
    co_await k8s::pause_for(std::chrono::milliseconds(1));
  }
}

asio::awaitable<void> Bench::measure_first_write() {
  std::vector<double> samples;
  for (int sample = 0; sample < kSamples; ++sample) {
    const Duration took = co_await time_to_first_write(sample * 7);
    samples.push_back(milliseconds(took));
  }
  figures_.add(concat("operator.first_write_p50_ms_", clusters_), quantile(samples, 0.5), "ms");
  figures_.add(concat("operator.first_write_p99_ms_", clusters_), quantile(samples, 0.99), "ms");
  co_await await_settled();
}

asio::awaitable<void> Bench::measure_idle() {
  const std::string before = co_await metrics();
  const int seconds = from_environment("ANNALS_BENCH_IDLE_SECONDS", 300);
  co_await k8s::pause_for(std::chrono::seconds(seconds));
  const std::string after = co_await metrics();
  figures_.add("operator.idle_writes", writes(after) - writes(before), "");
  figures_.add("operator.idle_records",
               sum_of(after, "annals_journal_last_sequence") -
                   sum_of(before, "annals_journal_last_sequence"),
               "");
  figures_.add(
      "operator.idle_cpu_percent",
      (sum_of(after, "process_cpu_seconds_total") - sum_of(before, "process_cpu_seconds_total")) *
          100 / seconds,
      "%");
}

asio::awaitable<void> Bench::measure_memory(std::string when) {
  co_await await_rest();
  const std::string now = co_await metrics();
  figures_.add(concat("operator.rss_mib_", clusters_, when),
               sum_of(now, "process_resident_memory_bytes") / (1 << 20), "MiB");
}

asio::awaitable<void> Bench::list(const k8s::Resource* kind, int* unlisted) {
  std::string token;
  do {
    k8s::ListOptions options;
    options.continue_token = std::move(token);
    if (*kind != k8s::postgres_clusters())
      options.label_selector = concat(lens::kLabelPrefix, "cluster");
    const auto ignore = [](std::string_view) { return Result<void>(); };
    Answer<k8s::PageEnd> page = co_await session_.client.list(*kind, std::move(options), ignore);
    ANNALS_ASSERT(page.has_value(), to_string(page.error()));
    token = std::move(page->continue_token);
  } while (!token.empty());
  *unlisted -= 1;
}

// What the API server alone takes for the lists that a start waits for.
asio::awaitable<void> Bench::measure_lists() {
  const std::vector<k8s::Resource> kinds{k8s::postgres_clusters(), k8s::pods(),
                                         k8s::services(),          k8s::endpoints(),
                                         k8s::config_maps(),       k8s::secrets(),
                                         k8s::service_accounts(),  k8s::persistent_volume_claims(),
                                         k8s::stateful_sets(),     k8s::roles(),
                                         k8s::role_bindings()};
  const Duration began = session_.clock.steady();
  int unlisted = static_cast<int>(kinds.size());
  for (const k8s::Resource& kind : kinds) tasks_.spawn("list", list(&kind, &unlisted));
  while (unlisted > 0) co_await k8s::pause_for(std::chrono::milliseconds(1));
  figures_.add(concat("operator.lists_s_", clusters_),
               std::chrono::duration<double>(session_.clock.steady() - began).count(), "s");
}

// With lists as the beginning of watches, or in pages.
asio::awaitable<void> Bench::cold_start(std::string lists) {
  process_.reset();
  co_await measure_lists();
  ::setenv("ANNALS_LISTS", lists.c_str(), 1);
  const std::string sort = lists.empty() ? "" : "_" + lists;
  const Duration began = session_.clock.steady();
  start_operator();
  co_await await_ready_process();
  figures_.add(concat("operator.cold_start", sort, "_s_", clusters_),
               std::chrono::duration<double>(session_.clock.steady() - began).count(), "s");
  const std::string ready = co_await metrics();
  figures_.add(concat("operator.cold_start", sort, "_cpu_s_", clusters_),
               sum_of(ready, "process_cpu_seconds_total"), "s");
  figures_.add(concat("operator.cold_start", sort, "_peak_mib_", clusters_),
               process_->peak_bytes() / (1 << 20), "MiB");
  co_await await_settled();
  figures_.add(concat("operator.cold_start", sort, "_writes"), writes(co_await metrics()), "");
  co_await measure_memory(concat("_after_cold_start", sort));
}

asio::awaitable<void> Bench::measure_cold_start() {
  const int rounds = from_environment("ANNALS_BENCH_COLD_STARTS", 1);
  for (int round = 0; round < rounds; ++round) {
    co_await cold_start("events");
    co_await cold_start("");
  }
}

asio::awaitable<void> Bench::run() {
  std::ifstream file(ANNALS_SOURCE_DIR "/tests/bench/pod.json");
  Kubelets kubelets(session_.client, tasks_, Json::parse(file));
  services_ =
      std::make_unique<FirstSeen>(session_.client, session_.clock, k8s::services(), mark_of);
  const std::string space = R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"bench"}})";
  const Answer<std::string> made = co_await session_.client.create(k8s::namespaces(), {}, space);
  ANNALS_ASSERT(made.has_value(), to_string(made.error()));
  start_operator();
  co_await await_ready_process();
  kubelets.start();
  tasks_.spawn("services", services_->run());
  const int most = from_environment("ANNALS_BENCH_CLUSTERS", 1000);
  if (from_environment("ANNALS_BENCH_COLD_STARTS", 0) > 0) {
    co_await grow_to(most);
  } else {
    co_await measure_growth(most);
  }
  co_await measure_cold_start();
  process_.reset();
  tasks_.cancel();
  co_await tasks_.join();
}

asio::awaitable<void> Bench::measure_growth(int most) {
  co_await grow_to(1);
  co_await measure_first_write();
  const std::string one = co_await metrics();
  co_await grow_to(std::min(100, most));
  const std::string hundred = co_await metrics();
  figures_.add("operator.api_requests_per_cluster",
               (requests(hundred) - requests(one)) / std::max(1, clusters_ - 1), "");
  co_await measure_memory();
  co_await measure_first_write();
  if (most > clusters_) {
    co_await grow_to(std::min(500, most));
    co_await measure_first_write();
  }
  co_await measure_idle();
  if (most > clusters_) {
    co_await grow_to(most);
    co_await measure_memory();
  }
}

}  // namespace

void measure_fleet(const std::string& directory, Figures& figures) {
  const ApiServer server(directory);
  server.install();
  Session session(server.config());
  Bench bench(directory, server, session, figures);
  session.run(bench.run());
}

}  // namespace annals::bench

int main(int argc, char** argv) {
  ANNALS_ASSERT(argc >= 2, "usage: operator_bench DIRECTORY [--json]");
  annals::bench::Figures figures;
  const char* const part = std::getenv("ANNALS_BENCH_PART");
  const std::string_view only = part == nullptr ? "" : part;
  if (only != "fleet") annals::bench::measure_creation(argv[1], figures);
  if (only != "creation") annals::bench::measure_fleet(argv[1], figures);
  figures.print(argc > 2 && std::string_view(argv[2]) == "--json");
}
