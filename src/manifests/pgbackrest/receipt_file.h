// Where the receipt of a clean shutdown lies in a repository, for `pgbackrest repo-put` and
// `repo-get`, both with --raw: of an encrypted repository pgBackRest writes such a file encrypted
// and cannot read it (32). Beside pgBackRest's own folders (archive, backup), which it never
// leaves.
#pragma once

namespace annals::manifests {

inline constexpr const char* kReceiptFile = "annals/receipt.json";

}  // namespace annals::manifests
