// How facts were read from watched objects before there were lenses for them: with a whole nlohmann
// DOM each. What the lenses give must stay the same, byte for byte, because it stands in journals.
#pragma once

#include <string>

#include "fsm/model/fact.h"

namespace annals::lens::reference {

fsm::SpecObserved cluster_fact(const std::string& object);
fsm::PodObserved pod_fact(const std::string& object);
fsm::ObjectObserved owned_fact(const std::string& object);

}  // namespace annals::lens::reference
