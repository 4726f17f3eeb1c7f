#include "http/warning_header.h"

#include <algorithm>
#include <optional>

#include "base/printable.h"

namespace annals::http {
namespace {

constexpr std::string_view kPersistent = "299";

void skip(std::string_view& line, std::string_view any_of) {
  line.remove_prefix(std::min(line.find_first_not_of(any_of), line.size()));
}

// Up to the next blank; empty at the end.
std::string_view take_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(word.size());
  skip(line, " \t");
  return word;
}

// A quoted-string (RFC 7230, 3.2.6); nothing where there is none or it does not end.
std::optional<std::string> take_quoted(std::string_view& line) {
  if (!line.starts_with('"')) return std::nullopt;
  std::string text;
  for (std::size_t at = 1; at < line.size(); ++at) {
    if (line[at] == '"') {
      line.remove_prefix(at + 1);
      return text;
    }
    if (line[at] == '\\' && ++at == line.size()) break;
    text += line[at];
  }
  return std::nullopt;
}

}  // namespace

// 1#( warn-code SP warn-agent SP quoted-string [ SP quoted-date ] )
void read_warnings(std::string_view line, std::vector<std::string>& texts) {
  while (texts.size() < kWarningsMax) {
    skip(line, " \t,");
    const std::string_view code = take_word(line);
    if (take_word(line).empty()) return;  // who warns: "-" of an API server
    const std::optional<std::string> text = take_quoted(line);
    if (!text) return;
    skip(line, " \t");
    if (line.starts_with('"') && !take_quoted(line)) return;  // the date
    skip(line, " \t");
    if (code == kPersistent && !text->empty()) texts.push_back(printable(*text, kWarningBytesMax));
    if (!line.starts_with(',')) return;
  }
}

}  // namespace annals::http
