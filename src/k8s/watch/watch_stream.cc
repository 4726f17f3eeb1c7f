#include "k8s/watch/watch_stream.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "k8s/text/json_scratch.ipp"

namespace annals::k8s {
namespace {

// How the API server begins the lines of objects; '}' is then all that stands behind an object.
struct Beginning {
  std::string_view text;
  WatchEventType type;
};
constexpr std::array kBeginnings{
    Beginning{R"({"type":"ADDED","object":)", WatchEventType::kAdded},
    Beginning{R"({"type":"MODIFIED","object":)", WatchEventType::kModified},
    Beginning{R"({"type":"DELETED","object":)", WatchEventType::kDeleted}};

std::optional<WatchEventType> type_of(std::string_view name) {
  if (name == "ADDED") return WatchEventType::kAdded;
  if (name == "MODIFIED") return WatchEventType::kModified;
  if (name == "DELETED") return WatchEventType::kDeleted;
  if (name == "BOOKMARK") return WatchEventType::kBookmark;
  if (name == "ERROR") return WatchEventType::kError;
  return std::nullopt;
}

}  // namespace

Result<WatchEvent> read_watch_event(JsonReader& reader, std::string_view line) {
  std::optional<WatchEventType> type;
  std::size_t begin = 0;
  std::size_t size = 0;
  Result<void> read = read_object(reader, line, [&](ondemand::object& root) {
    each_field(root, [&](std::string_view key, ondemand::value value) {
      if (key == "type") type = type_of(std::string_view(value.get_string()));
      if (key != "object") return;
      const std::string_view object = raw_json(value);
      begin = static_cast<std::size_t>(object.data() - reader.scratch().padded.data());
      size = object.size();
    });
  });
  if (!read) return fail(std::move(read).error());
  if (!type || size == 0)
    return fail(Errc::kInvalid, "not a watch event: type or object is missing");
  return WatchEvent{*type, line.substr(begin, size)};
}

Result<WatchEvent> read_watch_event(JsonReader& reader, std::string_view line, UnreadFields unread,
                                    std::string& object) {
  for (const auto& [text, type] : kBeginnings) {
    if (!line.starts_with(text)) continue;
    const std::string_view rest = line.substr(text.size());
    if (!rest.starts_with('{')) break;
    object.clear();
    ObjectScanner scanner(unread);
    const std::size_t used = scanner.scan(rest, object);
    if (!scanner.ended() || rest.substr(used) != "}") break;
    return WatchEvent{type, object};
  }
  return read_watch_event(reader, line);
}

Result<Bookmark> read_bookmark(JsonReader& reader, std::string_view object) {
  Bookmark bookmark;
  const auto read_annotation = [&bookmark](std::string_view key, ondemand::value value) {
    if (key == "k8s.io/initial-events-end") bookmark.initial_events_end = text_of(value) == "true";
  };
  const auto read_metadata = [&](std::string_view key, ondemand::value value) {
    if (key == "resourceVersion") bookmark.resource_version = text_of(value);
    if (key == "annotations") each_field(value, read_annotation);
  };
  Result<void> read = read_object(reader, object, [&](ondemand::object& root) {
    each_field(ondemand::value(root["metadata"]), read_metadata);
  });
  if (!read) return fail(std::move(read).error());
  if (bookmark.resource_version.empty())
    return fail(Errc::kInvalid, "the bookmark has no resourceVersion");
  return bookmark;
}

ApiError read_watch_error(std::string_view object) {
  ApiError error = read_status(0, std::nullopt, object, Effect::kRead);
  // The HTTP status of the stream was 200; the one that counts stands in the Status.
  JsonReader reader;
  std::int64_t code = 0;
  const Result<void> read = read_object(reader, object, [&code](ondemand::object& root) {
    code = std::int64_t(root["code"].get_int64());
  });
  const bool usable = read && code >= 400 && code < 600;
  error.status = usable ? static_cast<int>(code) : 500;
  return error;
}

bool LineSplitter::next_line(std::string_view& line) {
  for (;;) {
    const std::size_t end = buffer_.find('\n', std::max(searched_, read_));
    if (end == std::string::npos) {
      searched_ = buffer_.size();
      return false;
    }
    line = std::string_view(buffer_).substr(read_, end - read_);
    read_ = end + 1;
    searched_ = read_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) return true;
  }
}

Result<void> LineSplitter::compact() {
  buffer_.erase(0, read_);
  searched_ -= std::min(searched_, read_);
  read_ = 0;
  if (buffer_.size() > line_max_) {
    return fail(Errc::kInvalid, "a line of more than ", line_max_, " bytes");
  }
  return {};
}

}  // namespace annals::k8s
