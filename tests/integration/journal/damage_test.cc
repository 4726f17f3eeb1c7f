// Damage to the files of a journal at rest: every flipped bit, every truncation and every exchange
// in a small journal is found, and the message names the file or the record. Exhaustive, by file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "journal/verify.h"
#include "tests/integration/journal/scratch.h"

namespace annals::journal {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using ::testing::HasSubstr;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Files that hold no history: RocksDB writes them and nothing reads them back.
bool holds_history(const std::string& name) {
  return !name.starts_with("OPTIONS-") && name != "IDENTITY" && name != "LOCK";
}

Result<Verified> inspect(const std::string& directory) {
  Result<std::unique_ptr<Reader>> reader = Reader::open(directory);
  if (!reader) return fail(std::move(reader).error());
  return verify(**reader);
}

class DamageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    write(2);
    write(2);  // the first two are in tables now, these in the log
    for (const fs::directory_entry& entry : fs::directory_iterator(directory_)) {
      const std::string name = entry.path().filename();
      if (holds_history(name)) files_[name] = read_file(entry.path());
    }
    const Result<Verified> whole = inspect(directory_);
    ASSERT_TRUE(whole.has_value()) << to_string(whole.error());
    ASSERT_EQ(whole->records, 4U);
    ASSERT_GE(files_.size(), 8U) << "HEAD, CURRENT, MANIFEST, a log and tables";
  }

  void write(int records) {
    Options options;
    options.directory = directory_;
    options.clock = &clock_;
    const std::unique_ptr<Journal> journal = Journal::open(std::move(options)).value();
    for (int i = 0; i < records; ++i) {
      Batch made = batch(entry("a", Kind::kIntent, concat("payload ", i)));
      made.blobs = {concat("blob ", i)};
      made.entries[0].blobs = {sha256(made.blobs[0])};
      const std::vector<Record> written = journal->append_and_wait(std::move(made)).value();
      Batch snapshot;
      snapshot.snapshots = {{ClusterUid("a"), written[0].seq, "state"}};
      ASSERT_TRUE(journal->append_and_wait(std::move(snapshot)));
    }
  }

  // Expects that the directory, with these bytes in this file, is refused with a message of use.
  void expect_found(const std::string& name, std::string_view bytes, const std::string& what) {
    write_file(fs::path(directory_) / name, bytes);
    const Result<Verified> verified = inspect(directory_);
    ASSERT_FALSE(verified.has_value()) << what << " in " << name << " was not found";
    EXPECT_EQ(verified.error().code, Errc::kCorrupt) << what << ": " << verified.error().detail;
    EXPECT_THAT(verified.error().detail, AnyOf(HasSubstr(directory_), HasSubstr("record ")))
        << what << " in " << name;
  }
  void restore(const std::string& name) { write_file(fs::path(directory_) / name, files_[name]); }

  // Every file whose name begins or ends so; there is at least one.
  std::vector<std::string> files_like(std::string_view part) {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : files_) {
      if (name.contains(part)) names.push_back(name);
    }
    EXPECT_FALSE(names.empty()) << part;
    return names;
  }

  void flip_every_bit(std::string_view part) {
    for (const std::string& name : files_like(part)) {
      std::string bytes = files_[name];
      for (std::size_t bit = 0; bit < 8 * bytes.size() && !HasFatalFailure(); bit += kStride) {
        const auto mask = static_cast<char>(1U << (bit % 8));
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ mask);
        expect_found(name, bytes, concat("bit ", bit));
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ mask);
      }
      restore(name);
    }
  }

  Scratch scratch_;
  std::string directory_ = scratch_ / "journal";
  ManualClock clock_{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
  std::map<std::string, std::string> files_;
};

TEST_F(DamageTest, EveryFlippedBitOfHeadIsFound) { flip_every_bit("HEAD"); }
TEST_F(DamageTest, EveryFlippedBitOfCurrentIsFound) { flip_every_bit("CURRENT"); }
TEST_F(DamageTest, EveryFlippedBitOfTheManifestIsFound) { flip_every_bit("MANIFEST-"); }
TEST_F(DamageTest, EveryFlippedBitOfTheLogIsFound) { flip_every_bit(".log"); }
TEST_F(DamageTest, EveryFlippedBitOfTheTablesIsFound) { flip_every_bit(".sst"); }

// RocksDB would drop the end of the log, rewrite it, and nobody would ever know.
TEST_F(DamageTest, ADamagedLogIsRefusedBeforeAnythingIsWritten) {
  const std::string log = files_like(".log").front();
  const std::size_t size = files_[log].size();
  for (std::size_t at = 0; at < size && !HasFatalFailure(); at += size / 16) {
    std::string bytes = files_[log];
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    write_file(fs::path(directory_) / log, bytes);
    Options options;
    options.directory = directory_;
    options.clock = &clock_;
    const Result<std::unique_ptr<Journal>> journal = Journal::open(std::move(options));
    ASSERT_FALSE(journal.has_value()) << "byte " << at;
    EXPECT_EQ(journal.error().code, Errc::kCorrupt);
    EXPECT_THAT(journal.error().detail, HasSubstr(log));
    EXPECT_EQ(read_file(fs::path(directory_) / log), bytes) << "the evidence is untouched";
  }
}

TEST_F(DamageTest, EveryTruncationOfEveryFileIsFound) {
  for (const auto& [name, bytes] : files_) {
    for (std::size_t size = 0; size < bytes.size() && !HasFatalFailure(); size += kStride) {
      expect_found(name, std::string_view(bytes).substr(0, size), concat("length ", size));
    }
    restore(name);
  }
}

TEST_F(DamageTest, EveryMissingFileIsFound) {
  for (const auto& [name, bytes] : files_) {
    fs::remove(fs::path(directory_) / name);
    const Result<Verified> verified = inspect(directory_);
    EXPECT_FALSE(verified.has_value()) << name;
    restore(name);
  }
}

TEST_F(DamageTest, EveryExchangeOfTwoNeighbouringBytesIsFound) {
  for (const auto& [name, whole] : files_) {
    std::string bytes = whole;
    for (std::size_t i = 1; i < bytes.size() && !HasFatalFailure(); i += kStride) {
      if (bytes[i - 1] == bytes[i]) continue;
      std::swap(bytes[i - 1], bytes[i]);
      expect_found(name, bytes, concat("bytes ", i - 1, " and ", i));
      std::swap(bytes[i - 1], bytes[i]);
    }
    restore(name);
  }
}

TEST_F(DamageTest, EveryExchangeOfTwoFilesIsFound) {
  for (const auto& [one, its_bytes] : files_) {
    for (const auto& [other, other_bytes] : files_) {
      if (one >= other || its_bytes == other_bytes) continue;
      write_file(fs::path(directory_) / other, its_bytes);
      expect_found(one, other_bytes, concat("the content of ", other));
      restore(one);
      restore(other);
    }
  }
}

}  // namespace
}  // namespace annals::journal
