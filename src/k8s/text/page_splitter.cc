#include "k8s/text/page_splitter.h"

#include <utility>

#include "k8s/text/json_scratch.ipp"

namespace annals::k8s {
namespace {

// A list's metadata, with the longest continue token there may be; a Status is shorter.
constexpr std::size_t kEnvelopeMax = 64 * 1024;

bool is_blank(char byte) { return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t'; }

std::string_view without_blanks_behind(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
  text = without_blanks_behind(text);
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

Result<PageEnd> read_envelope(std::string_view envelope) {
  JsonReader reader;
  PageEnd page;
  int items = 0;
  int metadata = 0;
  bool empty = true;
  const auto read_metadata = [&page](std::string_view key, ondemand::value value) {
    if (key == "resourceVersion") page.resource_version = text_of(value);
    if (key == "continue") page.continue_token = text_of(value);
  };
  const auto read_list = [&](std::string_view key, ondemand::value value) {
    if (key == "metadata") {
      ++metadata;
      each_field(value, read_metadata);
    } else if (key == "items") {
      ++items;
      each_element(value, [&empty](ondemand::value) { empty = false; });
    }
  };
  Result<void> read =
      read_object(reader, envelope, [&](ondemand::object& root) { each_field(root, read_list); });
  if (!read) return fail(std::move(read).error());
  // Items that are still in the envelope were not recognized as such: their key is spelled oddly.
  if (items != 1 || metadata != 1 || !empty || page.resource_version.empty()) {
    return fail(Errc::kInvalid,
                "the answer is not a list: items or resourceVersion is missing or "
                "duplicate");
  }
  return page;
}

}  // namespace

Result<void> PageSplitter::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    Result<std::size_t> used = place_ == Place::kEnvelope ? take_envelope(bytes)
                               : place_ == Place::kObject ? take_part(bytes)
                                                          : take_between(bytes);
    if (!used) return fail(std::move(used).error());
    bytes.remove_prefix(*used);
  }
  return {};
}

Result<PageEnd> PageSplitter::finish() {
  if (place_ != Place::kEnvelope || depth_ != 0) {
    return fail(Errc::kInvalid, "the list is truncated");
  }
  return read_envelope(envelope_);
}

// Up to where the items begin.
Result<std::size_t> PageSplitter::take_envelope(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && place_ == Place::kEnvelope) {
    const char byte = bytes[used++];
    if (depth_ == 0 && !envelope_.empty() && !is_blank(byte)) {
      return fail(Errc::kInvalid, "the answer is not a single list");
    }
    if (depth_ == 0 && is_blank(byte)) continue;
    if (envelope_.size() == kEnvelopeMax) {
      return fail(Errc::kInvalid, "a list with more than ", kEnvelopeMax,
                  " bytes outside of its items");
    }
    note(byte);
  }
  return used;
}

void PageSplitter::note(char byte) {
  const bool begins = byte == '[' && !in_string_ && depth_ == 1 && items_begin();
  envelope_ += byte;
  if (begins) {
    place_ = Place::kBeforeFirst;
  } else if (escaped_) {
    escaped_ = false;
  } else if (byte == '\\') {
    escaped_ = true;
  } else if (byte == '"') {
    in_string_ = !in_string_;
  } else if (!in_string_) {
    if (byte == '{' || byte == '[') ++depth_;
    if (byte == '}' || byte == ']') --depth_;
  }
}

// Whether the envelope ends with the key of the items. A string that looks like it stands behind
// something else than a bracket or a comma.
bool PageSplitter::items_begin() const {
  std::string_view text = envelope_;
  if (!take_suffix(text, ":") || !take_suffix(text, "\"items\"")) return false;
  text = without_blanks_behind(text);
  return text.ends_with('{') || text.ends_with(',');
}

// One byte between objects.
Result<std::size_t> PageSplitter::take_between(std::string_view bytes) {
  const char byte = bytes.front();
  if (is_blank(byte)) return 1U;
  if (byte == '{' && place_ != Place::kAfterObject) {
    place_ = Place::kObject;
    scanner_ = ObjectScanner(unread_);
    return 0U;
  }
  if (byte == ',' && place_ == Place::kAfterObject) {
    place_ = Place::kBeforeNext;
    return 1U;
  }
  if (byte == ']' && place_ != Place::kBeforeNext) {
    envelope_ += byte;
    place_ = Place::kEnvelope;
    return 1U;
  }
  return fail(Errc::kInvalid, "the answer is not a list: its items are not objects");
}

Result<std::size_t> PageSplitter::take_part(std::string_view bytes) {
  const std::size_t used = scanner_.scan(bytes, object_);
  if (object_.size() > object_max_) {
    return fail(Errc::kInvalid, "an object of more than ", object_max_, " bytes");
  }
  if (!scanner_.ended()) return used;
  place_ = Place::kAfterObject;
  Result<void> taken = take_(object_);
  object_.clear();
  if (!taken) return fail(std::move(taken).error());
  return used;
}

}  // namespace annals::k8s
