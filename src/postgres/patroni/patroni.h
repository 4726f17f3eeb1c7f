// What Patroni's REST API says and is told (patroni.readthedocs.io, "Patroni REST API"), without
// the wire: patroni_api.h has that. Pure. The texts come from a pod and may be anything: what is
// missing or of another type is kInvalid where nothing works without it, and absent otherwise;
// unknown words stay kUnknown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace annals::postgres {

enum class PatroniRole : std::uint8_t {
  kUnknown,
  kPrimary,  // "leader", "primary", and "master" before Patroni 4
  kReplica,
  kSyncStandby,    // "sync_standby", "quorum_standby"
  kStandbyLeader,  // leads a cluster that follows another one
};

struct PatroniMember {
  std::string name;
  PatroniRole role = PatroniRole::kUnknown;
  std::string state;  // "running", "streaming", "stopped", "creating replica", ...
  std::string host;
  std::optional<std::int64_t> timeline{};
  std::optional<std::int64_t>
      lag_bytes{};  // nothing for the leader, and where Patroni says "unknown"
  bool pending_restart = false;
};

// GET /cluster
struct PatroniCluster {
  std::vector<PatroniMember> members;
  bool paused = false;
};

// GET /patroni, of one member
struct PatroniStatus {
  std::string state;
  PatroniRole role = PatroniRole::kUnknown;
  std::optional<std::int64_t> server_version{};  // 150004
  std::optional<std::int64_t> timeline{};
  std::optional<std::int64_t> location{};  // of the WAL in bytes: written, or else replayed
  std::string system_identifier{};
  std::string patroni_version{};
  bool pending_restart = false;
  bool paused = false;
  bool cluster_unlocked = false;  // nobody leads
};

Result<PatroniCluster> read_cluster(std::string_view json);
Result<PatroniStatus> read_status(std::string_view json);

// The body of POST /switchover. Without a candidate Patroni chooses.
std::string switchover_body(std::string_view leader, std::optional<std::string_view> candidate);

// Whether a cluster with this configuration, as GET /config gives it, follows another one.
bool makes_standby(std::string_view configuration);

// The body of POST /failover.
std::string failover_body(std::string_view candidate);

struct RestartRequest {
  bool only_if_pending = false;
  std::optional<std::string> role{};  // only while the member is that: "primary", "replica"
};
std::string restart_body(const RestartRequest& request);

// The meaning of an answer that is not 2xx, with the beginning of Patroni's words. A switchover
// whose outcome Patroni itself does not know is kTimeout.
Error patroni_error(unsigned status, std::string_view body);

}  // namespace annals::postgres
