#include "spec/text.h"

#include <algorithm>
#include <cstddef>
#include <ranges>

namespace annals::spec {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_lower_or_digit(char c) { return is_lower(c) || is_digit(c); }
bool is_word(char c) { return is_lower_or_digit(to_lower(c)) || c == '_'; }

constexpr std::size_t kDnsLabelMax = 63;
constexpr std::size_t kDnsSubdomainMax = 253;

}  // namespace

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_dns_label(std::string_view text) {
  return !text.empty() && text.size() <= kDnsLabelMax && is_lower_or_digit(text.front()) &&
         is_lower_or_digit(text.back()) &&
         std::ranges::all_of(text, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

bool is_dns_subdomain(std::string_view text) {
  return text.size() <= kDnsSubdomainMax &&
         std::ranges::all_of(text | std::views::split('.'), [](const auto& label) {
           return is_dns_label(std::string_view(label));
         });
}

bool is_service_name(std::string_view text) { return is_dns_label(text) && is_lower(text.front()); }

bool is_data_key(std::string_view text) {
  return !text.empty() && text != "." && !text.starts_with("..");
}

bool is_repository_name(std::string_view text) {
  return text.size() == 5 && text.starts_with("repo") && text[4] >= '1' && text[4] <= '4';
}

bool is_hba_word(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = 0; at + word.size() <= text.size(); ++at) {
    const bool same =
        std::ranges::equal(text.substr(at, word.size()), word, {}, to_lower, to_lower);
    const bool begins = at == 0 || !is_word(text[at - 1]);
    const std::size_t end = at + word.size();
    if (same && begins && (end == text.size() || !is_word(text[end]))) return true;
  }
  return false;
}

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace annals::spec
