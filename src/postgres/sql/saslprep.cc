// SASLprep (RFC 4013) with libidn's tables of Unicode 3.2, in the order of PostgreSQL's
// pg_saslprep().
#include <openssl/crypto.h>
#include <stringprep.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "postgres/sql/scram.h"

namespace annals::postgres {
namespace {

// Ideographs whose decomposition Unicode's Corrigendum 4 mended; libidn has the older one.
constexpr std::array<Stringprep_table_element, 5> kCorrigendum{{
    {0x2F868, 0x2F868, {0x36FC}},
    {0x2F874, 0x2F874, {0x5F53}},
    {0x2F91F, 0x2F91F, {0x243AB}},
    {0x2F95F, 0x2F95F, {0x7AEE}},
    {0x2F9BF, 0x2F9BF, {0x45D7}},
}};

// libidn's own profile with the normalization at its end: RFC 4013 looks for prohibited characters
// and for directions after it, PostgreSQL before.
std::vector<Stringprep_table> make_profile() {
  std::vector<Stringprep_table> profile;
  Stringprep_table normalization{};
  const Stringprep_table* step = stringprep_saslprep;
  for (; step->operation != 0; ++step) {
    if (step->operation == STRINGPREP_NFKC) {
      normalization = *step;
    } else {
      profile.push_back(*step);
    }
  }
  profile.push_back({STRINGPREP_MAP_TABLE, {}, kCorrigendum.data(), kCorrigendum.size()});
  profile.push_back(normalization);
  profile.push_back(*step);  // the mark of the end
  return profile;
}

// One code point of UTF-8 becomes at most 33 bytes of it (U+FDFA); with the NUL, this is enough for
// all.
constexpr std::size_t kGrowthMax = 34;

}  // namespace

Secret saslprep(const Secret& password) {
  const std::string_view text = password.reveal();
  const bool ascii =
      std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) return password;
  std::string buffer(text);
  buffer.resize(text.size() * kGrowthMax, '\0');
  static const std::vector<Stringprep_table> kProfile = make_profile();
  const auto flags = static_cast<Stringprep_profile_flags>(STRINGPREP_NO_UNASSIGNED);
  const int problem = stringprep(buffer.data(), buffer.size(), flags, kProfile.data());
  // A password of nothing but invisible characters would vanish; PostgreSQL keeps it as it is, too.
  const bool usable = problem == STRINGPREP_OK && buffer.front() != '\0';
  Secret prepared = usable ? Secret(std::string(buffer.c_str())) : password;
  OPENSSL_cleanse(buffer.data(), buffer.size());
  return prepared;
}

}  // namespace annals::postgres
