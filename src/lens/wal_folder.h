// The folder of the archive that the last WAL is in, as `pgbackrest repo-ls --output=json` lists
// it: when that was written, how much comes in, and which segments are missing. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "fsm/model/repository_contents.h"

namespace annals::lens {

// "archive/db/15-1/0000000100000000", of the newest database; empty while it has no WAL.
std::string folder_of_last_wal(const fsm::RepositoryContents& contents, std::string_view stanza);

// Puts into `contents` what the list of that folder says. Errc kInvalid where it is no such list;
// nothing has changed then.
Result<void> read_wal_folder(std::string_view output, fsm::RepositoryContents& contents);

}  // namespace annals::lens
