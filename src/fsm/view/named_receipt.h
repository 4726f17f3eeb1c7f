// A receipt as a person names it in an annotation, where both sites share no repository: its JSON
// text, or TIMELINE/LSN, "1/0/5000028".
#pragma once

#include <optional>
#include <string_view>

#include "fsm/model/receipt.h"

namespace annals::fsm {

// It is meant as one, whether it can be read or not. Other texts say who permits what, and why.
bool names_receipt(std::string_view text);
// Nothing for one that cannot be read. Of TIMELINE/LSN all but these two is not known.
std::optional<Receipt> read_named_receipt(std::string_view text);

}  // namespace annals::fsm
