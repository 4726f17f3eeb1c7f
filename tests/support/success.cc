#include "tests/support/success.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/sha256.h"

namespace annals::fsm {
namespace {

// What a Job's annotation says it was asked for by, as a lens reads it.
std::optional<std::string> request_of(const ApplyObject& apply) {
  constexpr std::string_view kAnnotation = "/pgbackrest-backup\":\"";
  const std::size_t annotations = apply.manifest.find("\"annotations\":{");
  const std::size_t labels = apply.manifest.find("\"labels\":{");
  const std::size_t at = apply.manifest.find(kAnnotation, annotations);
  if (apply.ref.kind != "Job" || annotations > labels || at > labels) return {};
  const std::size_t begin = at + kAnnotation.size();
  return apply.manifest.substr(begin, apply.manifest.find('"', begin) - begin);
}

}  // namespace

Outcome success_of(const Intent& intent) {
  Outcome outcome;
  outcome.intent = intent.id;
  const std::string target = target_of(intent.action);
  outcome.uid = "uid-of-" + target;
  outcome.digest = sha256_hex(target);
  if (const auto* apply = std::get_if<ApplyObject>(&intent.action); apply != nullptr) {
    if (std::optional<std::string> request = request_of(*apply); request)
      outcome.fields.job.edit().request = *std::move(request);
  }
  if (target == "Service/hippo-ha") outcome.fields.service = {{.cluster_ip = "10.0.0.7"}};
  return outcome;
}

}  // namespace annals::fsm
