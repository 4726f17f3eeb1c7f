// OtherProgram: a program that is run for what it prints, line by line as it prints it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace annals::replay {

class OtherProgram {
 public:
  // Its standard error goes where ours goes.
  static Result<OtherProgram> start(const std::vector<std::string>& command);
  OtherProgram(OtherProgram&& other) noexcept;
  OtherProgram(const OtherProgram&) = delete;
  OtherProgram& operator=(const OtherProgram&) = delete;
  // Ends it when it has not ended.
  ~OtherProgram();

  // The next line without its end; none when there is no more.
  std::optional<std::string> line();
  // Waits for its end; kInvalid when that was not a good one.
  Result<void> finish();

 private:
  OtherProgram(std::string name, pid_t pid, int out)
      : name_(std::move(name)), pid_(pid), out_(out) {}

  std::string name_;
  pid_t pid_;
  int out_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what was not given yet, in the buffer
};

}  // namespace annals::replay
