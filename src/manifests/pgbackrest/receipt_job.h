// The Job of the receipt of a clean shutdown, {c}-shutdown-receipt: reads the control file of the
// instance that led last, and puts what it says (lens/receipt.h) into repositories in object
// stores. It changes nothing of the database, whose volume it has read-only. A server that runs, or
// did not end cleanly, gets none, so that a Job which comes late does no harm.
//
// One pod (backoffLimit 0): who asks decides about another attempt. Its one container leaves a
// termination message of at most 4096 bytes.
//   success: "receipt {...}" in a line, the receipt itself; then a line for each repository:
//     "repo1 written", or "repo1 exit status 103: ..." where it did not take the receipt.
//   failure: one line for people. With kNoCleanEnd another attempt would say the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

inline constexpr std::int64_t kNoCleanEnd = 3;
inline constexpr const char* kReceiptWritten = "written";  // a repository's line says it

struct ReceiptJob {
  std::string id;                  // of what asks for it
  std::string instance;            // one of Observed::instances
  std::vector<std::string> repos;  // "repo1": where it is put; may be none
  int attempt = 0;

  friend bool operator==(const ReceiptJob&, const ReceiptJob&) = default;
};

// Annotation pgbackrest-hash of the Job: of all that is in the struct.
std::string hash_of(const ReceiptJob& job);

// Created once and never applied again.
Json receipt_job(const spec::PostgresCluster& cluster, const Observed& observed,
                 const ReceiptJob& job);
// The same as the text that is applied.
std::string receipt_job_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                                 const ReceiptJob& job);

}  // namespace annals::manifests
