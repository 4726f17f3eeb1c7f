// What two outputs are compared by when they are not the same bytes: machine, transition,
// predicates, message id with the arguments that matter, and intents; never the wording.
#pragma once

#include <string_view>

namespace annals::replay {

// Both are payloads of decisions, or both of intents. Of a record from before messages had ids
// there is a sentence: then the rest is compared, and of a predicate its name and whether it holds.
bool is_same_structure(std::string_view recorded, std::string_view computed);

}  // namespace annals::replay
