// spec.patroni: what Patroni is told beyond what the operator decides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "spec/opaque.h"

namespace annals::spec {

class Fields;

enum class SwitchoverType : std::uint8_t { kSwitchover, kFailover };

struct Switchover {
  bool enabled = false;
  std::string target_instance;
  SwitchoverType type = SwitchoverType::kSwitchover;

  friend bool operator==(const Switchover&, const Switchover&) = default;
};

void describe(Fields& fields, Switchover& switchover);

struct PatroniLogging {
  std::string level = "INFO";
  std::string storage_limit;  // a quantity

  friend bool operator==(const PatroniLogging&, const PatroniLogging&) = default;
};

void describe(Fields& fields, PatroniLogging& logging);

struct Patroni {
  Opaque dynamic_configuration;  // an object, merged below what the operator decides
  std::int32_t leader_lease_duration_seconds = 30;
  std::int32_t sync_period_seconds = 10;
  std::int32_t port = 8008;
  std::optional<PatroniLogging> logging;  // to files; absent: to the container's log
  std::optional<Switchover> switchover;

  friend bool operator==(const Patroni&, const Patroni&) = default;
};

void describe(Fields& fields, Patroni& patroni);

}  // namespace annals::spec
