// LeaseRecord: what is read of a coordination.k8s.io Lease. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "k8s/text/json.h"

namespace annals::k8s {

struct LeaseRecord {
  std::string holder;
  std::string renew_time;
  std::string resource_version;
  std::string uid;
  std::string acquire_time;
  std::int64_t transitions = 0;
  std::int64_t duration_seconds = 0;

  friend bool operator==(const LeaseRecord&, const LeaseRecord&) = default;
};

// kInvalid for what is no Lease: its numbers are int32 and not negative in Kubernetes, and an epoch
// is made of one of them.
Result<LeaseRecord> read_lease(JsonReader& reader, std::string_view object);

}  // namespace annals::k8s
