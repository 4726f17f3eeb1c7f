// The Warning header (RFC 7234, 5.5), by which an API server says that a request was done, but
// should not be made like that: `299 - "v1 Endpoints is deprecated in v1.33+"`. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace annals::http {

// Of one response. What exceeds them is dropped: a warning is worth no trouble.
inline constexpr std::size_t kWarningsMax = 16;
inline constexpr std::size_t kWarningBytesMax = 512;

// Appends the texts of one header line, printable and cut to kWarningBytesMax, up to kWarningsMax
// in all. Only the code 299 counts, by which API servers warn; the others speak of caches. Reading
// ends at the first warning that is malformed.
void read_warnings(std::string_view line, std::vector<std::string>& texts);

}  // namespace annals::http
