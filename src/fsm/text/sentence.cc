#include "fsm/text/sentence.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "fsm/text/say.h"

namespace annals::fsm {
namespace {

struct Line {
  const char* name;
  std::string_view text;
};

// A compiler may deduce the type of 256 elements at most.
constexpr auto kLines = std::to_array<Line>({
    {"none", ""},
#define ANNALS_MESSAGE(name, text) {#name, text},
#include "fsm/text/catalogue.def"
#undef ANNALS_MESSAGE
});

// With the next version upgrades are tested: it says all in other words, and writes nothing for
// that.
#ifdef ANNALS_BEHAVIOUR
constexpr std::string_view kEnd = " (next)";
#else
constexpr std::string_view kEnd;
#endif

// A piece of a sentence: words, or a place for an argument. Those between brackets belong together.
struct Piece {
  std::string_view words;
  int place = -1;    // of the argument; none: words
  int optional = 0;  // which pair of brackets it stands in, from 1; 0: none
};

struct Entry {
  std::string name;  // "pod-to-terminate"
  std::vector<std::string> arguments;
  std::vector<bool> matters;  // by argument
  std::vector<Piece> pieces;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  void parse(Entry& entry) {
    while (!rest_.empty()) {
      const std::size_t at = std::min(rest_.find_first_of("{[]"), rest_.size());
      if (at > 0) entry.pieces.push_back({.words = take(at), .place = -1, .optional = inside_});
      if (rest_.empty()) return;
      const char mark = take(1).front();
      if (mark == '{') add_place(entry);
      if (mark == '[') inside_ = ++brackets_;
      if (mark == ']') inside_ = 0;
    }
  }

 private:
  std::string_view take(std::size_t size) {
    const std::string_view front = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return front;
  }

  void add_place(Entry& entry) {
    std::string_view name = take(rest_.find('}'));
    take(1);
    const bool matters = !name.ends_with('~');
    if (!matters) name.remove_suffix(1);
    const auto known = std::ranges::find(entry.arguments, name);
    entry.pieces.push_back({.words = {},
                            .place = static_cast<int>(known - entry.arguments.begin()),
                            .optional = inside_});
    if (known != entry.arguments.end()) return;
    entry.arguments.emplace_back(name);
    entry.matters.push_back(matters);
  }

  std::string_view rest_;
  int brackets_ = 0;
  int inside_ = 0;
};

Entry entry_of(const Line& line) {
  Entry entry;
  entry.name = line.name;
  std::ranges::replace(entry.name, '_', '-');
  Parser(line.text).parse(entry);
  return entry;
}

// Parsed once.
const std::vector<Entry>& catalogue() {
  static const std::vector<Entry> kCatalogue = [] {
    std::vector<Entry> entries;
    for (const Line& line : kLines) entries.push_back(entry_of(line));
    return entries;
  }();
  return kCatalogue;
}

const Entry& entry_of(MessageId id) { return catalogue().at(static_cast<std::size_t>(id)); }

std::string text_of(const Argument& argument) {
  std::string text = argument.text;
  for (const Message& message : argument.messages) {
    if (!text.empty()) text += "; ";
    text += sentence(message);
  }
  return text;
}

// Whether any argument between these brackets says something.
bool is_said(const Entry& entry, const std::vector<std::string>& arguments, int brackets) {
  return std::ranges::any_of(entry.pieces, [&](const Piece& piece) {
    return piece.optional == brackets && piece.place >= 0 &&
           !arguments.at(static_cast<std::size_t>(piece.place)).empty();
  });
}

// A text ends where its length says, so that no two messages have the same key.
void add_key(std::string& key, std::string_view text) {
  key += std::to_string(text.size());
  key += ':';
  key += text;
}

void add_key(std::string& key, const Message& message) {
  const Entry& entry = entry_of(message.id);
  add_key(key, entry.name);
  for (std::size_t i = 0; i < message.arguments.size(); ++i) {
    const Argument& argument = message.arguments[i];
    if (!entry.matters[i]) continue;
    add_key(key, argument.text);
    key += '(';
    for (const Message& each : argument.messages) add_key(key, each);
    key += ')';
  }
}

}  // namespace

bool operator==(const Message& one, const Message& other) {
  if (one.id != other.id || one.arguments.size() != other.arguments.size()) return false;
  const Entry& entry = entry_of(one.id);
  for (std::size_t i = 0; i < one.arguments.size(); ++i) {
    if (entry.matters[i] && !(one.arguments[i] == other.arguments[i])) return false;
  }
  return true;
}

Message literal(std::string text) {
  if (text.empty()) return {};
  Message message{.id = MessageId::literal, .arguments = {}};
  message.arguments.push_back({.text = std::move(text), .messages = {}});
  return message;
}

void add_argument(Message& to, Message message) {
  Argument& argument = to.arguments.emplace_back();
  if (!message.empty()) argument.messages.push_back(std::move(message));
}

void add_argument(Message& to, std::vector<Message> messages) {
  to.arguments.emplace_back().messages = std::move(messages);
}

void add_argument(Message& to, std::string text) {
  to.arguments.emplace_back().text = std::move(text);
}

std::string sentence(const Message& message) {
  const Entry& entry = entry_of(message.id);
  std::vector<std::string> arguments;
  arguments.reserve(message.arguments.size());
  for (const Argument& argument : message.arguments) arguments.push_back(text_of(argument));
  std::string text;
  for (const Piece& piece : entry.pieces) {
    if (piece.optional > 0 && !is_said(entry, arguments, piece.optional)) continue;
    if (piece.place < 0) {
      text += piece.words;
    } else {
      text += arguments.at(static_cast<std::size_t>(piece.place));
    }
  }
  return message.empty() ? text : text.append(kEnd);
}

std::string key_of(const Message& message) {
  std::string key;
  add_key(key, message);
  return key;
}

std::string name_of(MessageId id) {
  return id == MessageId::none ? std::string() : entry_of(id).name;
}

std::optional<MessageId> message_id(std::string_view name) {
  static const std::map<std::string_view, MessageId> kIds = [] {
    std::map<std::string_view, MessageId> ids;
    for (std::size_t i = 1; i < catalogue().size(); ++i)
      ids.emplace(catalogue()[i].name, static_cast<MessageId>(i));
    return ids;
  }();
  const auto found = kIds.find(name);
  return found == kIds.end() ? std::nullopt : std::optional(found->second);
}

std::span<const std::string> arguments_of(MessageId id) { return entry_of(id).arguments; }

}  // namespace annals::fsm
