// What RocksDB tells from its own threads and would otherwise be lost: damage that recovery goes
// over silently (it is only logged), files that come and go, errors of background work.
// Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"

namespace rocksdb {
class EventListener;
class Logger;
}  // namespace rocksdb

namespace annals::journal {

struct Observers {
  // Lines of RocksDB's log that speak of damage, joined.
  std::string damage;
  std::optional<Error> background_error;
  mutable std::mutex mutex;  // guards the two above
  std::atomic<bool> files_changed = false;

  // Both write into `observers`, which outlives the database that holds them.
  static std::shared_ptr<rocksdb::Logger> make_logger(Observers& observers);
  static std::shared_ptr<rocksdb::EventListener> make_listener(Observers& observers);
};

}  // namespace annals::journal
