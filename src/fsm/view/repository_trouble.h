// Why pgBackRest could not work with a repository, and which field of the spec to look at.
#pragma once

#include <string>
#include <string_view>

#include "fsm/text/message.h"
#include "spec/postgres_cluster.h"

namespace annals::fsm {

// Of what a pod of pgBackRest has left: its error in one line, "[039]: HTTP request failed with 403
// (Forbidden), SignatureDoesNotMatch"; the last line where there is none; at most 400 bytes.
std::string error_of_pgbackrest(std::string_view output);

// The same of what `pgbackrest info` says of a repository: its first line, and the store's code.
std::string error_of_repository(std::string_view trouble);

// What such an error is about, as an instruction: "see spec.backups.pgbackrest.repos[1].s3.bucket".
Message field_to_look_at(const spec::PostgresCluster& cluster, const std::string& repo,
                         std::string_view error);

}  // namespace annals::fsm
