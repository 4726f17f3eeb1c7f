#include "spec/shell_words.h"

#include <cstddef>
#include <utility>

namespace annals::spec {
namespace {

bool parts_words(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// What a backslash within double quotes takes as it is; before anything else it stands for itself.
bool is_special_in_quotes(char c) { return c == '"' || c == '\\' || c == '$' || c == '`'; }

class LineWords {
 public:
  explicit LineWords(std::string_view line) : rest_(line) {}

  std::optional<std::vector<std::string>> all() && {
    while (!rest_.empty()) {
      const char c = take();
      if (parts_words(c)) {
        end_word();
      } else if (!add(c)) {
        return std::nullopt;
      }
    }
    end_word();
    return std::move(words_);
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  bool add(char c) {
    in_word_ = true;
    if (c == '\'') return add_single_quoted();
    if (c == '"') return add_double_quoted();
    if (c != '\\') {
      word_ += c;
      return true;
    }
    if (rest_.empty()) return false;
    word_ += take();
    return true;
  }

  bool add_single_quoted() {
    const std::size_t end = rest_.find('\'');
    if (end == rest_.npos) return false;
    word_ += rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return true;
  }

  bool add_double_quoted() {
    while (!rest_.empty()) {
      const char c = take();
      if (c == '"') return true;
      const bool escapes = c == '\\' && !rest_.empty() && is_special_in_quotes(rest_.front());
      word_ += escapes ? take() : c;
    }
    return false;
  }

  void end_word() {
    if (in_word_) words_.push_back(std::exchange(word_, {}));
    in_word_ = false;
  }

  std::string_view rest_;
  std::string word_;
  bool in_word_ = false;  // also of an empty one: ""
  std::vector<std::string> words_;
};

}  // namespace

std::optional<std::vector<std::string>> shell_words(std::string_view line) {
  return LineWords(line).all();
}

}  // namespace annals::spec
