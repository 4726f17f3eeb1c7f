// What watching costs, with real pods of a real API server (etcd and kube-apiserver alone, started
// for this): decoding a list against an nlohmann DOM of the same bytes, the most heap that a list
// takes, and resident memory for each watched pod. Usage: client_bench DIRECTORY [--json]
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "base/assert.h"
#include "k8s/task_scope.h"
#include "k8s/text/page_splitter.h"
#include "k8s/watch/reflector.h"
#include "lens/pod.h"
#include "tests/bench/api_server.h"
#include "tests/bench/figures.h"

namespace {

// What operator new handed out and did not get back, and the most that was ever out.
std::atomic<std::int64_t> heap_now =
    0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<std::int64_t> heap_most =
    0;                     // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
bool heap_counted = true;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void* counted(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  if (!heap_counted) return memory;
  const std::int64_t now = heap_now += static_cast<std::int64_t>(::malloc_usable_size(memory));
  if (now > heap_most) heap_most = now;
  return memory;
}

void give_back(void* memory) noexcept {
  if (memory != nullptr && heap_counted)
    heap_now -= static_cast<std::int64_t>(::malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return counted(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t align) {
  const auto step = static_cast<std::size_t>(align);
  return counted(std::aligned_alloc(step, (size + step - 1) / step * step));
}
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { give_back(memory); }

namespace annals::k8s {
namespace {

namespace asio = boost::asio;
using Json = nlohmann::json;
using bench::ApiServer;
using bench::Session;

constexpr int kListed = 10'000;
constexpr int kPods = 20'000;
constexpr int kMakers = 24;
constexpr int kRounds = 5;
constexpr const char* kSpace = "bench";

asio::awaitable<void> make_some(Client* client, Json pattern, std::atomic<int>* next) {
  for (int i = (*next)++; i < kPods; i = (*next)++) {
    Json pod = pattern;
    pod["metadata"]["name"] = concat("hippo-instance1-", i, "-0");
    // The pods of each scale are those of the smaller ones and more: a label for each.
    for (const int scale : {5'000, 10'000, 20'000}) {
      if (i < scale) pod["metadata"]["labels"][concat("of-", scale)] = "yes";
    }
    const std::string text = pod.dump();
    const Answer<std::string> made = co_await client->create(pods(), kSpace, text);
    ANNALS_ASSERT(made.has_value(), to_string(made.error()));
  }
}

asio::awaitable<void> make_pods(Session* session, Json pod) {
  const Json space = {
      {"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", kSpace}}}};
  const std::string text = space.dump();
  const Answer<std::string> made = co_await session->client.create(namespaces(), {}, text);
  ANNALS_ASSERT(made.has_value(), to_string(made.error()));
  std::atomic<int> next = 0;
  TaskScope makers(session->loop.get_executor());
  for (int i = 0; i < kMakers; ++i) makers.spawn("maker", make_some(&session->client, pod, &next));
  co_await makers.join();
}

std::string selector_of(int scale) {
  return scale == 0 ? "of-0=yes" : concat("of-", scale, "=yes");
}

// Processor time of this thread, so that others on the machine count for less.
double seconds_of(const std::function<void()>& work) {
  timespec began{};
  timespec ended{};
  (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &began);
  work();
  (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ended);
  constexpr double kNano = 1e-9;
  return static_cast<double>(ended.tv_sec - began.tv_sec) +
         kNano * static_cast<double>(ended.tv_nsec - began.tv_nsec);
}

// As the reflector does it: in the pieces in which TLS hands them out, through the lens.
std::size_t decode_with_lens(JsonReader& reader, std::string_view body) {
  constexpr std::size_t kTlsRecord = 16 * 1024;
  std::size_t seen = 0;
  PageSplitter splitter(
      [&](std::string_view object) {
        const Result<lens::PodView> pod = lens::read_pod_view(reader, object);
        if (pod && !pod->fact.phase.empty()) ++seen;
        return Result<void>();
      },
      body.size(), lens::PodView::kUnread);
  for (; !body.empty(); body.remove_prefix(std::min(body.size(), kTlsRecord))) {
    ANNALS_ASSERT(splitter.feed(body.substr(0, kTlsRecord)).has_value());
  }
  ANNALS_ASSERT(splitter.finish().has_value());
  return seen;
}

std::size_t decode_with_dom(const std::string& body) {
  std::size_t seen = 0;
  const Json page = Json::parse(body);
  for (const Json& pod : page["items"]) {
    if (pod["spec"]["containers"].size() == 2) ++seen;
  }
  return seen;
}

// Page by page, both ways in turn, so that whatever slows the machine slows both; the best of some
// rounds of each, and the sums of those.
struct Decoding {
  void take(const std::string& body) {
    double lens = 1e9;
    double dom = 1e9;
    for (int round = 0; round < kRounds; ++round) {
      lens = std::min(lens, seconds_of([&] { seen_by_lens += decode_with_lens(reader, body); }));
      dom = std::min(dom, seconds_of([&] { seen_by_dom += decode_with_dom(body); }));
    }
    lens_seconds += lens;
    dom_seconds += dom;
    bytes += body.size();
    largest = std::max(largest, body.size());
  }

  JsonReader reader;
  double lens_seconds = 0;
  double dom_seconds = 0;
  std::size_t seen_by_lens = 0;
  std::size_t seen_by_dom = 0;
  std::size_t bytes = 0;
  std::size_t largest = 0;
};

asio::awaitable<void> decode_pages(Session* session, Decoding* decoding) {
  ListOptions options;
  std::string body;
  Request request;
  request.path = collection_path(pods(), {});
  do {
    request.query = {{"labelSelector", selector_of(kListed)},
                     {"limit", std::to_string(options.limit)},
                     {"continue", options.continue_token}};
    body = (co_await session->client.raw(request)).value();
    PageSplitter splitter([](std::string_view) { return Result<void>(); }, body.size());
    ANNALS_ASSERT(splitter.feed(body).has_value());
    options.continue_token = splitter.finish().value().continue_token;
    decoding->take(body);
  } while (!options.continue_token.empty());
}

void measure_decoding(Session& session, bench::Figures& figures) {
  heap_counted = false;  // each allocation would cost more, and the DOM makes many
  Decoding decoding;
  session.run(decode_pages(&session, &decoding));
  constexpr std::size_t kSeen = std::size_t{kListed} * kRounds;
  ANNALS_ASSERT(decoding.seen_by_lens == kSeen, decoding.seen_by_lens, " were seen by the lens");
  ANNALS_ASSERT(decoding.seen_by_dom == kSeen, decoding.seen_by_dom, " were seen in the DOM");
  constexpr double kMega = 1e6;
  const auto bytes = static_cast<double>(decoding.bytes);
  figures.add("client.list_bytes_per_pod", bytes / kListed, "B");
  figures.add("client.list_chunk_mib", static_cast<double>(decoding.largest) / (1 << 20), "MiB");
  figures.add("client.list_decode_mb_per_s", bytes / kMega / decoding.lens_seconds, "MB/s");
  figures.add("client.list_dom_mb_per_s", bytes / kMega / decoding.dom_seconds, "MB/s");
  figures.add("client.list_decode_vs_nlohmann", decoding.dom_seconds / decoding.lens_seconds, "x");
}

// ---- Memory

class Nobody final : public Observer<lens::PodView> {
 public:
  asio::awaitable<void> observe(std::vector<Change<lens::PodView>>) override { co_return; }
  asio::awaitable<void> freshness(Freshness, std::string) override { co_return; }
};

struct Memory {
  std::int64_t resident = 0;   // bytes, once all is listed
  std::int64_t heap_kept = 0;  // more than before the list
  std::int64_t heap_peak = 0;  // likewise, while it was listed
};

std::int64_t resident_bytes() {
  std::ifstream status("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  status >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

Memory watch(Config config, int scale) {
  Session session(std::move(config));
  Nobody nobody;
  ReflectorOptions options;
  options.label_selector = selector_of(scale);
  Reflector<lens::PodView> reflector(session.client, pods(), lens::read_pod_view, nobody, options);
  TaskScope scope(session.loop.get_executor());
  const std::int64_t before = heap_now;
  heap_most = before;
  scope.spawn("watch", reflector.run());
  while (reflector.freshness() != Freshness::kCurrent) session.loop.run_one();
  ANNALS_ASSERT(reflector.size() == static_cast<std::size_t>(scale), reflector.size(),
                " pods are watched, not ", scale);
  Memory memory;
  memory.heap_peak = heap_most - before;
  memory.heap_kept = heap_now - before;
  (void)::malloc_trim(0);
  memory.resident = resident_bytes();
  scope.cancel();
  return memory;
}

// In a process of its own, so that no scale inherits another's pages.
Memory watch_apart(const Config& config, int scale) {
  std::array<int, 2> ends{};
  ANNALS_ASSERT(::pipe(ends.data()) == 0);
  const pid_t child = ::fork();
  ANNALS_ASSERT(child >= 0);
  Memory memory;
  if (child == 0) {
    memory = watch(config, scale);
    const bool told = ::write(ends[1], &memory, sizeof memory) == sizeof memory;
    ::_exit(told ? 0 : 1);
  }
  ::close(ends[1]);
  const ssize_t got = ::read(ends[0], &memory, sizeof memory);
  ::close(ends[0]);
  (void)::waitpid(child, nullptr, 0);
  ANNALS_ASSERT(got == sizeof memory, "the process that watched ", scale, " pods failed");
  return memory;
}

// The slope of the line through the points, by least squares.
double slope(const std::vector<std::pair<double, double>>& points) {
  double x = 0;
  double y = 0;
  for (const auto& [px, py] : points) {
    x += px / static_cast<double>(points.size());
    y += py / static_cast<double>(points.size());
  }
  double above = 0;
  double below = 0;
  for (const auto& [px, py] : points) {
    above += (px - x) * (py - y);
    below += (px - x) * (px - x);
  }
  return above / below;
}

void measure_memory(const Config& config, bench::Figures& figures) {
  constexpr double kMega = 1 << 20;
  std::vector<std::pair<double, double>> points;
  for (const int scale : {0, 5'000, 10'000, 20'000}) {
    const Memory memory = watch_apart(config, scale);
    points.emplace_back(scale, static_cast<double>(memory.resident));
    figures.add(concat("client.rss_mib_", scale, "_pods"),
                static_cast<double>(memory.resident) / kMega, "MiB");
    const std::string suffix = scale == kListed ? "" : concat("_", scale, "_pods");
    if (scale == 0) continue;
    figures.add(concat("client.list_peak_heap_mib", suffix),
                static_cast<double>(memory.heap_peak) / kMega, "MiB");
    figures.add(concat("client.list_kept_heap_mib", suffix),
                static_cast<double>(memory.heap_kept) / kMega, "MiB");
  }
  figures.add("client.rss_bytes_per_pod", slope(points), "B");
}

void measure(const std::string& directory, bench::Figures& figures) {
  std::ifstream file(ANNALS_SOURCE_DIR "/tests/bench/pod.json");
  const Json pod = Json::parse(file);
  const ApiServer server(directory);
  const Config config = server.config();
  {
    Session session(config);
    const Duration began = session.clock.steady();
    session.run(make_pods(&session, pod));
    const double took = std::chrono::duration<double>(session.clock.steady() - began).count();
    figures.add("client.creates_per_s", kPods / took, "1/s");
  }
  measure_memory(config, figures);
  Session session(config);
  measure_decoding(session, figures);
}

}  // namespace
}  // namespace annals::k8s

int main(int argc, char** argv) {
  ANNALS_ASSERT(argc >= 2, "usage: client_bench DIRECTORY [--json]");
  annals::bench::Figures figures;
  annals::k8s::measure(argv[1], figures);
  figures.print(argc > 2 && std::string_view(argv[2]) == "--json");
}
