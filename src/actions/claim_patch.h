// The merge patch by which a volume claim outlives its cluster, or becomes another one's. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "actions/cluster_identity.h"
#include "base/result.h"
#include "fsm/model/intent.h"

namespace annals::actions {

// From the claim's JSON as it was read. Nothing where it is so already, or where the claim to be
// kept is nobody's of this cluster. kConflict, with a sentence for people, where a claim is to be
// taken up that is not kept for that cluster any more; kInvalid when it is no claim.
Result<std::optional<std::string>> claim_patch(std::string_view object,
                                               const fsm::KeepClaim& intent,
                                               const ClusterIdentity& cluster);

}  // namespace annals::actions
