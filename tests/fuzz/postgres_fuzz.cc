// Any bytes are a certificate, what Patroni says, what a server says of an error, or an error. The
// first byte chooses.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/patroni/patroni.h"
#include "postgres/sql/role_options.h"
#include "postgres/sql/sql_error.h"
#include "postgres/tls/certificate_check.h"

namespace {

using namespace annals::postgres;  // NOLINT(google-build-using-namespace): a program of one
                                   // function

void look_at_certificate(std::string_view pem) {
  const annals::Timestamp now{std::chrono::sys_days(std::chrono::year(2026) / 1 / 2)};
  const std::vector<std::string> names{"localhost", "*.pods.ns"};
  const KeyPair pair{.certificate = std::string(pem), .key = annals::Secret(std::string(pem))};
  const LeafRequest wanted{.common_name = "localhost", .dns_names = names};
  (void)parse_certificate(pem);
  (void)key_matches(pair);
  (void)verify_leaf(pem, pem, names, now);
  (void)needs_renewal(pair, pem, wanted, now);
  (void)root_needs_renewal(pair, now);
}

void look_at_answers(std::string_view text) {
  (void)read_cluster(text);
  (void)read_status(text);
  (void)patroni_error(503, text);
}

void look_at_words(std::string_view text) {
  (void)role_options(text);
  (void)connect_error(text);
  (void)statement_error(text.substr(0, 5), text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'c') {
    look_at_certificate(text);
  } else if (data[0] == 'p') {
    look_at_answers(text);
  } else {
    look_at_words(text);
  }
  return 0;
}
