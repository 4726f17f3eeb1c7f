// A cluster of three instances that is shut down or demoted: the Job that makes the receipt of it.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <ranges>
#include <string>
#include <utility>

#include "base/concat.h"
#include "fsm/view/shutdown_receipt.h"
#include "tests/unit/fsm/running_cluster.h"

namespace annals::fsm {

inline constexpr const char* kReceiptJobName = "hippo-shutdown-receipt";
inline constexpr const char* kShutdownAsked = R"(,"shutdown":true)";
inline constexpr const char* kTwoStores =
    R"(,"backups":{"pgbackrest":{"repos":[)"
    R"({"name":"repo1","s3":{"bucket":"a","endpoint":"e","region":"r"}},)"
    R"({"name":"repo2","s3":{"bucket":"b","endpoint":"e","region":"r"}}]}})";

class ShutDownCluster : public RunningCluster {
 protected:
  // All instances have ended, and a Job is asked for.
  void shut_down(const std::string& more = {}) {
    change(spec(3, more + kShutdownAsked));
    for (const std::string& instance : {instances_[1], instances_[2], instances_[0]})
      ended(instance);
  }
  static Receipt made() {
    return {.cluster = "postgres-operator/hippo",
            .system_id = "7301",
            .timeline = 1,
            .checkpoint_lsn = 0x5000028,
            .end_lsn = 0x5000000,
            .at = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2)};
  }
  Receipt own() const {
    Receipt receipt = made();
    receipt.cluster = concat(world_.state().spec->name_space, "/hippo");
    return receipt;
  }
  bool has_job() const { return receipt_job(world_.state()) != nullptr; }
  void job_succeeds(const std::string& repositories = {}) {
    tell_pod(ContainerEnd{
        .exit_code = 0, .message = concat("receipt {}\n", repositories), .receipt = own()});
    tell_job({.complete = true});
  }
  void job_fails(std::int64_t code, const std::string& words) {
    tell_pod(ContainerEnd{.exit_code = code, .message = words});
    tell_job({.failures = 1, .failed = "BackoffLimitExceeded"});
  }
  void pod_is_gone() {
    world_.tell(PodGone{.name = concat(kReceiptJobName, "-x"), .uid = concat("uid-", made_pods_)});
  }
  // Until a failed one is tried again, and its successor is there.
  void pass_pause(Duration pause) {
    world_.pass(pause);
    world_.tell(TimerFired{});
    pod_is_gone();
  }
  std::ptrdiff_t jobs() const {
    return std::ranges::count(world_.history(), concat("Job/", kReceiptJobName)) - removals();
  }
  std::ptrdiff_t removals() const {
    return std::ranges::count_if(world_.carried_out(), [](const Intent& intent) {
      const auto* removed = std::get_if<DeleteObject>(&intent.action);
      return removed != nullptr && removed->ref.name == kReceiptJobName;
    });
  }
  std::string manifest_of_job() const {
    for (const Intent& intent : world_.carried_out() | std::views::reverse) {
      const auto* apply = std::get_if<ApplyObject>(&intent.action);
      if (apply != nullptr && apply->ref.name == kReceiptJobName) return apply->manifest;
    }
    return {};
  }
  std::string status() const {
    for (const Intent& intent : world_.carried_out() | std::views::reverse) {
      const auto* patch = std::get_if<PatchStatus>(&intent.action);
      if (patch != nullptr) return patch->manifest;
    }
    return {};
  }
  // Of all that people were told with this reason.
  std::string told(const std::string& reason) const {
    std::string all;
    for (const Intent& intent : world_.carried_out()) {
      const auto* event = std::get_if<EmitEvent>(&intent.action);
      if (event != nullptr && event->reason == reason) all += sentence(event->message) + "\n";
    }
    return all;
  }
  void starts(const std::string& more = {}) {
    change(spec(3, more));
    runs(instances_[0], "one");
  }

 private:
  void tell_job(JobFields fields) {
    ObjectObserved object = *receipt_job(world_.state());
    fields.restore = object.fields.job->restore;
    object.fields.job = std::move(fields);
    world_.tell(object);
  }
  void tell_pod(std::optional<ContainerEnd> end) {
    PodObserved pod;
    pod.name = concat(kReceiptJobName, "-x");
    pod.uid = concat("uid-", ++made_pods_);
    pod.phase = end ? "Succeeded" : "Running";
    pod.job = kReceiptJobName;
    pod.end = std::move(end);
    world_.tell(pod);
  }

  int made_pods_ = 0;
};

}  // namespace annals::fsm
