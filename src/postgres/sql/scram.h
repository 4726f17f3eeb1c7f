// The parts of a SCRAM-SHA-256 verifier, and the arithmetic behind them. Private to this folder.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace annals::postgres {

using Sha256 = std::array<unsigned char, 32>;

struct ScramVerifier {
  int iterations = 0;
  std::string salt;
  Sha256 stored_key{};
  Sha256 server_key{};
};

// RFC 5802, section 3: StoredKey = H(HMAC(SaltedPassword, "Client Key")), ServerKey = HMAC(..,
// "Server Key"). `prepared` went through saslprep() already. Nothing when OpenSSL fails.
std::optional<ScramVerifier> derive(const Secret& prepared, std::string_view salt, int iterations);

// The text form and back. Reading is as strict as PostgreSQL's parse_scram_secret.
Secret to_text(const ScramVerifier& verifier);
std::optional<ScramVerifier> read_scram_verifier(std::string_view text);

// RFC 4013 with PostgreSQL's exceptions: ASCII passes untouched, and a text that is not UTF-8 or
// that has prohibited characters is used as it is.
Secret saslprep(const Secret& password);

}  // namespace annals::postgres
