// Whole numbers in JSON that is read back from a journal: the JSON library's own conversion lets
// another type, and a number that does not fit, become any number at all. For codecs only.
#pragma once

#include <concepts>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>

namespace annals::manifests {

// Of int, std::int64_t and std::uint64_t. Throws what the JSON library throws for a value of
// another type.
template <std::integral T>
T whole_number(const nlohmann::json& value);

// The same of a member that older records do not have.
template <std::integral T>
T whole_number(const nlohmann::json& object, const char* key, T otherwise);

}  // namespace annals::manifests
