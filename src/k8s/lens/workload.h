// The lenses for what runs pods: StatefulSet and Job. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "k8s/lens/meta.h"

namespace annals::k8s {

struct StatefulSetView {
  ObjectMeta meta;
  std::string owned;                     // see owned.h
  std::int64_t replicas_wanted = 1;      // spec.replicas; the API's default is 1
  std::int64_t observed_generation = 0;  // of the status below
  std::int64_t replicas = 0;
  std::int64_t ready_replicas = 0;
  std::int64_t updated_replicas = 0;
  std::string current_revision;
  std::string update_revision;
};

void add_to(Fingerprint& fingerprint, const StatefulSetView& view);
Result<StatefulSetView> read_stateful_set(JsonReader& reader, std::string_view object);

struct JobView {
  ObjectMeta meta;
  std::string owned;
  std::int64_t active = 0;
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  bool complete = false;         // condition Complete
  bool failed_for_good = false;  // condition Failed
  std::string failure;           // its reason: "BackoffLimitExceeded"
  std::string start_time;        // RFC 3339
  std::string completion_time;
};

void add_to(Fingerprint& fingerprint, const JobView& view);
Result<JobView> read_job(JsonReader& reader, std::string_view object);

}  // namespace annals::k8s
