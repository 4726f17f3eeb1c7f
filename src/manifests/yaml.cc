#include "manifests/yaml.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace annals::manifests {
namespace {

// Words that some reader of YAML takes for a boolean or null.
constexpr std::array<std::string_view, 10> kReserved{"true", "false", "null", "yes", "no",
                                                     "on",   "off",   "y",    "n",   "nan"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_plain(const std::string& text) {
  if (text.empty() || (!is_letter(text.front()) && text.front() != '/' && text.front() != '_')) {
    return false;
  }
  const auto fits = [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '/' || c == '-';
  };
  if (!std::ranges::all_of(text, fits)) return false;
  std::string lower = text;
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return std::ranges::find(kReserved, lower) == kReserved.end();
}

std::string scalar(const Json& value) {
  if (value.is_string() && is_plain(value.text())) {
    return value.text();
  }
  return value.dump();
}

std::string quoted_key(const std::string& key) { return is_plain(key) ? key : Json(key).dump(); }

// Lines of a file, as a literal block: text that such a block keeps as it is.
bool is_lines(const Json& value) {
  if (!value.is_string()) return false;
  const auto& text = value.text();
  if (!text.contains('\n') || text.starts_with(' ') || text.ends_with("\n\n")) return false;
  const auto odd = [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n'; };
  if (std::ranges::any_of(text, odd) || text.contains(" \n")) return false;
  const std::size_t first = text.find_first_not_of('\n');
  return first != std::string::npos && text[first] != ' ';
}

void write_lines(const std::string& text, int indent, std::string& out) {
  out += text.ends_with('\n') ? "|\n" : "|-\n";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) out.append(static_cast<std::size_t>(indent), ' ');
    out.append(text, at, end - at);
    out += '\n';
    at = end + 1;
  }
}

bool is_block(const Json& value) {
  return (value.is_array() || value.is_object()) && !value.empty();
}

void write_scalar(const Json& value, int indent, std::string& out) {
  if (is_lines(value)) {
    write_lines(value.text(), indent, out);
  } else {
    out += scalar(value) + "\n";
  }
}

void write(const Json& value, int indent, std::string& out);

void write_object(const Json& value, int indent, std::string& out) {
  for (const auto& [key, item] : value.items()) {
    out.append(static_cast<std::size_t>(indent), ' ');
    out += quoted_key(key) + ":";
    if (is_block(item)) {
      out += "\n";
      write(item, item.is_array() ? indent : indent + 2, out);
    } else {
      out += " ";
      write_scalar(item, indent + 2, out);
    }
  }
}

// An item's first line stands behind the dash.
void write_array(const Json& value, int indent, std::string& out) {
  for (const Json& item : value) {
    out.append(static_cast<std::size_t>(indent), ' ');
    out += "- ";
    if (is_block(item)) {
      std::string block;
      write(item, indent + 2, block);
      out += block.substr(static_cast<std::size_t>(indent) + 2);
    } else {
      write_scalar(item, indent + 2, out);
    }
  }
}

void write(const Json& value, int indent, std::string& out) {
  if (value.is_array()) {
    write_array(value, indent, out);
  } else {
    write_object(value, indent, out);
  }
}

}  // namespace

std::string to_yaml(const Json& value) {
  if (!is_block(value)) return scalar(value) + "\n";
  std::string out;
  write(value, 0, out);
  return out;
}

}  // namespace annals::manifests
