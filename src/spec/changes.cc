#include "spec/changes.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/concat.h"

namespace annals::spec {
namespace {

using nlohmann::json;

constexpr int kMaxChanges = 5;
constexpr std::size_t kLongestValue = 60;

std::string shown(const json* value) {
  if (value == nullptr) return "nothing";
  std::string text = value->is_string()
                         ? value->get<std::string>()
                         : value->dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() <= kLongestValue) return text;
  std::size_t end = kLongestValue;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // UTF-8
  return text.substr(0, end) + "...";
}

class Differences {
 public:
  // Null stands for what is not there.
  void compare(const std::string& path, const json* before, const json* after) {
    if (before != nullptr && after != nullptr && *before == *after) return;
    if (is_both(before, after, &json::is_object)) return compare_members(path, *before, *after);
    if (is_both(before, after, &json::is_array)) return compare_elements(path, *before, *after);
    count_ += 1;
    if (count_ > kMaxChanges) return;
    text_ += concat(text_.empty() ? "" : ", ", path, " ", shown(before), " -> ", shown(after));
  }

  std::string text() && {
    if (count_ > kMaxChanges) text_ += concat(" and ", count_ - kMaxChanges, " more");
    return std::move(text_);
  }

 private:
  static bool is_both(const json* before, const json* after, bool (json::*is)() const noexcept) {
    return before != nullptr && after != nullptr && (before->*is)() && (after->*is)();
  }

  static const json* member(const json& object, const std::string& key) {
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
  }

  void compare_members(const std::string& path, const json& before, const json& after) {
    std::set<std::string> keys;
    for (const json* side : {&before, &after}) {
      for (const auto& [key, value] : side->items()) keys.insert(key);
    }
    for (const std::string& key : keys)
      compare(path.empty() ? key : concat(path, ".", key), member(before, key), member(after, key));
  }

  void compare_elements(const std::string& path, const json& before, const json& after) {
    const auto at = [](const json& list, std::size_t i) {
      return i < list.size() ? &list[i] : nullptr;
    };
    for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i)
      compare(concat(path, "[", i, "]"), at(before, i), at(after, i));
  }

  std::string text_;
  int count_ = 0;
};

}  // namespace

std::string changes_between(std::string_view before, std::string_view after) {
  if (before == after) return {};
  const json old = json::parse(before, nullptr, false);
  const json now = json::parse(after, nullptr, false);
  if (old.is_discarded() || now.is_discarded()) return "the whole resource";
  Differences differences;
  differences.compare({}, &old, &now);
  return std::move(differences).text();
}

}  // namespace annals::spec
