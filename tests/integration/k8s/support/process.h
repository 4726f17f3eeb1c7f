// Process: a program beside the test that is told lines and tells lines.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace annals::k8s {

class Process {
 public:
  // The program and its arguments.
  explicit Process(std::vector<std::string> command);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  // Ends it if it still runs.
  ~Process();

  pid_t pid() const { return pid_; }
  void tell(const std::string& line) const;
  // Its next line; "" at its end, or when it has said nothing for so long.
  std::string hear(std::chrono::milliseconds patience = std::chrono::seconds(30));

 private:
  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
  std::string heard_;
};

}  // namespace annals::k8s
