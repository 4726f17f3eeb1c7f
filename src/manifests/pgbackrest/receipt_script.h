// What the Job of a receipt runs, with Bash. From the environment: data (folder), cluster
// ("namespace/name"), file (in a repository), patience (seconds for each repository). Arguments:
// numbers of the repositories, and behind "--" further options of `pgbackrest repo-put`.
#pragma once

#include <string>

namespace annals::manifests {

std::string receipt_script();

}  // namespace annals::manifests
