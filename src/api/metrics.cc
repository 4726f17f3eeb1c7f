#include "api/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "api/process_figures.h"

namespace annals::api {

namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Labels;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// From the time of a cached answer on the same machine to that of a request that was given up.
const Histogram::BucketBoundaries& request_times() {
  static const Histogram::BucketBoundaries kTimes{0.002, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                  0.25,  0.5,   1,    2.5,   10,   30};
  return kTimes;
}

// From a disk with a battery to one that is about to fail.
const Histogram::BucketBoundaries& append_times() {
  static const Histogram::BucketBoundaries kTimes{0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                  0.025,  0.05,  0.1,    0.5,   2};
  return kTimes;
}

// From a pod that was nearly ready to a backup of a day.
const Histogram::BucketBoundaries& goal_times() {
  static const Histogram::BucketBoundaries kTimes{1,   5,   15,   30,   60,     120,
                                                  300, 600, 1800, 3600, 14'400, 86'400};
  return kTimes;
}

std::string code_text(int code) { return code == 0 ? "<error>" : std::to_string(code); }

Family<Counter>& counter(prometheus::Registry& registry, const char* name, const char* help) {
  return BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Gauge>& gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return BuildGauge().Name(name).Help(help).Register(registry);
}

Family<Histogram>& histogram(prometheus::Registry& registry, const char* name, const char* help) {
  return BuildHistogram().Name(name).Help(help).Register(registry);
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;

  Family<Counter>& requests = counter(registry, "rest_client_requests_total",
                                      "Requests to the API server by status code, method and host");
  Family<Histogram>& request_duration =
      histogram(registry, "rest_client_request_duration_seconds",
                "Duration of requests to the API server by verb and host");
  Histogram& turn = histogram(registry, "rest_client_rate_limiter_duration_seconds",
                              "Time requests waited for the client-side rate limiter")
                        .Add({}, request_times());
  Family<Counter>& retries = counter(registry, "rest_client_request_retries_total",
                                     "Retried requests to the API server by status code and verb");
  Gauge& answers =
      gauge(registry, "annals_api_server_answers", "1 if the API server answers requests, 0 if not")
          .Add({});
  Counter& warnings = counter(registry, "annals_api_server_warnings_total",
                              "Warning headers in responses of the API server")
                          .Add({});
  Family<Gauge>& master = gauge(registry, "leader_election_master_status",
                                "1 if this process holds the Lease (is the leader), 0 if not");
  Family<Counter>& events =
      counter(registry, "annals_watch_events_total", "Events received from watches by kind");
  Family<Counter>& lists = counter(registry, "annals_watch_lists_total",
                                   "Complete lists read from the API server by kind");
  Family<Counter>& restarts =
      counter(registry, "annals_watch_restarts_total", "Watch restarts by kind and cause");

  Counter& records = counter(registry, "annals_journal_records_total",
                             "Records that this process appended to the journal")
                         .Add({});
  Histogram& append_duration = histogram(registry, "annals_journal_append_duration_seconds",
                                         "Time from append to durable (fsync) of journal records")
                                   .Add({}, append_times());
  Gauge& sequence =
      gauge(registry, "annals_journal_last_sequence", "Sequence number of the last journal record")
          .Add({});
  Family<Counter>& decisions =
      counter(registry, "annals_decisions_total", "Decisions by state machine and transition");
  Family<Histogram>& goals = histogram(registry, "annals_operation_goal_seconds",
                                       "Time waited for a goal by operation and goal");
  Family<Counter>& intents =
      counter(registry, "annals_intents_total", "Completed intents (writes) by result");
  Gauge& pending =
      gauge(registry, "annals_intents_pending", "Intents (writes) in progress").Add({});
  Family<Gauge>& clusters =
      gauge(registry, "annals_clusters",
            "PostgresClusters by state; held: quarantined, awake: in memory in full, verified: a "
            "backup was restored and checked");
  Gauge& all = clusters.Add({{"state", "all"}});
  Gauge& all_ready = clusters.Add({{"state", "ready"}});
  Gauge& stalled = clusters.Add({{"state", "stalled"}});
  Gauge& quarantined = clusters.Add({{"state", "held"}});
  Gauge& resident = clusters.Add({{"state", "awake"}});
  Gauge& verified = clusters.Add({{"state", "verified"}});
  Family<Gauge>& troubles = gauge(registry, "annals_clusters_in_trouble",
                                  "PostgresClusters with a condition that says that something is "
                                  "wrong, by the condition, of Standby by its reason");
  Gauge& verified_at =
      gauge(registry, "annals_verified_backup_oldest_timestamp_seconds",
            "When a backup was last restored and checked by a drill, of the cluster for which "
            "that is longest ago, since the Unix epoch in seconds; 0 for none")
          .Add({});
  Family<Counter>& drills =
      counter(registry, "annals_restore_drills_total", "Restore drills by result");
  Gauge& ready = gauge(registry, "annals_ready", "1 if /readyz reports ready, 0 if not").Add({});

  Gauge& memory =
      gauge(registry, "process_resident_memory_bytes", "Resident memory size in bytes").Add({});
  Counter& processor =
      counter(registry, "process_cpu_seconds_total", "User and system CPU time in seconds").Add({});
  Gauge& descriptors = gauge(registry, "process_open_fds", "Open file descriptors").Add({});
  Gauge& started = gauge(registry, "process_start_time_seconds",
                         "Start time of the process since the Unix epoch in seconds")
                       .Add({});
};

Metrics::Metrics(std::string version) : families_(std::make_unique<Families>()) {
  gauge(families_->registry, "annals_build_info", "Always 1; the label has the version")
      .Add({{"version", std::move(version)}})
      .Set(1);
  families_->answers.Set(1);
  families_->started.Set(process_start_time());
}

Metrics::~Metrics() = default;

void Metrics::ask(std::function<Figures()> figures) { figures_ = std::move(figures); }

Response Metrics::answer() {
  const Figures now = figures_ ? figures_() : Figures{};
  families_->all.Set(static_cast<double>(now.clusters));
  families_->all_ready.Set(static_cast<double>(now.clusters_ready));
  families_->stalled.Set(static_cast<double>(now.clusters_stalled));
  families_->quarantined.Set(static_cast<double>(now.clusters_quarantined));
  families_->resident.Set(static_cast<double>(now.clusters_resident));
  families_->verified.Set(static_cast<double>(now.clusters_verified));
  families_->verified_at.Set(now.verified_at ? seconds(now.verified_at->time_since_epoch()) : 0);
  for (std::size_t i = 0; i < fsm::kTroubles.size(); ++i)
    families_->troubles.Add({{"condition", std::string(fsm::kTroubles[i].name)}})
        .Set(static_cast<double>(now.clusters_in_trouble[i]));
  families_->pending.Set(static_cast<double>(now.intents_pending));
  families_->sequence.Set(static_cast<double>(now.journal_sequence));
  families_->ready.Set(now.ready ? 1 : 0);
  const ProcessFigures process = process_figures();
  families_->memory.Set(process.resident_bytes);
  families_->processor.Increment(process.cpu_seconds - families_->processor.Value());
  families_->descriptors.Set(process.open_files);
  std::vector<prometheus::MetricFamily> collected = families_->registry.Collect();
  std::ranges::move(families_of(now.backups), std::back_inserter(collected));
  std::ranges::move(families_of(now.standbys), std::back_inserter(collected));
  return {.status = 200,
          .type = "text/plain; version=0.0.4; charset=utf-8",
          .body = prometheus::TextSerializer().Serialize(collected)};
}

void Metrics::request_done(std::string_view method, std::string_view host, int code,
                           Duration took) {
  families_->requests
      .Add(
          {{"code", code_text(code)}, {"method", std::string(method)}, {"host", std::string(host)}})
      .Increment();
  families_->request_duration
      .Add({{"verb", std::string(method)}, {"host", std::string(host)}}, request_times())
      .Observe(seconds(took));
}

void Metrics::waited_for_turn(Duration waited) { families_->turn.Observe(seconds(waited)); }

void Metrics::server_answers(bool yes) { families_->answers.Set(yes ? 1 : 0); }

void Metrics::server_warned() { families_->warnings.Increment(); }

void Metrics::request_retried(std::string_view method, int code) {
  families_->retries.Add({{"code", code_text(code)}, {"verb", std::string(method)}}).Increment();
}

void Metrics::leading(std::string_view lease, bool yes) {
  families_->master.Add({{"name", std::string(lease)}}).Set(yes ? 1 : 0);
}

void Metrics::watch_events(std::string_view kind, int count) {
  families_->events.Add({{"kind", std::string(kind)}}).Increment(count);
}

void Metrics::listed(std::string_view kind, Duration /*took*/) {
  families_->lists.Add({{"kind", std::string(kind)}}).Increment();
}

void Metrics::watch_restarted(std::string_view kind, std::string_view cause) {
  families_->restarts.Add({{"kind", std::string(kind)}, {"cause", std::string(cause)}}).Increment();
}

void Metrics::appended(std::size_t records, Duration took) {
  families_->records.Increment(static_cast<double>(records));
  families_->append_duration.Observe(seconds(took));
}

void Metrics::decided(std::string_view machine, std::string_view transition) {
  families_->decisions
      .Add({{"machine", std::string(machine)}, {"transition", std::string(transition)}})
      .Increment();
  if (machine != "restore-drill") return;
  if (transition == "complete") families_->drills.Add({{"result", "succeeded"}}).Increment();
  if (transition == "give-up") families_->drills.Add({{"result", "failed"}}).Increment();
}

void Metrics::waited(std::string_view operation, std::string_view goal, Duration waited) {
  families_->goals
      .Add({{"operation", std::string(operation)}, {"goal", std::string(goal)}}, goal_times())
      .Observe(seconds(waited));
}

void Metrics::ended(std::string_view result) {
  families_->intents.Add({{"result", std::string(result)}}).Increment();
}

}  // namespace annals::api
