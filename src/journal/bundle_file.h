// The file of a bundle: a magic number and a version, one zstd frame of items, each a type, a
// length and bytes, and at the very end the SHA-256 of all that is before it in the file. One
// thread.
#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/sha256.h"

namespace annals::journal {

// The numbers stand in the file.
enum class Item : std::uint8_t {
  kJournal = 1,   // the journal's id: the first item
  kGap = 2,       // sequence of the record behind it, then the gap
  kRecord = 3,    // a frame
  kSnapshot = 4,  // key, value as in the journal
  kBlob = 5,      // digest, value as in the journal
  kMark = 6,      // how far retention went
  kEnd = 7,       // empty; nothing comes after it
};

class BundleWriter {
 public:
  static Result<std::unique_ptr<BundleWriter>> create(const std::string& file);
  BundleWriter(const BundleWriter&) = delete;
  BundleWriter& operator=(const BundleWriter&) = delete;
  // Without finish() the file is removed.
  ~BundleWriter();

  Result<void> add(Item item, std::string_view bytes);
  // The last item and the digest; durable afterwards.
  Result<void> finish();

 private:
  struct Stream;
  explicit BundleWriter(std::unique_ptr<Stream> stream);

  Result<void> compress(std::string_view bytes, bool last);

  std::unique_ptr<Stream> stream_;
};

class BundleReader {
 public:
  // Reads the file once to hold it against its digest; what next() gives is whole.
  static Result<std::unique_ptr<BundleReader>> open(const std::string& file);
  BundleReader(const BundleReader&) = delete;
  BundleReader& operator=(const BundleReader&) = delete;
  ~BundleReader();

  struct Next {
    Item item;
    std::string bytes;
  };
  Result<Next> next();

 private:
  struct Stream;
  explicit BundleReader(std::unique_ptr<Stream> stream);

  Result<std::string> take(std::size_t size);

  std::unique_ptr<Stream> stream_;
};

}  // namespace annals::journal
