// Any bundle is imported as a journal that can be read and checked, or is an error, and what was
// begun is gone again. With 'z' in front the bytes are the bundle's items, yet to be compressed.
#include <stdlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bundle_bytes.h"
#include "journal/bundle.h"
#include "journal/verify.h"

namespace {

using namespace annals::journal;  // NOLINT(google-build-using-namespace): a program of one function

class Scratch {
 public:
  Scratch() {
    std::string pattern = "/dev/shm/annals-fuzz-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    folder_ = pattern;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(folder_); }

  std::string journal() const { return folder_ / "journal"; }

 private:
  std::filesystem::path folder_;
};

// As annals-replay would.
void read_all(const Reader& reader) {
  constexpr annals::Sequence kEver(~std::uint64_t{0});
  (void)reader.scan(annals::Sequence(1), kEver, [](Record&&) { return true; });
  (void)reader.retention();
  const annals::Result<std::vector<annals::ClusterUid>> clusters = reader.clusters();
  if (!clusters) return;
  for (const annals::ClusterUid& cluster : *clusters) {
    (void)reader.snapshots(cluster);
    (void)reader.snapshot(cluster, kEver);
    (void)reader.scan(cluster, annals::Sequence(1), kEver, [](Record&&) { return true; });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Scratch kScratch;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const BundleBytes file(bytes, data[0] == 'z');
  const std::string directory = kScratch.journal();
  const annals::Result<BundleReport> report = import_bundle(file.path(), directory);
  if (report.has_value() != std::filesystem::exists(directory)) std::abort();
  if (!report) return 0;
  if (const auto reader = Reader::open(directory)) {
    const annals::Result<Verified> verified = verify(**reader);
    if (verified && verified->records != report->records) std::abort();
    read_all(**reader);
  }
  std::filesystem::remove_all(directory);
  return 0;
}
