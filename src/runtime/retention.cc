#include "runtime/retention.h"

#include <utility>

namespace annals::runtime {

RetentionKeeper::RetentionKeeper(journal::Journal& journal, const Clock& clock, Log log)
    : journal_(journal), clock_(clock), log_(std::move(log)) {}

void RetentionKeeper::run() {
  if (busy_.exchange(true)) return;
  thread_ = std::jthread([this] {
    apply();
    busy_ = false;
  });
}

void RetentionKeeper::apply() {
  const Result<journal::RetentionReport> report =
      journal::apply_retention(journal_, {}, clock_.now());
  if (!report) {
    log_.error("retention-failed", {{"error", to_string(report.error())}});
    return;
  }
  if (report->expired + report->cut + report->snapshots == 0) return;
  log_.info("retention", {{"expired", report->expired},
                          {"cut", report->cut},
                          {"snapshots", report->snapshots},
                          {"blobs", report->blobs},
                          {"heldBy", report->held_by ? report->held_by->value() : ""}});
}

}  // namespace annals::runtime
