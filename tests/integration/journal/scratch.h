// A directory for one test, gone afterwards; and short ways to write the entries that tests need.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "journal/journal.h"

namespace annals::journal {

// Exhaustive tests go through all of it in steps of this; under a sanitizer, through a sample.
#ifdef ANNALS_SANITIZED
constexpr std::size_t kStride = 37;
#else
constexpr std::size_t kStride = 1;
#endif

class Scratch {
 public:
  Scratch() {
    // Memory where there is some: what is tested is our order of steps, not the disk's speed.
    std::string pattern = std::filesystem::is_directory("/dev/shm")
                              ? "/dev/shm/annals-XXXXXX"
                              : std::filesystem::temp_directory_path() / "annals-XXXXXX";
    const char* made = mkdtemp(pattern.data());
    ANNALS_ASSERT(made != nullptr, "no directory for the test");
    path_ = made;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }
  std::string operator/(std::string_view name) const { return concat(path_, "/", name); }

 private:
  std::string path_;
};

inline Entry entry(std::string_view cluster, Kind kind, std::string_view payload) {
  Entry made;
  made.epoch = Epoch(1);
  made.cluster = ClusterUid(std::string(cluster));
  made.kind = kind;
  made.type = "Tested";
  made.payload = payload;
  return made;
}

inline Entry fact(std::string_view cluster, std::string_view payload) {
  return entry(cluster, Kind::kFact, payload);
}

inline Batch batch(Entry one) {
  Batch made;
  made.entries.push_back(std::move(one));
  return made;
}

// All records, checked against each other; fails the process when the journal is damaged.
inline std::vector<Record> all_records(const Reader& reader) {
  std::vector<Record> records;
  const Result<void> scanned =
      reader.scan(Sequence(1), Sequence(~std::uint64_t{0}), [&records](Record&& record) {
        records.push_back(std::move(record));
        return true;
      });
  ANNALS_ASSERT(scanned.has_value(), to_string(scanned.error()));
  return records;
}

}  // namespace annals::journal
