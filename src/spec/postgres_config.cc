#include "spec/postgres_config.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/concat.h"
#include "spec/fields.h"

namespace annals::spec {
namespace {

constexpr std::size_t kParametersMax = 50;

struct Reserved {
  std::string_view name;
  bool prefix;
  std::string_view remedy;
};

constexpr std::string_view kPaths = "remove it; the operator sets file locations";
constexpr std::string_view kHa = "remove it; Patroni sets it from the state of the cluster";
constexpr std::string_view kArchive = "remove it; the operator sets it from spec.backups";
constexpr std::string_view kTls = "remove it; use spec.customTLSSecret for your own certificate";
constexpr std::string_view kLogs = "remove it; the operator configures logging";

constexpr std::array kReserved{
    Reserved{"config_file", false, kPaths},
    Reserved{"data_directory", false, kPaths},
    Reserved{"external_pid_file", false, kPaths},
    Reserved{"hba_file", false, "remove it; use spec.authentication"},
    Reserved{"ident_file", false, kPaths},
    Reserved{"listen_addresses", false,
             "remove it; the server listens on all addresses of its pod"},
    Reserved{"port", false, "remove it; use spec.port"},
    Reserved{"ssl", false, kTls},
    Reserved{"ssl_", true, kTls},
    Reserved{"unix_socket_", true, kPaths},
    Reserved{"wal_log_hints", false, kHa},
    Reserved{"archive_mode", false, kArchive},
    Reserved{"archive_command", false, kArchive},
    Reserved{"restore_command", false, kArchive},
    Reserved{"recovery_target", true, "remove it; use spec.dataSource"},
    Reserved{"hot_standby", false, kHa},
    Reserved{"synchronous_standby_names", false,
             "remove it; use synchronous_mode in spec.patroni.dynamicConfiguration"},
    Reserved{"primary_conninfo", false, kHa},
    Reserved{"primary_slot_name", false, kHa},
    Reserved{"recovery_min_apply_delay", false,
             "remove it; use standby_cluster in spec.patroni.dynamicConfiguration"},
    Reserved{"cluster_name", false, kHa},
    Reserved{"logging_collector", false, kLogs},
    Reserved{"log_file_mode", false, kLogs},
};

bool is_named_by(const Reserved& reserved, std::string_view name) {
  if (!reserved.prefix) return name == reserved.name;
  if (reserved.name == "recovery_target") {
    return name == reserved.name || name.starts_with("recovery_target_");
  }
  return name.starts_with(reserved.name) && name != "ssl_groups" && name != "ssl_ecdh_curve";
}

}  // namespace

bool is_reserved_parameter(std::string_view name) {
  return std::ranges::any_of(kReserved,
                             [&](const Reserved& reserved) { return is_named_by(reserved, name); });
}

void describe(Fields& fields, PostgresConfig& config) {
  fields.opaque("files", config.files, Shape::kArray);
  fields.settings("parameters", config.parameters);
  fields.check(config.parameters.size() <= kParametersMax, "parameters",
               "give at most 50 parameters; put more in spec.patroni.dynamicConfiguration");
  for (const auto& [name, value] : config.parameters) {
    for (const Reserved& reserved : kReserved) {
      if (!is_named_by(reserved, name)) continue;
      fields.wrong(concat("parameters.", name), value, reserved.remedy);
    }
    if (name == "wal_level" && value != "logical") {
      fields.wrong("parameters.wal_level", value, "set it to logical, or remove it");
    }
  }
}

}  // namespace annals::spec
