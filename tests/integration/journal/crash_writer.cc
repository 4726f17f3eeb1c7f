// The process that crash_test kills: appends without end and says on standard output what was
// acknowledged, one "NUMBER\n" at a time. Usage: crash_writer DIRECTORY ROUND
#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "base/assert.h"
#include "tests/integration/journal/scratch.h"

namespace annals::journal {
namespace {

constexpr int kInFlight = 8;

void say(std::uint64_t number) {
  const std::string line = concat(number, "\n");
  // A pipe takes a line this short whole, or the reader is gone.
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) ::_exit(1);
}

[[noreturn]] void run(const std::string& directory, const std::string& round) {
  const SystemClock clock;
  Options options;
  options.directory = directory;
  options.clock = &clock;
  Result<std::unique_ptr<Journal>> journal = Journal::open(std::move(options));
  ANNALS_ASSERT(journal.has_value(), to_string(journal.error()));
  std::mutex mutex;
  std::condition_variable room;
  int in_flight = 0;
  for (std::uint64_t number = 1;; ++number) {
    std::unique_lock lock(mutex);
    room.wait(lock, [&] { return in_flight < kInFlight; });
    ++in_flight;
    lock.unlock();
    const std::string payload = concat(round, " ", number, " ", std::string(number % 700, 'x'));
    const Result<void> queued =
        (*journal)->append(batch(fact("a", payload)), [&, number](auto appended) {
          ANNALS_ASSERT(appended.has_value(), to_string(appended.error()));
          say(number);
          const std::lock_guard done(mutex);
          --in_flight;
          room.notify_one();
        });
    ANNALS_ASSERT(queued.has_value(), to_string(queued.error()));
  }
}

}  // namespace
}  // namespace annals::journal

int main(int argc, char** argv) {
  ANNALS_ASSERT(argc == 3, "usage: crash_writer DIRECTORY ROUND");
  annals::journal::run(argv[1], argv[2]);
}
