// Source: the journal that a command reads: a directory (of a running operator, at rest, or a
// checkpoint), or the file of a bundle, which is unpacked into a temporary directory and goes with
// the Source. Nothing is ever written where the journal is.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "journal/reader.h"

namespace annals::replay {

class Source {
 public:
  // Errors name what was given and what to give instead.
  static Result<Source> open(const std::string& path);

  Source(Source&&) = default;
  Source& operator=(Source&&) = default;

  const journal::Reader& reader() const { return *reader_; }
  // Where the journal, or what was unpacked, stands.
  const std::string& directory() const { return directory_; }

 private:
  struct Unpacked;
  Source() = default;

  std::string directory_;
  std::shared_ptr<Unpacked> unpacked_;  // before the reader, which reads from it
  std::unique_ptr<journal::Reader> reader_;
};

}  // namespace annals::replay
