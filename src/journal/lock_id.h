// The name of the lock under which a journal is open: RocksDB's, by fcntl(2), on the file LOCK of
// its directory.
#pragma once

#include <string>
#include <string_view>

namespace annals::journal {

// Made of the running kernel (its boot id), the file (device and inode) and the journal's own id:
// of two processes that get the same name, one has ended when the other can open the journal.
// 16 hexadecimal digits; empty where the machine does not tell. Reads files, changes nothing.
std::string lock_id(const std::string& directory, std::string_view journal_id);

}  // namespace annals::journal
