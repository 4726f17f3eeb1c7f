// kill -9 of a process that appends, again and again on the same journal, at any moment from its
// start on. Afterwards all that was acknowledged is there, in order, and nothing has a hole.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <random>

#include "journal/verify.h"
#include "tests/integration/journal/scratch.h"

namespace annals::journal {
namespace {

class Child {
 public:
  Child(const std::string& directory, const std::string& round) {
    std::array<int, 2> ends{};
    ANNALS_ASSERT(::pipe2(ends.data(), O_CLOEXEC) == 0, "no pipe");
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::string program = CRASH_WRITER;
    std::string first = directory;
    std::string second = round;
    std::array<char*, 4> arguments{program.data(), first.data(), second.data(), nullptr};
    const int spawned =
        ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ);
    ANNALS_ASSERT(spawned == 0, "cannot start ", program);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    out_ = ends[0];
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { ::close(out_); }

  // Reads acknowledgements until there are so many or so much time has passed.
  void listen(std::uint64_t acknowledgements, int milliseconds) {
    pollfd readable{out_, POLLIN, 0};
    while (last_number() < acknowledgements && ::poll(&readable, 1, milliseconds) > 0) {
      if (!read_some()) break;
    }
  }

  // The last number that it said was durable.
  std::uint64_t kill_now() {
    ::kill(pid_, SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "it died by itself";
    while (read_some()) continue;
    return last_number();
  }

 private:
  bool read_some() {
    std::array<char, 4096> buffer{};
    const ssize_t size = ::read(out_, buffer.data(), buffer.size());
    if (size <= 0) return false;
    said_.append(buffer.data(), static_cast<std::size_t>(size));
    return true;
  }

  // Acknowledgements come in the order of the appends.
  std::uint64_t last_number() const {
    const std::size_t end = said_.rfind('\n');
    if (end == std::string::npos) return 0;
    const std::size_t before = end == 0 ? std::string::npos : said_.rfind('\n', end - 1);
    const std::size_t begin = before == std::string::npos ? 0 : before + 1;
    std::uint64_t number = 0;
    std::from_chars(said_.data() + begin, said_.data() + end, number);
    return number;
  }

  pid_t pid_ = 0;
  int out_ = -1;
  std::string said_;
};

// The records of one round, from `from` on, count up from 1; the last one's number.
std::uint64_t numbers_of_round(const Reader& reader, Sequence from, const std::string& round) {
  std::uint64_t expected = 0;
  const Result<void> scanned = reader.scan(from, Sequence(~std::uint64_t{0}), [&](Record&& record) {
    ++expected;
    EXPECT_TRUE(record.payload.starts_with(concat(round, " ", expected, " ")))
        << "record " << record.seq.value() << " is " << record.payload.substr(0, 20);
    return true;
  });
  EXPECT_TRUE(scanned.has_value()) << to_string(scanned.error());
  return expected;
}

TEST(CrashTest, AKilledProcessLosesNothingAcknowledged) {
  const int rounds =
      std::getenv("ANNALS_TEST_LONG") != nullptr ? 10'000 : 1'000 / static_cast<int>(kStride);
  const Scratch scratch;
  const std::string directory = scratch / "journal";
  std::mt19937_64 dice(20260131);
  std::uint64_t lost_nothing = 0;
  Sequence end;
  for (int round = 1; round <= rounds && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(concat("round ", round));
    Child child(directory, concat(round));
    const auto wanted = std::uniform_int_distribution<std::uint64_t>(0, 60)(dice);
    child.listen(wanted, wanted == 0 ? static_cast<int>(dice() % 10) : 10'000);
    const std::uint64_t acknowledged = child.kill_now();
    const Result<std::unique_ptr<Reader>> reader = Reader::open(directory);
    if (!reader && acknowledged == 0 && end == Sequence())
      continue;  // killed before its first file
    ASSERT_TRUE(reader.has_value()) << to_string(reader.error());
    const std::uint64_t found = numbers_of_round(**reader, end.next(), concat(round));
    EXPECT_GE(found, acknowledged);
    lost_nothing += acknowledged;
    end = Sequence(end.value() + found);
    EXPECT_EQ((*reader)->last().value().value_or(Sequence()), end);
  }
  const std::unique_ptr<Reader> reader = Reader::open(directory).value();
  const Result<Verified> verified = verify(*reader);
  ASSERT_TRUE(verified.has_value()) << to_string(verified.error());
  EXPECT_EQ(verified->records, end.value());
  EXPECT_GT(lost_nothing, static_cast<std::uint64_t>(rounds)) << "the rounds did append";
  RecordProperty("rounds", rounds);
  RecordProperty("acknowledged", static_cast<int>(lost_nothing));
}

}  // namespace
}  // namespace annals::journal
