// What the runtime counts. src/api gives these to Prometheus; without one nothing is counted.
// Called on the loop's thread; an implementation does not block.
#pragma once

#include <string_view>

#include "base/clock.h"

namespace annals::runtime {

class Metrics {
 public:
  Metrics() = default;
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  virtual ~Metrics() = default;

  // annals_journal_records_total and annals_journal_append_duration_seconds: so many records are
  // durable, `took` after they were handed in.
  virtual void appended(std::size_t /*records*/, Duration /*took*/) {}
  // annals_decisions_total{machine,transition}.
  virtual void decided(std::string_view /*machine*/, std::string_view /*transition*/) {}
  // annals_operation_goal_seconds{operation,goal}: a wait is over, however it ended.
  virtual void waited(std::string_view /*operation*/, std::string_view /*goal*/, Duration /*for*/) {
  }
  // annals_intents_total{result}: how something that was asked for has ended.
  virtual void ended(std::string_view /*result*/) {}
};

// Counts nothing; lives for ever.
Metrics& no_metrics();

}  // namespace annals::runtime
