// What pgBackRest and PostgreSQL say of a repository, typed. Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fsm/model/repository_contents.h"
#include "fsm/model/restore_plan.h"

namespace annals::lens {

// The output of `pgbackrest info --output=json`: what one repository, "repo1", holds of a stanza.
// pgBackRest writes its warnings about the configuration before the JSON. Texts are redacted. A
// stanza or a repository that is not there has the code that says so; Errc kInvalid where there is
// no such JSON.
Result<fsm::RepositoryContents> read_repository(std::string_view output, std::string_view stanza,
                                                std::string_view repo);

// The history file of a timeline (pg_wal/00000003.history, on the primary or in the archive): where
// it and those before it began. Errc kInvalid where it is none.
Result<std::vector<fsm::TimelineBranch>> read_timeline_history(std::string_view text,
                                                               std::int64_t timeline);

}  // namespace annals::lens
