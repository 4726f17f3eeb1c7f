// Metrics: what the Kubernetes client and the runtime count, and how the clusters are, as
// Prometheus reads it. The client's have client-go's names, so that usual dashboards and alerts
// fit. No label has a value that grows with the number of clusters, unless somebody has asked for
// metrics of each cluster. Belongs to the loop's thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/http_server.h"
#include "api/repository_metrics.h"
#include "api/standby_metrics.h"
#include "base/clock.h"
#include "k8s/transport/metrics.h"
#include "runtime/metrics.h"

namespace annals::api {

// How things are at the moment of a scrape.
struct Figures {
  std::size_t clusters = 0;
  std::size_t clusters_ready = 0;
  std::size_t clusters_stalled = 0;
  std::size_t clusters_quarantined = 0;  // the journal refuses a record of theirs
  std::size_t clusters_resident = 0;     // in memory in full: something has happened to them lately
  std::size_t clusters_verified = 0;     // a restore drill has proven a backup of theirs
  // The oldest one of their last proofs; nothing where there is none.
  std::optional<Timestamp> verified_at{};
  std::array<std::size_t, fsm::kTroubles.size()> clusters_in_trouble{};  // by the condition
  // Of each cluster where that is asked for; else one for all.
  std::vector<ClusterBackups> backups{};
  std::vector<ClusterStandby> standbys{};  // likewise; empty where no cluster follows another one
  std::size_t intents_pending = 0;
  std::uint64_t journal_sequence = 0;
  bool ready = false;  // the process, as /readyz says
};

class Metrics final : public k8s::ClientMetrics, public runtime::Metrics {
 public:
  explicit Metrics(std::string version);
  ~Metrics() override;

  // Asked at each scrape; does not block.
  void ask(std::function<Figures()> figures);
  Response answer();

  void request_done(std::string_view method, std::string_view host, int code,
                    Duration took) override;
  void waited_for_turn(Duration waited) override;
  void server_answers(bool yes) override;
  void server_warned() override;
  void request_retried(std::string_view method, int code) override;
  void leading(std::string_view lease, bool yes) override;
  void watch_events(std::string_view kind, int count) override;
  void listed(std::string_view kind, Duration took) override;
  void watch_restarted(std::string_view kind, std::string_view cause) override;

  void appended(std::size_t records, Duration took) override;
  void decided(std::string_view machine, std::string_view transition) override;
  void waited(std::string_view operation, std::string_view goal, Duration waited) override;
  void ended(std::string_view result) override;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
  std::function<Figures()> figures_;
};

}  // namespace annals::api
