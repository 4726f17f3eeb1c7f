// Any bytes are lines, events or errors, and what is handed out lies within what came in.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "k8s/watch/watch_stream.h"

namespace {

void within(std::string_view part, std::string_view whole) {
  if (part.data() < whole.data() || part.data() + part.size() > whole.data() + whole.size())
    std::abort();
}

// What is read one way and the other is the same, if it is JSON at all.
void quickly(std::string_view line, const annals::Result<annals::k8s::WatchEvent>& event) {
  annals::k8s::JsonReader reader;
  std::string object;
  const auto quick = annals::k8s::read_watch_event(reader, line, {}, object);
  if (!event || !nlohmann::json::accept(line)) return;
  if (!quick || quick->type != event->type || quick->object != event->object) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace annals::k8s;  // NOLINT(google-build-using-namespace): a program of one function
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  JsonReader reader;
  LineSplitter lines(4096);
  for (std::size_t at = 0; at < size; at += 64) {
    lines.inbox() += bytes.substr(at, 64);
    std::string_view line;
    while (lines.next_line(line)) {
      const annals::Result<WatchEvent> event = read_watch_event(reader, line);
      quickly(line, event);
      if (!event) continue;
      within(event->object, line);
      (void)read_bookmark(reader, event->object);
      (void)read_watch_error(event->object);
    }
    if (!lines.compact()) break;
  }
  return 0;
}
