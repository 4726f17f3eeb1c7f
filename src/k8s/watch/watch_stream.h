// The stream of a watch: its lines, and the event that each of them is. Pure. Objects stay the
// bytes that they are; lenses look into them. Source: Kubernetes API concepts, "Efficient detection
// of changes".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "k8s/api_error.h"
#include "k8s/text/json.h"
#include "k8s/text/object_scanner.h"

namespace annals::k8s {

enum class WatchEventType : std::uint8_t { kAdded, kModified, kDeleted, kBookmark, kError };

struct WatchEvent {
  WatchEventType type = WatchEventType::kError;
  std::string_view object;  // into what was read
};

// One line of a watch. kInvalid when it is no event.
Result<WatchEvent> read_watch_event(JsonReader& reader, std::string_view line);

// The same, quicker where the line stands as the API server writes it: the object is then in
// `object`, and without the content of `unread` fields; whether the rest is well-formed is for its
// reader to say.
Result<WatchEvent> read_watch_event(JsonReader& reader, std::string_view line, UnreadFields unread,
                                    std::string& object);

struct Bookmark {
  std::string resource_version;
  bool initial_events_end = false;  // all that there was has been told
};

Result<Bookmark> read_bookmark(JsonReader& reader, std::string_view object);

// The Status that is the object of an ERROR event.
ApiError read_watch_error(std::string_view object);

// Cuts the stream of a watch into lines. What has no end yet is kept, up to `line_max` bytes.
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t line_max) : line_max_(line_max) {}

  // The next bytes go here; then next_line() until it has no more.
  std::string& inbox() { return buffer_; }
  // The next complete line, without its end and never empty. Valid until inbox() is written to.
  bool next_line(std::string_view& line);
  // Forgets the lines handed out; call it before more bytes come. kInvalid: a line without end.
  Result<void> compact();
  // Whether the stream stopped in the middle of a line.
  bool partial() const { return read_ < buffer_.size(); }

 private:
  std::size_t line_max_;
  std::string buffer_;
  std::size_t read_ = 0;      // start of the first line not yet handed out
  std::size_t searched_ = 0;  // up to here there is no line end
};

}  // namespace annals::k8s
