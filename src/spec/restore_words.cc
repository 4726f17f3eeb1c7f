#include "spec/restore_words.h"

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "base/concat.h"
#include "spec/fields.h"
#include "spec/restore_option_table.h"
#include "spec/shell_words.h"
#include "spec/text.h"

namespace annals::spec {
namespace {

constexpr std::size_t kShownValueMax = 80;

struct RestoreWord {
  std::string text;
  std::size_t item = 0;
};

// No option, though -04 begins with a dash: the value of the option before it, or what goes on with
// that of --target where blanks were written without quotes.
bool is_more_of_value(std::string_view word) {
  return !word.starts_with('-') || (word.size() > 1 && is_digit(word[1]));
}

bool is_system_database(std::string_view name) {
  return name == "postgres" || name == "template0" || name == "template1";
}

class RestoreWords {
 public:
  RestoreWords(const std::vector<std::string>& items, const std::string& path) : path_(path) {
    for (std::size_t i = 0; i < items.size(); ++i) add_item(items[i], i);
  }

  GivenOptions read() && {
    const bool is_readable = given_.mistakes.empty();
    while (is_readable && at_ < words_.size()) take_option();
    return std::move(given_);
  }

 private:
  void mistake(std::size_t item, std::string value, std::string remedy) {
    given_.mistakes.push_back({concat(path_, "[", item, "]"), std::move(value), std::move(remedy)});
  }

  void add_item(const std::string& item, std::size_t index) {
    const std::optional<std::vector<std::string>> words = shell_words(item);
    if (!words) return mistake(index, "not readable", "end the quotes that it begins");
    for (const std::string& word : *words) words_.push_back({.text = word, .item = index});
  }

  void take_option() {
    const RestoreWord word = words_[at_++];
    if (!word.text.starts_with("--")) {
      return mistake(word.item, shown_value(word.text),
                     "begin an option with two dashes, and put quotes around a value with blanks");
    }
    const std::size_t equals = std::min(word.text.find('='), word.text.size());
    const std::string name = word.text.substr(2, equals - 2);
    std::optional<std::string> value;
    if (equals < word.text.size()) value = word.text.substr(equals + 1);
    take_named(name, std::move(value), word.item);
  }

  void take_named(const std::string& name, std::optional<std::string> value, std::size_t item) {
    const RestoreOption* option = restore_option(name);
    const bool negated = option == nullptr && name.starts_with("no-");
    if (negated) option = restore_option(name.substr(3));
    const std::string shown = shown_value(concat("--", name));
    if (option == nullptr || (negated && option->form != OptionForm::kFlag)) {
      return refuse(item, shown, unknown_option_remedy(name));
    }
    if (!option->refusal.empty()) return refuse(item, shown, std::string(option->refusal));
    if (option->form == OptionForm::kFlag) {
      return take_flag(*option, negated ? "n" : value.value_or("y"), item);
    }
    if (!value && at_ < words_.size() && is_more_of_value(words_[at_].text)) {
      value = words_[at_++].text;
    }
    if (!value) return mistake(item, shown, "give its value");
    if (name == "target") add_rest_of_target(*value);
    take_value(*option, *std::move(value), item);
  }

  // Its value is not shown: it may be a secret.
  void refuse(std::size_t item, std::string option, std::string remedy) {
    mistake(item, std::move(option), std::move(remedy));
    while (at_ < words_.size() && is_more_of_value(words_[at_].text)) ++at_;
  }

  void take_flag(const RestoreOption& option, const std::string& value, std::size_t item) {
    if (value != "y" && value != "n") {
      return mistake(item, shown_value(value), "write it without a value, or with =y or =n");
    }
    if (option.name == "delta") {
      if (value == "n") mistake(item, "\"--no-delta\"", "remove it: volumes are restored by delta");
      return;
    }
    remember(option, value, item);
  }

  void add_rest_of_target(std::string& value) {
    for (; at_ < words_.size() && is_more_of_value(words_[at_].text); ++at_)
      value += concat(' ', words_[at_].text);
  }

  void take_value(const RestoreOption& option, std::string value, std::size_t item) {
    if (option.form == OptionForm::kNames) {
      if (value.empty() || !is_printable(value)) {
        return mistake(item, shown_value(value), "name a database");
      }
      if (is_system_database(value)) {
        return mistake(item, shown_value(value), "remove it: system databases are restored always");
      }
      return given_.names[std::string(option.name)].push_back(std::move(value));
    }
    const std::string remedy = mistake_in_value(option, value);
    if (!remedy.empty()) return mistake(item, shown_value(value), remedy);
    remember(option, std::move(value), item);
  }

  void remember(const RestoreOption& option, std::string value, std::size_t item) {
    const std::string name(option.name);
    if (!given_.options.emplace(name, GivenOption{.value = std::move(value), .item = item})
             .second) {
      mistake(item, shown_value(concat("--", name)), "give it once");
    }
  }

  std::string path_;
  std::vector<RestoreWord> words_;
  std::size_t at_ = 0;
  GivenOptions given_;
};

}  // namespace

std::string shown_value(std::string_view value) {
  return canonical(Json(std::string(value.substr(0, kShownValueMax))));
}

GivenOptions read_restore_words(const std::vector<std::string>& items, const std::string& path) {
  return RestoreWords(items, path).read();
}

}  // namespace annals::spec
