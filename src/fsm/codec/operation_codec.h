// Operations, what belongs to them, and backups that were asked for, as JSON. For the codec of
// states.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "fsm/model/operation.h"
#include "fsm/model/state.h"
#include "manifests/json.h"

namespace annals::fsm {

manifests::Json operation_to_json(const Operation& operation);
manifests::Json hand_over_to_json(const HandOver& hand_over);
manifests::Json members_to_json(const MembersSeen& members);
manifests::Json retired_to_json(const std::map<std::string, Retired>& retired);
manifests::Json manual_backup_to_json(const ManualBackup& backup);

// These throw Unreadable, or what the JSON library throws.
Operation operation_from_json(const nlohmann::json& from);
HandOver hand_over_from_json(const nlohmann::json& from);
MembersSeen members_from_json(const nlohmann::json& from);
std::map<std::string, Retired> retired_from_json(const nlohmann::json& from);
ManualBackup manual_backup_from_json(const nlohmann::json& from);

}  // namespace annals::fsm
