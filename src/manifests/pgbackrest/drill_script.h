// What the Job of a restore drill runs, with Bash: restores as a restore does (restore_scripts.h),
// to the end of the archive, and then looks at what came of it. From the environment as there, and:
// query and age_query (SQL; empty: none), database (in which they are asked). Arguments: further
// words of `pgbackrest restore`.
#pragma once

#include <string>

namespace annals::manifests {

std::string drill_script();

}  // namespace annals::manifests
