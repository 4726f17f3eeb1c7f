// What RocksDB says, as an Error of ours.
#pragma once

#include <string_view>

#include "base/result.h"

namespace rocksdb {
class Status;
}

namespace annals::journal {

// `where` is the file or the record that was meant; RocksDB's own text often names the file too.
Error to_error(const rocksdb::Status& status, std::string_view where);

}  // namespace annals::journal
