#include "tests/simulation/crashes.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "base/assert.h"
#include "tests/simulation/run.h"

namespace annals::simulation {
namespace {

bool ends_well(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) ANNALS_ASSERT(errno == EINTR, "the copy is a child");
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::size_t kept(std::uint64_t boundary) { return boundary % 3; }

class Branching {
 public:
  explicit Branching(std::uint64_t stride) : stride_(stride) {}

  // Whether the operator dies here: in the copy that is made now, and only in it.
  std::optional<std::size_t> at(std::uint64_t boundary, const char* what) {
    if (is_copy_ || crashes_.failed || seen_[what]++ % stride_ != 0) return std::nullopt;
    const pid_t child = fork();
    ANNALS_ASSERT(child >= 0, "a copy of the process can be made");
    is_copy_ = child == 0;
    if (is_copy_) return kept(boundary);
    crashes_.boundaries[what] += 1;
    if (!ends_well(child))
      crashes_.failed = Plan{
          {.kind = FaultKind::kCrash, .at = boundary, .argument = kept(boundary), .length_ms = 0}};
    return std::nullopt;
  }

  // A copy ends with its run: what the first process has still to do, and what it has to take down,
  // is not the copy's.
  void end_copy(const Report& report) const {
    if (is_copy_) _exit(report.violations.empty() && report.crashed_at.size() == 1 ? 0 : 1);
  }
  Crashes crashes() && { return std::move(crashes_); }

 private:
  std::uint64_t stride_;
  bool is_copy_ = false;
  std::map<std::string, std::uint64_t, std::less<>> seen_;  // by what they are
  Crashes crashes_;
};

}  // namespace

Crashes crash_everywhere(const Scenario& scenario, std::uint64_t stride) {
  reference(scenario);  // so that no copy makes its own
  Branching branching(stride);
  const Report report =
      run(scenario, 0, {},
          {.crash_at = [&](std::uint64_t boundary,
                           const char* what) { return branching.at(boundary, what); },
           .at_end = [&](const Report& each) { branching.end_copy(each); }});
  Crashes crashes = std::move(branching).crashes();
  if (!report.violations.empty() && !crashes.failed) crashes.failed = Plan{};
  return crashes;
}

}  // namespace annals::simulation
