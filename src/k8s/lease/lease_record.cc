#include "k8s/lease/lease_record.h"

#include <limits>

#include "k8s/text/json_scratch.ipp"

namespace annals::k8s {
namespace {

bool is_count(std::int64_t number) {
  return number >= 0 && number <= std::numeric_limits<std::int32_t>::max();
}

}  // namespace

Result<LeaseRecord> read_lease(JsonReader& reader, std::string_view object) {
  LeaseRecord lease;
  const auto read_metadata = [&lease](std::string_view key, ondemand::value value) {
    if (key == "resourceVersion") lease.resource_version = text_of(value);
    if (key == "uid") lease.uid = text_of(value);
  };
  const auto read_spec = [&lease](std::string_view key, ondemand::value value) {
    if (key == "holderIdentity") lease.holder = text_of(value);
    if (key == "renewTime") lease.renew_time = text_of(value);
    if (key == "acquireTime") lease.acquire_time = text_of(value);
    if (key == "leaseTransitions") lease.transitions = number_of(value);
    if (key == "leaseDurationSeconds") lease.duration_seconds = number_of(value);
  };
  Result<void> read = read_object(reader, object, [&](ondemand::object& root) {
    each_field(root, [&](std::string_view key, ondemand::value value) {
      if (key == "metadata") each_field(value, read_metadata);
      if (key == "spec") each_field(value, read_spec);
    });
  });
  if (!read) return fail(std::move(read).error());
  if (!is_count(lease.transitions) || !is_count(lease.duration_seconds)) {
    return fail(Errc::kInvalid, "a lease with ", lease.transitions, " transitions and a term of ",
                lease.duration_seconds, " seconds");
  }
  return lease;
}

}  // namespace annals::k8s
