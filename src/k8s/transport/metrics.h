// What the client counts. src/api gives these to Prometheus under client-go's names
// (rest_client_requests_total, ..., leader_election_master_status); without one nothing is counted.
// Called on the loop's thread; an implementation does not block.
#pragma once

#include <string_view>

#include "base/clock.h"

namespace annals::k8s {

class ClientMetrics {
 public:
  ClientMetrics() = default;
  ClientMetrics(const ClientMetrics&) = delete;
  ClientMetrics& operator=(const ClientMetrics&) = delete;
  virtual ~ClientMetrics() = default;

  // rest_client_requests_total{code,method,host} and
  // rest_client_request_duration_seconds{verb,host}. `code` is the HTTP status, 0 without an answer
  // ("<error>").
  virtual void request_done(std::string_view /*method*/, std::string_view /*host*/, int /*code*/,
                            Duration /*took*/) {}
  // rest_client_rate_limiter_duration_seconds: the wait for a turn.
  virtual void waited_for_turn(Duration /*waited*/) {}
  // annals_api_server_answers: told at each change; 1 before the first.
  virtual void server_answers(bool /*yes*/) {}
  // annals_api_server_warnings_total: once for each warning of an answer.
  virtual void server_warned() {}
  // rest_client_request_retries_total.
  virtual void request_retried(std::string_view /*method*/, int /*code*/) {}
  // leader_election_master_status{name}.
  virtual void leading(std::string_view /*lease*/, bool /*yes*/) {}
  // annals_watch_events_total{kind}.
  virtual void watch_events(std::string_view /*kind*/, int /*count*/) {}
  // annals_watch_lists_total{kind}, annals_watch_restarts_total{kind,cause}.
  virtual void listed(std::string_view /*kind*/, Duration /*took*/) {}
  virtual void watch_restarted(std::string_view /*kind*/, std::string_view /*cause*/) {}
};

// Counts nothing; lives for ever.
ClientMetrics& no_metrics();

}  // namespace annals::k8s
