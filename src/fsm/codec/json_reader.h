// JsonReader: JSON text, read from front to back into what the caller knows to be there, with
// nothing built in between. The text may be any bytes: the first thing that is wrong is remembered,
// and from then on nothing is there any more, so that a caller looks once, at the end.
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

#include "base/error.h"

namespace annals::fsm {

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text), rest_(text) {}
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  bool failed() const { return failed_; }
  // What was wrong first, and where. kCorrupt.
  Error error() const;
  // What stands at this place is wrong.
  void fail(std::string_view what);
  // It was in that member that it was wrong.
  void was_in(std::string_view member);
  // Nothing may follow.
  void finish();

  // use(name) reads the value; the name is there until then.
  template <class Use>
  void each_member(Use use);
  template <class Use>
  void each_item(Use use);

  bool is_at(char c);  // the next value begins with it
  bool take_null();
  bool read_bool();
  void read_text(std::string& to);
  // Until the next text is read.
  std::string_view read_word();
  template <std::integral T>
  T read_number();
  void skip();

  // To look ahead and come back.
  std::string_view place() const { return rest_; }
  void go_back(std::string_view place) {
    if (!failed_) rest_ = place;
  }

 private:
  static constexpr int kDeepest = 64;

  void skip_blanks();
  bool take(char c);
  bool take(std::string_view word);
  bool open(char bracket);
  void close(char bracket);
  std::string_view member_name();
  std::string_view number();
  void append_text(std::string& to);
  bool append_escaped(std::string& to);
  bool append_code_point(std::string& to);
  bool append_utf8(std::string& to);
  int take_hex();

  std::string_view text_;
  std::string_view rest_;
  std::string word_;
  std::string what_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool failed_ = false;
};

template <class Use>
void JsonReader::each_member(Use use) {
  if (!open('{')) return;
  if (!is_at('}')) {
    do {
      const std::string_view name = member_name();
      if (failed_) return;
      use(name);
    } while (take(','));
  }
  close('}');
}

template <class Use>
void JsonReader::each_item(Use use) {
  if (!open('[')) return;
  if (!is_at(']')) {
    do {
      use();
    } while (take(','));
  }
  close(']');
}

template <std::integral T>
T JsonReader::read_number() {
  const std::string_view place = rest_;
  const std::string_view digits = number();
  T read{};
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, read);
  if (!failed_ && (error != std::errc() || stop != end)) {
    rest_ = place;
    fail("not a whole number that fits");
  }
  return failed_ ? T{} : read;
}

}  // namespace annals::fsm
