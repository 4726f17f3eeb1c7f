#include "tests/tidy/links.h"

#include <cctype>
#include <filesystem>
#include <regex>

namespace annals::tidy {
namespace {

// Without blocks of code: fences, and lines that are indented by four.
std::vector<Line> prose_of(const SourceFile& page) {
  std::vector<Line> prose;
  bool in_code = false;
  for (const Line& line : lines_of(page.text)) {
    const bool is_fence = line.text.starts_with("```");
    if (is_fence) in_code = !in_code;
    if (!is_fence && !in_code && !line.text.starts_with("    ")) prose.push_back(line);
  }
  return prose;
}

std::string without_code(std::string_view text) {
  static const std::regex kCode("`[^`]*`");
  return std::regex_replace(std::string(text), kCode, "");
}

Link link_to(const SourceFile& page, int line, const std::string& target) {
  const std::size_t hash = target.find('#');
  const std::string file = target.substr(0, hash);
  const std::filesystem::path folder = std::filesystem::path(page.path).parent_path();
  return {.line = line,
          .path = file.empty() ? page.path : (folder / file).lexically_normal().string(),
          .anchor = hash == std::string::npos ? std::string() : target.substr(hash + 1)};
}

// Letters beyond ASCII stay as they are.
std::string anchor_of(std::string_view heading) {
  std::string anchor;
  for (const char c : heading) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') {
      anchor += '-';
    } else if (byte >= 0x80 || std::isalnum(byte) != 0 || c == '-' || c == '_') {
      anchor += static_cast<char>(std::tolower(byte));
    }
  }
  return anchor;
}

}  // namespace

std::vector<Link> links_of(const SourceFile& page) {
  static const std::regex kLink(R"(\]\(([^)\s]+)\))");
  std::vector<Link> links;
  for (const Line& line : prose_of(page)) {
    const std::string text = without_code(line.text);
    for (std::sregex_iterator each(text.begin(), text.end(), kLink), end; each != end; ++each) {
      const std::string target = (*each)[1];
      if (!target.contains("://") && !target.starts_with("mailto:"))
        links.push_back(link_to(page, line.number, target));
    }
  }
  return links;
}

std::set<std::string> anchors_of(const SourceFile& page) {
  std::set<std::string> anchors;
  for (const Line& line : prose_of(page)) {
    const std::size_t level = line.text.find_first_not_of('#');
    if (level == 0 || level == std::string_view::npos || line.text[level] != ' ') continue;
    anchors.insert(anchor_of(line.text.substr(level + 1)));
  }
  return anchors;
}

}  // namespace annals::tidy
