#include "journal/status.h"

#include <rocksdb/status.h>

namespace annals::journal {
namespace {

Errc code_of(const rocksdb::Status& status) {
  if (status.IsNotFound()) return Errc::kNotFound;
  if (status.IsCorruption()) return Errc::kCorrupt;
  if (status.IsInvalidArgument() || status.IsNotSupported()) return Errc::kInvalid;
  return Errc::kUnavailable;  // the disk is full, broken, or another process has it
}

}  // namespace

Error to_error(const rocksdb::Status& status, std::string_view where) {
  return Error{code_of(status), concat(where, ": ", status.ToString())};
}

}  // namespace annals::journal
