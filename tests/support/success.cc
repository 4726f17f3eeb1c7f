#include "tests/support/success.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"

namespace annals::fsm {
namespace {

// What a Job's annotation says, as a lens reads it.
std::optional<std::string> annotation_of(const ApplyObject& apply, std::string_view name) {
  const std::string annotation = concat("/", name, "\":\"");
  const std::size_t annotations = apply.manifest.find("\"annotations\":{");
  const std::size_t labels = apply.manifest.find("\"labels\":{");
  const std::size_t at = apply.manifest.find(annotation, annotations);
  if (apply.ref.kind != "Job" || annotations > labels || at > labels) return {};
  const std::size_t begin = at + annotation.size();
  return apply.manifest.substr(begin, apply.manifest.find('"', begin) - begin);
}

bool is_of_restore(const ApplyObject& apply) {
  return apply.manifest.contains(R"("postgres-operator.crunchydata.com/pgbackrest-restore":"")") ||
         apply.ref.name.ends_with("-restore-drill") ||
         apply.ref.name.ends_with("-shutdown-receipt");
}

}  // namespace

Outcome success_of(const Intent& intent) {
  Outcome outcome;
  outcome.intent = intent.id;
  const std::string target = target_of(intent.action);
  outcome.uid = "uid-of-" + target;
  outcome.digest = sha256_hex(target);
  if (const auto* apply = std::get_if<ApplyObject>(&intent.action); apply != nullptr) {
    if (std::optional<std::string> request = annotation_of(*apply, "pgbackrest-backup"))
      outcome.fields.job.edit().request = *std::move(request);
    std::optional<std::string> hash = annotation_of(*apply, "pgbackrest-hash");
    if (hash && is_of_restore(*apply)) outcome.fields.job.edit().restore = *std::move(hash);
  }
  if (target == "Service/hippo-ha") outcome.fields.service = {{.cluster_ip = "10.0.0.7"}};
  return outcome;
}

}  // namespace annals::fsm
