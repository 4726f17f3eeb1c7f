// How fast a journal is replayed from disk, and in how much memory. The journal is that of fifty
// clusters whose pods come and go and whose objects are lost and mended; it has no snapshots, so
// every input goes through step(). The measured process is another one, so that what made the
// journal does not count. Usage: replay_bench DIRECTORY [--json]
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>

#include "base/assert.h"
#include "history/history.h"
#include "tests/bench/figures.h"
#include "tests/integration/replay/recorder.h"
#include "verify.h"

namespace annals::replay {
namespace {

constexpr int kClusters = 50;
constexpr std::uint64_t kShort = 50'000;  // records
constexpr std::uint64_t kLong = 250'000;

// A pod that is not ready and then is, an object that is lost and mended, a time that comes.
void happen(Recorder& recorder, const ClusterUid& cluster, std::uint64_t round) {
  recorder.pass(std::chrono::minutes(5));
  const std::string name = cluster.value().substr(cluster.value().rfind('-') + 1);
  const auto& pods = recorder.state(cluster).pods;
  fsm::PodObserved pod = pods.begin()->second;
  pod.ready = false;
  pod.role = "";
  pod.problem = concat("database: CrashLoopBackOff ", round % 7);
  recorder.tell(cluster, pod);
  recorder.carry_out();
  recorder.primary_is_ready(cluster);
  const std::string lost = name + "-primary";
  recorder.tell(
      cluster,
      fsm::ObjectGone{
          .ref = {.api_version = "v1", .kind = "Service", .name_space = "ns", .name = lost},
          .uid = "uid-of-Service/" + lost});
  recorder.carry_out();
  recorder.tell(cluster, fsm::TimerFired{.name = "due"});
}

void make_journal(const std::string& directory, std::uint64_t records) {
  const std::string memory = "/dev/shm/annals-replay-bench";
  const bool in_memory = std::filesystem::is_directory("/dev/shm");
  const std::string place = in_memory ? memory : directory + "-made";
  std::filesystem::remove_all(place);
  {
    Recorder recorder(place);
    for (int i = 0; i < kClusters; ++i)
      recorder.primary_is_ready(recorder.create(concat("cluster", i)));
    const std::vector<ClusterUid> clusters = recorder.clusters();
    for (std::uint64_t round = 0; recorder.journal().head().seq.value() < records; ++round)
      happen(recorder, clusters[round % clusters.size()], round);
    const Result<void> copied = recorder.journal().checkpoint(directory);
    ANNALS_ASSERT(copied.has_value(), to_string(copied.error()));
  }
  std::filesystem::remove_all(place);
}

// What the child measured, as it sends it through a pipe.
struct Measured {
  double seconds = 0;
  double cpu_seconds = 0;
  double records = 0;
  double peak_mib = 0;
};

using Work = void (*)(const journal::Reader&);

void fold(const journal::Reader& reader) {
  int clusters = 0;
  const Result<void> recovered = history::recover(
      reader, [&clusters](fsm::ClusterState, const history::Tail&) { ++clusters; });
  ANNALS_ASSERT(recovered.has_value() && clusters == kClusters);
}
void recompute(const journal::Reader& reader) {
  const Result<Verdict> verdict = verify(reader, {});
  ANNALS_ASSERT(verdict.has_value() && verdict->differences.count == 0);
}
void read_only(const journal::Reader& reader) {
  const Result<void> read =
      reader.scan(Sequence(1), history::kNewest, [](journal::Record&&) { return true; });
  ANNALS_ASSERT(read.has_value());
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

Measured run(const std::string& directory, Work work) {
  const SystemClock clock;
  const Duration start = clock.steady();
  const Result<std::unique_ptr<journal::Reader>> reader = journal::Reader::open(directory);
  ANNALS_ASSERT(reader.has_value(), to_string(reader.error()));
  work(**reader);
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return {.seconds = std::chrono::duration<double>(clock.steady() - start).count(),
          .cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
          .records = static_cast<double>((*reader)->last()->value().value()),
          .peak_mib = static_cast<double>(usage.ru_maxrss) / 1024};
}

// In a process of its own; it is forked before this one has grown.
Measured measure(const std::string& directory, Work work) {
  std::array<int, 2> ends{};
  ANNALS_ASSERT(::pipe(ends.data()) == 0);
  const pid_t child = ::fork();
  ANNALS_ASSERT(child >= 0);
  Measured measured;
  if (child == 0) {
    measured = run(directory, work);
    const ssize_t written = ::write(ends[1], &measured, sizeof(measured));
    ::_exit(written == sizeof(measured) ? 0 : 1);
  }
  const ssize_t got = ::read(ends[0], &measured, sizeof(measured));
  ANNALS_ASSERT(got == sizeof(measured), "the measured process failed");
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(ends[0]);
  ::close(ends[1]);
  return measured;
}

// Made by a child as well, so that its memory is gone.
void make_in_a_child(const std::string& directory, std::uint64_t records) {
  const pid_t child = ::fork();
  ANNALS_ASSERT(child >= 0);
  if (child == 0) {
    make_journal(directory, records);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ANNALS_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0, "no journal to replay");
}

void measure_all(const std::string& directory, bench::Figures& figures) {
  make_in_a_child(directory + "/short", kShort);
  make_in_a_child(directory + "/long", kLong);
  const Measured small = measure(directory + "/short", fold);
  const Measured folded = measure(directory + "/long", fold);
  const Measured verified = measure(directory + "/long", recompute);
  const Measured read = measure(directory + "/long", read_only);
  figures.add("replay.records_per_s", folded.records / folded.seconds, "1/s");
  figures.add("replay.records_per_cpu_s", folded.records / folded.cpu_seconds, "1/s");
  figures.add("replay.verify_records_per_s", verified.records / verified.seconds, "1/s");
  figures.add("replay.read_records_per_s", read.records / read.seconds, "1/s");
  figures.add("replay.peak_rss_mib", folded.peak_mib, "MiB");
  figures.add("replay.peak_rss_of_a_fifth_mib", small.peak_mib, "MiB");
  figures.add("replay.verify_peak_rss_mib", verified.peak_mib, "MiB");
}

}  // namespace
}  // namespace annals::replay

int main(int argc, char** argv) {
  ANNALS_ASSERT(argc >= 2, "usage: replay_bench DIRECTORY [--json]");
  annals::bench::Figures figures;
  annals::replay::measure_all(argv[1], figures);
  figures.print(argc > 2 && std::string_view(argv[2]) == "--json");
}
