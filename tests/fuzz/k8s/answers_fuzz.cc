// Any bytes are what the API server says of its kinds, a Lease, the verdict of a review, or an
// error. What becomes part of a path is a name, and a lease's numbers can be counted with.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/discovery/discovery_answers.h"
#include "k8s/discovery/review_answers.h"
#include "k8s/lease/lease_record.h"

namespace {

using namespace annals::k8s;  // NOLINT(google-build-using-namespace): a program of one function

void expect_name(std::string_view text) {
  if (text.empty() || text.find_first_of("/?#%. \r\n") != std::string_view::npos) std::abort();
}

void look_at_kinds(std::string_view body) {
  const annals::Result<std::vector<std::string>> versions = read_versions(body);
  if (versions) {
    for (const std::string& version : *versions) expect_name(version);
  }
  const annals::Result<std::optional<Resource>> resource = read_resource(body, "CronJob");
  if (resource && *resource) expect_name((*resource)->plural);
}

void look_at_lease(std::string_view body) {
  JsonReader reader;
  const annals::Result<LeaseRecord> lease = read_lease(reader, body);
  if (!lease) return;
  for (const std::int64_t number : {lease->transitions, lease->duration_seconds}) {
    if (number < 0 || number > std::numeric_limits<std::int32_t>::max()) std::abort();
  }
  const annals::Result<LeaseRecord> again = read_lease(reader, body);
  if (!again || *again != *lease) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  look_at_kinds(body);
  look_at_lease(body);
  const annals::Result<TokenVerdict> token = read_token_verdict(body);
  if (token && token->authenticated && !body.contains("true")) std::abort();
  const annals::Result<AccessVerdict> access = read_access_verdict(body);
  if (access && access->allowed && !body.contains("true")) std::abort();
  return 0;
}
