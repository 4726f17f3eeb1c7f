// Any bytes as a resource's text: what redaction leaves is JSON, has nothing that the journal would
// refuse, and stays as it is when it is redacted again. A refused record ends the operator.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "journal/secret_shapes.h"
#include "spec/redaction.h"

namespace {

using namespace annals::spec;  // NOLINT(google-build-using-namespace): a program of one function

void look_at_resource(std::string_view text) {
  const std::string safe = redacted(text);
  if (!nlohmann::json::accept(safe)) std::abort();
  // As it stands in a record: a text within JSON.
  if (!annals::journal::find_secret(nlohmann::json(safe).dump()).empty()) std::abort();
  if (redacted(safe) != safe) std::abort();
  const bool changed =
      nlohmann::json::accept(text) && nlohmann::json::parse(safe) != nlohmann::json::parse(text);
  if (changed && !safe.contains(kRedacted)) std::abort();
  (void)redacted_places(safe);
}

void look_at_text(std::string_view text) {
  const std::string safe = redacted_text(std::string(text));
  if (!annals::journal::find_secret(safe).empty()) std::abort();
  if (redacted_text(safe) != safe) std::abort();
  if (safe != text && !safe.contains(kRedacted)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  look_at_resource(text);
  look_at_text(text);
  return 0;
}
