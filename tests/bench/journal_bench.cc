// How fast the journal is, against the disk itself: each append is timed beside a plain write and
// fdatasync of the same number of bytes to a file in the same directory, in turns, so that both
// meet the same disk. Usage: journal_bench DIRECTORY [--json]
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <latch>
#include <string>
#include <thread>

#include "base/assert.h"
#include "journal/journal.h"
#include "tests/bench/figures.h"

namespace annals::journal {
namespace {

constexpr int kWarmUp = 200;
constexpr int kAppends = 5'000;
constexpr int kWriters = 64;
constexpr int kAppendsOfAWriter = 1'500;
constexpr std::size_t kPayload = 512;

double microseconds(const Clock& clock, const std::function<void()>& work) {
  const Duration start = clock.steady();
  work();
  return static_cast<double>((clock.steady() - start).count());
}

Batch one_fact() {
  Batch batch;
  batch.entries.resize(1);
  batch.entries[0].cluster = ClusterUid("0b8f5a3e-1c8e-4f0e-9c4e-2f4d7f3f6a11");
  batch.entries[0].type = "PodObserved";
  batch.entries[0].payload.assign(kPayload, 'x');
  return batch;
}

class RawFile {
 public:
  explicit RawFile(const std::string& path)
      : file_(::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600)) {
    ANNALS_ASSERT(file_ >= 0, "cannot write ", path);
  }
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;
  ~RawFile() { ::close(file_); }

  void append_durably(std::string_view bytes) const {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    ANNALS_ASSERT(written == static_cast<ssize_t>(bytes.size()) && ::fdatasync(file_) == 0);
  }

 private:
  int file_;
};

std::unique_ptr<Journal> open(const std::string& directory, const Clock& clock) {
  Options options;
  options.directory = directory;
  options.clock = &clock;
  Result<std::unique_ptr<Journal>> journal = Journal::open(std::move(options));
  ANNALS_ASSERT(journal.has_value(), to_string(journal.error()));
  return std::move(*journal);
}

// The log's bytes for one append: what the plain write has to match.
std::size_t log_bytes_of_an_append(const std::string& directory, const Clock& clock) {
  const std::string path = directory + "/sized";
  const std::unique_ptr<Journal> journal = open(path, clock);
  for (int i = 0; i < kWarmUp; ++i) ANNALS_ASSERT(journal->append_and_wait(one_fact()).has_value());
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".log") bytes += entry.file_size();
  }
  return bytes / kWarmUp;
}

void measure_latency(const std::string& directory, const Clock& clock, bench::Figures& figures) {
  const std::string bytes(log_bytes_of_an_append(directory, clock), 'x');
  const RawFile raw_file(directory + "/raw");
  const std::unique_ptr<Journal> journal = open(directory + "/latency", clock);
  std::vector<double> raw;
  std::vector<double> appends;
  for (int i = 0; i < kWarmUp + kAppends; ++i) {
    const double plain = microseconds(clock, [&] { raw_file.append_durably(bytes); });
    Batch batch = one_fact();
    const double append = microseconds(
        clock, [&] { ANNALS_ASSERT(journal->append_and_wait(std::move(batch)).has_value()); });
    if (i < kWarmUp) continue;
    raw.push_back(plain);
    appends.push_back(append);
  }
  figures.add("journal.log_bytes_per_append", static_cast<double>(bytes.size()), "B");
  for (const auto& [name, share] : {std::pair{"p50", 0.5}, std::pair{"p99", 0.99}}) {
    const double plain = bench::quantile(raw, share);
    const double append = bench::quantile(appends, share);
    figures.add(concat("journal.fdatasync_", name), plain, "us");
    figures.add(concat("journal.append_", name), append, "us");
    figures.add(concat("journal.append_", name, "_vs_fdatasync"), append / plain, "x");
  }
}

// Each writer is a thread that waits for its own record to be durable.
void measure_threads(const std::string& directory, const Clock& clock, bench::Figures& figures) {
  const std::unique_ptr<Journal> journal = open(directory + "/threads", clock);
  const Duration start = clock.steady();
  {
    std::vector<std::jthread> writers;
    for (int w = 0; w < kWriters; ++w) {
      writers.emplace_back([&journal] {
        for (int i = 0; i < kAppendsOfAWriter; ++i) {
          ANNALS_ASSERT(journal->append_and_wait(one_fact()).has_value());
        }
      });
    }
  }
  const double seconds = std::chrono::duration<double>(clock.steady() - start).count();
  figures.add("journal.durable_records_per_s", kWriters * kAppendsOfAWriter / seconds, "1/s");
}

// Each writer is a chain of completions, as the operator's coroutines are.
void measure_completions(const std::string& directory, const Clock& clock,
                         bench::Figures& figures) {
  const std::unique_ptr<Journal> journal = open(directory + "/completions", clock);
  std::latch done(kWriters);
  std::function<void(int)> append = [&](int left) {
    const Result<void> queued = journal->append(one_fact(), [&, left](auto appended) {
      ANNALS_ASSERT(appended.has_value());
      if (left == 1) return done.count_down();
      append(left - 1);
    });
    ANNALS_ASSERT(queued.has_value());
  };
  const Duration start = clock.steady();
  for (int w = 0; w < kWriters; ++w) append(kAppendsOfAWriter);
  done.wait();
  const double seconds = std::chrono::duration<double>(clock.steady() - start).count();
  figures.add("journal.durable_records_per_s_by_completion", kWriters * kAppendsOfAWriter / seconds,
              "1/s");
}

}  // namespace
}  // namespace annals::journal

int main(int argc, char** argv) {
  ANNALS_ASSERT(argc >= 2, "usage: journal_bench DIRECTORY [--json]");
  const std::string directory = argv[1];
  const annals::SystemClock clock;
  annals::bench::Figures figures;
  annals::journal::measure_latency(directory, clock, figures);
  annals::journal::measure_threads(directory, clock, figures);
  annals::journal::measure_completions(directory, clock, figures);
  figures.print(argc > 2 && std::string_view(argv[2]) == "--json");
}
