// The status of a PostgresCluster as a document for server-side apply to its status subresource.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace annals::manifests {

struct StatusCondition {
  std::string type;
  bool status = false;
  std::string reason;                // CamelCase, one word
  std::string message;               // one sentence for a person
  std::string last_transition_time;  // RFC 3339, seconds
};

struct InstanceSetStatus {
  std::string name;
  int replicas = 0;
  int ready_replicas = 0;
};

struct StatusDocument {
  std::string name_space;
  std::string name;
  std::int64_t observed_generation = 0;
  std::string primary;  // the pod, empty when there is none
  std::vector<StatusCondition> conditions;
  std::vector<InstanceSetStatus> instances;
};

// JSON text; the same document gives the same bytes.
std::string status_manifest(const StatusDocument& status);

}  // namespace annals::manifests
