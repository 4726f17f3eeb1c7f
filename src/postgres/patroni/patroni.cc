#include "postgres/patroni/patroni.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/printable.h"
#include "http/status_code.h"

namespace annals::postgres {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kWordsMax = 200;

const Json* member_of(const Json& object, const char* key) {
  const auto found = object.find(key);  // end() also when it is no object
  return found == object.end() ? nullptr : &*found;
}

std::string text_at(const Json& object, const char* key) {
  const Json* value = member_of(object, key);
  const std::string* text = value == nullptr ? nullptr : value->get_ptr<const std::string*>();
  return text == nullptr ? std::string() : *text;
}

std::optional<std::int64_t> number_at(const Json& object, const char* key) {
  const Json* value = member_of(object, key);
  if (value == nullptr || !value->is_number_integer()) return std::nullopt;
  // Unsigned numbers beyond the signed range are no position and no version.
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX) return std::nullopt;
  return value->get<std::int64_t>();
}

bool flag_at(const Json& object, const char* key) {
  const Json* value = member_of(object, key);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

PatroniRole role_at(const Json& object) {
  const std::string role = text_at(object, "role");
  if (role == "leader" || role == "primary" || role == "master") return PatroniRole::kPrimary;
  if (role == "replica") return PatroniRole::kReplica;
  if (role == "sync_standby" || role == "quorum_standby") return PatroniRole::kSyncStandby;
  if (role == "standby_leader") return PatroniRole::kStandbyLeader;
  return PatroniRole::kUnknown;
}

Result<Json> object_of(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return fail(Errc::kInvalid, "not JSON");
  if (!json.is_object()) return fail(Errc::kInvalid, "not a JSON object");
  return json;
}

std::optional<std::int64_t> location_of(const Json& status) {
  const Json* xlog = member_of(status, "xlog");
  if (xlog == nullptr) return std::nullopt;
  const std::optional<std::int64_t> written = number_at(*xlog, "location");
  return written ? written : number_at(*xlog, "replayed_location");
}

}  // namespace

Result<PatroniCluster> read_cluster(std::string_view text) {
  const Result<Json> json = object_of(text);
  if (!json) return fail(json.error().while_doing("read Patroni's cluster"));
  const Json* members = member_of(*json, "members");
  if (members == nullptr || !members->is_array()) {
    return fail(Errc::kInvalid, "read Patroni's cluster: no members");
  }
  PatroniCluster cluster{.members = {}, .paused = flag_at(*json, "pause")};
  for (const Json& member : *members) {
    PatroniMember read{.name = text_at(member, "name"),
                       .role = role_at(member),
                       .state = text_at(member, "state"),
                       .host = text_at(member, "host"),
                       .timeline = number_at(member, "timeline"),
                       .lag_bytes = number_at(member, "lag"),
                       .pending_restart = flag_at(member, "pending_restart")};
    if (read.name.empty()) return fail(Errc::kInvalid, "read Patroni's cluster: nameless member");
    cluster.members.push_back(std::move(read));
  }
  return cluster;
}

Result<PatroniStatus> read_status(std::string_view text) {
  const Result<Json> json = object_of(text);
  if (!json) return fail(json.error().while_doing("read Patroni's status"));
  PatroniStatus status{.state = text_at(*json, "state"),
                       .role = role_at(*json),
                       .server_version = number_at(*json, "server_version"),
                       .timeline = number_at(*json, "timeline"),
                       .location = location_of(*json),
                       .system_identifier = text_at(*json, "database_system_identifier"),
                       .pending_restart = flag_at(*json, "pending_restart"),
                       .paused = flag_at(*json, "pause"),
                       .cluster_unlocked = flag_at(*json, "cluster_unlocked")};
  if (const Json* patroni = member_of(*json, "patroni")) {
    status.patroni_version = text_at(*patroni, "version");
  }
  if (status.state.empty()) return fail(Errc::kInvalid, "read Patroni's status: no state");
  return status;
}

std::string switchover_body(std::string_view leader, std::optional<std::string_view> candidate) {
  Json body = {{"leader", leader}};
  if (candidate) body["candidate"] = *candidate;
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool makes_standby(std::string_view configuration) {
  const Result<Json> json = object_of(configuration);
  const Json* standby = json ? member_of(*json, "standby_cluster") : nullptr;
  return standby != nullptr && standby->is_object();
}

std::string failover_body(std::string_view candidate) {
  return Json{{"candidate", candidate}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string restart_body(const RestartRequest& request) {
  Json body = Json::object();
  if (request.only_if_pending) body["restart_pending"] = true;
  if (request.role) body["role"] = *request.role;
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Error patroni_error(unsigned status, std::string_view body) {
  const bool is_unknown = status >= 500 && body.contains("status unknown");
  return Error{is_unknown ? Errc::kTimeout : annals::http::code_of_status(status),
               concat("HTTP ", status, ": ", printable(body, kWordsMax))};
}

}  // namespace annals::postgres
