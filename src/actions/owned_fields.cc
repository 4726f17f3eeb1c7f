#include "actions/owned_fields.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "k8s/lens/applied.h"

namespace annals::actions {
namespace {

// Officially a resourceVersion is opaque; with etcd it is a number that grows.
std::uint64_t number_or_zero(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  return ec == std::errc() && end == text.data() + text.size() ? number : 0;
}

}  // namespace

Result<OwnedObject> read_owned_object(k8s::JsonReader& reader, std::string_view object) {
  Result<k8s::AppliedView> seen = k8s::read_applied(reader, object);
  if (!seen) return fail(std::move(seen).error().while_doing("read an object"));
  OwnedObject owned;
  owned.written.uid = std::move(seen->uid);
  owned.written.digest = std::move(seen->digest);
  owned.written.version = number_or_zero(seen->resource_version);
  const auto add = [&owned](const char* name, std::optional<std::string> value) {
    if (value) owned.written.fields[name] = *std::move(value);
  };
  add("clusterIP", std::move(seen->cluster_ip));
  add("instance-set", std::move(seen->instance_set));
  add("instance", std::move(seen->instance));
  add("revision", std::move(seen->revision));
  add("requested", std::move(seen->requested));
  add("capacity", std::move(seen->capacity));
  if (!seen->resize.empty()) add("resize", std::move(seen->resize));
  add("failed", std::move(seen->failed));
  add("initialize", std::move(seen->initialize));
  add("config", std::move(seen->config));
  add("leader", std::move(seen->leader));
  add("failsafe", std::move(seen->failsafe));
  add("authority", std::move(seen->authority));
  add("request", std::move(seen->request));
  add("schedule", std::move(seen->schedule));
  add("repo", std::move(seen->repo));
  add("startTime", std::move(seen->start_time));
  add("completionTime", std::move(seen->completion_time));
  add("active", std::move(seen->active));
  add("succeeded", std::move(seen->succeeded));
  add("failures", std::move(seen->failures));
  if (seen->complete) add("complete", "true");
  owned.last_writer = std::move(seen->last_writer);
  return owned;
}

std::string digest_of_json(std::string_view text) {
  k8s::JsonReader reader;
  return k8s::digest_of_json(reader, text);
}

}  // namespace annals::actions
