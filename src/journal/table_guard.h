// TableGuard: looks at each table file before RocksDB parses it. RocksDB checks most blocks before
// it uses them, but not a table's properties, and Debian builds it with assertions: one flipped bit
// there would abort the process instead of being reported. The guard answers with Corruption.
#pragma once

#include <memory>

namespace rocksdb {
class FileSystem;
}

namespace annals::journal {

std::shared_ptr<rocksdb::FileSystem> guard_tables(
    const std::shared_ptr<rocksdb::FileSystem>& files);

}  // namespace annals::journal
