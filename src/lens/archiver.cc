#include "lens/archiver.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <utility>

#include "lens/safe.h"

namespace annals::lens {
namespace {

constexpr std::size_t kWordsMax = 600;
constexpr std::string_view kBlanks = " \t\r";

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

std::string_view without_blanks(std::string_view line) {
  const std::size_t first = line.find_first_not_of(kBlanks);
  if (first == line.npos) return {};
  return line.substr(first, line.find_last_not_of(kBlanks) + 1 - first);
}

// Hints are for somebody who has set it up by hand.
bool is_hint(std::string_view line) { return line.starts_with("HINT:"); }

std::string in_one_line(std::string_view text) {
  std::string words;
  while (!text.empty() && words.size() < kWordsMax) {
    const std::string_view line = without_blanks(next_line(text));
    if (line.empty() || is_hint(line)) continue;
    if (!words.empty()) words += words.ends_with(':') ? " " : "; ";
    words += line;
  }
  return safe_words(words, kWordsMax);
}

// "2026-11-30 02:28:01.432 P01   WARN: ", which only the first line of an entry has.
bool begins_entry(std::string_view line) {
  constexpr std::string_view kForm = "0000-00-00 00:00:00.000 P";
  return line.size() > kForm.size() &&
         std::equal(kForm.begin(), kForm.end(), line.begin(), [](char form, char c) {
           return form == '0' ? c >= '0' && c <= '9' : c == form;
         });
}

bool is_error(std::string_view line) {
  return line.contains(" ERROR: [") || (line.contains(" WARN: ") && line.contains(": ["));
}

// "[104] raised from ...": the code, and what follows it.
ArchiverWords read_coded(std::string_view text) {
  ArchiverWords read;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read.code);
  if (error != std::errc()) return {};
  std::string_view words = text.substr(static_cast<std::size_t>(end - text.data()));
  if (words.starts_with("]")) words.remove_prefix(1);
  if (words.starts_with(":")) words.remove_prefix(1);
  read.words = in_one_line(words);
  return read;
}

// "... command begin 2.45: [...": what stands behind it up to the colon.
std::string version_in(std::string_view line) {
  constexpr std::string_view kBegin = "command begin ";
  constexpr std::size_t kVersionMax = 16;
  const std::size_t at = line.find(kBegin);
  if (at == line.npos) return {};
  const std::string_view behind = line.substr(at + kBegin.size());
  const std::string_view version = behind.substr(0, behind.find(':'));
  const bool is_one =
      !version.empty() && version.size() <= kVersionMax &&
      std::ranges::all_of(version, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  return is_one ? std::string(version) : std::string();
}

}  // namespace

ArchiverWords read_spool_error(std::string_view text) { return read_coded(text); }

ArchiverWords read_archive_log(std::string_view text) {
  std::string version;
  std::string_view last;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view from = rest;
    const std::string_view line = next_line(rest);
    if (!begins_entry(line)) continue;
    if (std::string found = version_in(line); !found.empty()) version = std::move(found);
    if (!is_error(line)) continue;
    std::string_view behind = rest;
    while (!behind.empty() && !behind.starts_with('-')) {
      std::string_view ahead = behind;
      if (begins_entry(next_line(ahead))) break;
      behind = ahead;
    }
    last = from.substr(0, from.size() - behind.size());
  }
  ArchiverWords read;
  if (const std::size_t at = last.find(": ["); at != last.npos)
    read = read_coded(last.substr(at + 3));
  read.version = std::move(version);
  return read;
}

}  // namespace annals::lens
