// The Jobs of a restore and their pods, as Kubernetes tells of them, and what is asked about a
// cluster meanwhile.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <ranges>
#include <string>
#include <utility>

#include "base/concat.h"
#include "fsm/text/sentence.h"
#include "tests/unit/fsm/world.h"

namespace annals::fsm {

class WithRestoreJobs : public testing::Test {
 protected:
  static constexpr const char* kArchiveJob = "hippo-pgbackrest-archive";
  static constexpr const char* kRestoreJob = "hippo-pgbackrest-restore";

  void job_begins(const std::string& job) {
    tell_job(job, {.active = 1});
    tell_pod(job, std::nullopt);
  }
  void job_succeeds(const std::string& job, const std::string& report) {
    tell_pod(job, ContainerEnd{.exit_code = 0, .message = report});
    tell_job(job, {.start_time = "2026-01-02T00:01:00Z",
                   .completion_time = "2026-01-02T00:02:00Z",
                   .succeeded = 1,
                   .complete = true});
  }
  void job_fails(const std::string& job, const std::string& message) {
    job_ends_with(job, ContainerEnd{.exit_code = 1, .message = message});
  }
  void job_ends_with(const std::string& job, const ContainerEnd& end) {
    tell_pod(job, end);
    tell_job(job, {.failures = 1, .failed = "BackoffLimitExceeded"});
  }
  // Kubernetes says so after a while of a pod whose kubelet it does not hear.
  void job_is_on(const std::string& job, const std::string& node, bool answers) {
    PodObserved pod = world_.state().pods.at(job + "-x");
    pod.node = node;
    pod.ready = answers;
    world_.tell(pod);
  }
  // A Job that was deleted takes its pod along.
  void job_pod_ends(const std::string& job) {
    world_.tell(PodGone{.name = job + "-x", .uid = "uid-of-" + job + "-x"});
  }

  const Condition* condition(const std::string& type) const {
    const auto found = world_.state().conditions.find(type);
    return found == world_.state().conditions.end() ? nullptr : &found->second;
  }
  bool is_there(const std::string& job) const {
    return world_.state().objects.contains(World::ref("Job", job, "batch/v1"));
  }
  // How often a target was asked for.
  std::ptrdiff_t asked(const std::string& target) const {
    return std::ranges::count(world_.history(), target);
  }
  // Of the last decision of that machine.
  std::string reason_by(const std::string& machine) const {
    std::string reason;
    for (const Decision& decision : world_.decisions()) {
      if (decision.machine == machine) reason = sentence(decision.reason);
    }
    return reason;
  }
  // Of the last Job that was asked for.
  const ApplyObject* last_apply(const std::string& job) const {
    for (const Intent& intent : world_.carried_out() | std::views::reverse) {
      const auto* apply = std::get_if<ApplyObject>(&intent.action);
      if (apply != nullptr && apply->ref.name == job) return apply;
    }
    return nullptr;
  }

  static RepositoryContents contents() {
    using namespace std::chrono_literals;
    const Timestamp now = std::chrono::sys_days{2026y / 1 / 2};
    RepositoryContents contents;
    contents.databases = {{.id = 1, .system_id = "8000000000000000001", .version = "15"}};
    contents.archives = {{.database = 1,
                          .id = "15-1",
                          .first = "000000010000000000000001",
                          .last = "000000010000000000000006"}};
    contents.backups = {{.label = "20260101-220000F",
                         .type = "full",
                         .database = 1,
                         .start = now - 2h,
                         .stop = now - 1h,
                         .first_wal = "000000010000000000000002",
                         .last_wal = "000000010000000000000002",
                         .start_lsn = 0x2000028,
                         .stop_lsn = 0x2000100,
                         .size = 100'000'000}};
    return contents;
  }

  static ObjectFields runner(const std::string& instance) {
    return {.instance = {{.set = "instance1", .name = instance}},
            .stateful_set = {{.revision = "one"}}};
  }

  World world_;

 private:
  void tell_job(const std::string& job, JobFields fields) {
    ObjectObserved object = world_.state().objects.at(World::ref("Job", job, "batch/v1"));
    fields.restore = object.fields.job->restore;
    object.fields.job = std::move(fields);
    world_.tell(object);
  }
  void tell_pod(const std::string& job, std::optional<ContainerEnd> end) {
    PodObserved pod;
    pod.name = job + "-x";
    pod.uid = "uid-of-" + pod.name;
    pod.phase = end ? (end->exit_code == 0 ? "Succeeded" : "Failed") : "Running";
    pod.job = job;
    pod.end = std::move(end);
    world_.tell(pod);
  }
};

}  // namespace annals::fsm
