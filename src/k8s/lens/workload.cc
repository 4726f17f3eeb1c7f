#include "k8s/lens/workload.h"

#include <utility>

#include "k8s/lens/read_meta.ipp"

namespace annals::k8s {
namespace {

void take_set(StatefulSetView& set, std::string_view part, ondemand::value value) {
  if (part == "metadata") take_meta(value, set.meta);
  each_field_of("spec", part, value, [&set](std::string_view key, ondemand::value inner) {
    if (key == "replicas") set.replicas_wanted = number_of(inner);
  });
  each_field_of("status", part, value, [&set](std::string_view key, ondemand::value inner) {
    if (key == "observedGeneration") set.observed_generation = number_of(inner);
    if (key == "replicas") set.replicas = number_of(inner);
    if (key == "readyReplicas") set.ready_replicas = number_of(inner);
    if (key == "updatedReplicas") set.updated_replicas = number_of(inner);
    if (key == "currentRevision") set.current_revision = text_of(inner);
    if (key == "updateRevision") set.update_revision = text_of(inner);
  });
}

void take_condition(JobView& job, ondemand::value condition) {
  std::string type;
  std::string reason;
  bool yes = false;
  each_field(condition, [&](std::string_view key, ondemand::value value) {
    if (key == "type") type = text_of(value);
    if (key == "status") yes = text_of(value) == "True";
    if (key == "reason") reason = text_of(value);
  });
  if (type == "Complete") job.complete = yes;
  if (type != "Failed") return;
  job.failed_for_good = yes;
  if (yes) job.failure = std::move(reason);
}

void take_job(JobView& job, std::string_view part, ondemand::value value) {
  if (part == "metadata") take_meta(value, job.meta);
  each_field_of("status", part, value, [&job](std::string_view key, ondemand::value inner) {
    if (key == "active") job.active = number_of(inner);
    if (key == "succeeded") job.succeeded = number_of(inner);
    if (key == "failed") job.failed = number_of(inner);
    if (key == "startTime") job.start_time = text_of(inner);
    if (key == "completionTime") job.completion_time = text_of(inner);
    if (key == "conditions") {
      each_element(inner, [&job](ondemand::value condition) { take_condition(job, condition); });
    }
  });
}

}  // namespace

void add_to(Fingerprint& fingerprint, const StatefulSetView& view) {
  add_to(fingerprint, view.meta);
  fingerprint.add(view.owned).add(view.replicas_wanted).add(view.observed_generation);
  fingerprint.add(view.replicas).add(view.ready_replicas).add(view.updated_replicas);
  fingerprint.add(view.current_revision).add(view.update_revision);
}

Result<StatefulSetView> read_stateful_set(JsonReader& reader, std::string_view object) {
  return read_owned_view<StatefulSetView>(reader, object, take_set);
}

void add_to(Fingerprint& fingerprint, const JobView& view) {
  add_to(fingerprint, view.meta);
  fingerprint.add(view.owned).add(view.active).add(view.succeeded).add(view.failed);
  fingerprint.add(view.complete).add(view.failed_for_good).add(view.failure);
  fingerprint.add(view.start_time).add(view.completion_time);
}

Result<JobView> read_job(JsonReader& reader, std::string_view object) {
  return read_owned_view<JobView>(reader, object, take_job);
}

}  // namespace annals::k8s
