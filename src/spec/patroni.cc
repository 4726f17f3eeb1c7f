#include "spec/patroni.h"

#include <nlohmann/json.hpp>

#include "spec/fields.h"
#include "spec/quantity.h"

namespace annals::spec {
namespace {

constexpr Choices<SwitchoverType, 2> kSwitchoverTypes{
    {{"Switchover", SwitchoverType::kSwitchover}, {"Failover", SwitchoverType::kFailover}}};

enum class Level : std::uint8_t { kCritical, kError, kWarning, kInfo, kDebug, kNotSet };
constexpr Choices<Level, 6> kLevels{{{"CRITICAL", Level::kCritical},
                                     {"ERROR", Level::kError},
                                     {"WARNING", Level::kWarning},
                                     {"INFO", Level::kInfo},
                                     {"DEBUG", Level::kDebug},
                                     {"NOTSET", Level::kNotSet}}};

constexpr std::int64_t kLogStorageMin = 25'000'000;

void describe_storage_limit(Fields& fields, PatroniLogging& logging) {
  Opaque limit;
  if (!fields.is_reading()) limit.json = Json(logging.storage_limit).dump();
  fields.require("storageLimit", "set the size of Patroni's log files, at least 25M");
  fields.number_or_text("storageLimit", limit);
  if (!fields.is_reading() || limit.empty()) return;
  logging.storage_limit = quantity_text(limit);
  const std::optional<std::int64_t> size = quantity_value(logging.storage_limit);
  fields.check(size && *size >= kLogStorageMin, "storageLimit", "give a quantity of at least 25M");
}

}  // namespace

void describe(Fields& fields, Switchover& switchover) {
  fields.require("enabled", "set true or false");
  fields.flag("enabled", switchover.enabled);
  fields.text("targetInstance", switchover.target_instance);
  fields.choice("type", switchover.type, kSwitchoverTypes);
  fields.check_self(switchover.type != SwitchoverType::kFailover || !switchover.enabled ||
                        !switchover.target_instance.empty(),
                    "name the targetInstance; a failover needs one");
}

void describe(Fields& fields, PatroniLogging& logging) {
  Level level = Level::kInfo;
  for (const auto& [text, value] : kLevels) {
    if (text == logging.level) level = value;
  }
  fields.choice("level", level, kLevels);
  for (const auto& [text, value] : kLevels) {
    if (value == level) logging.level = text;
  }
  describe_storage_limit(fields, logging);
}

void describe(Fields& fields, Patroni& patroni) {
  fields.opaque("dynamicConfiguration", patroni.dynamic_configuration, Shape::kObject);
  fields.number("leaderLeaseDurationSeconds", patroni.leader_lease_duration_seconds);
  fields.check(patroni.leader_lease_duration_seconds >= 3, "leaderLeaseDurationSeconds",
               "give 3 or more");
  fields.number("syncPeriodSeconds", patroni.sync_period_seconds);
  fields.check(patroni.sync_period_seconds >= 1, "syncPeriodSeconds", "give 1 or more");
  fields.check_self(
      patroni.sync_period_seconds < patroni.leader_lease_duration_seconds,
      "make leaderLeaseDurationSeconds longer than syncPeriodSeconds, or the primary's "
      "leader lock expires between two syncs");
  fields.number("port", patroni.port);
  fields.check(patroni.port >= 1024 && patroni.port <= 65535, "port",
               "choose a port from 1024 to 65535");
  fields.part("logging", patroni.logging);
  fields.unused("logging");
  fields.part("switchover", patroni.switchover);
}

}  // namespace annals::spec
