#include "postgres/sql/role_options.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "postgres/sql/sql_text.h"

namespace annals::postgres {
namespace {

// A word in upper case, a number with its sign, or a quoted text without its quotes.
struct Token {
  enum class Kind : std::uint8_t { kWord, kNumber, kText } kind;
  std::string value;
};

constexpr std::array<std::string_view, 7> kSwitches{
    "SUPERUSER", "CREATEDB", "CREATEROLE", "INHERIT", "LOGIN", "REPLICATION", "BYPASSRLS"};

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// Takes the rest of a quoted text off `rest`, which starts after the opening quote.
Result<Token> quoted_token(std::string_view& rest) {
  Token token{.kind = Token::Kind::kText, .value = {}};
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c != '\'') {
      token.value += c;
    } else if (rest.starts_with('\'')) {
      token.value += c;
      rest.remove_prefix(1);
    } else {
      return token;
    }
  }
  return fail(Errc::kInvalid, "unterminated quoted string");
}

template <class Belongs>
std::string take_while(std::string_view& rest, Belongs belongs) {
  const auto end = std::ranges::find_if_not(rest, belongs);
  const auto count = static_cast<std::size_t>(end - rest.begin());
  std::string taken(rest.substr(0, count));
  rest.remove_prefix(count);
  return taken;
}

Result<Token> next_token(std::string_view& rest) {
  const char first = rest.front();
  if (first == '\'') {
    rest.remove_prefix(1);
    return quoted_token(rest);
  }
  if (is_letter(first)) {
    std::string word =
        take_while(rest, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
    std::ranges::transform(word, word.begin(), upper);
    return Token{Token::Kind::kWord, std::move(word)};
  }
  if (is_digit(first) || first == '-' || first == '+') {
    rest.remove_prefix(1);
    const std::string sign(first == '-' ? "-" : "");
    const std::string start(is_digit(first) ? std::string(1, first) : "");
    std::string digits = start + take_while(rest, is_digit);
    if (digits.empty() || digits.size() > 9) return fail(Errc::kInvalid, "a number is expected");
    return Token{Token::Kind::kNumber, sign + digits};
  }
  return fail(Errc::kInvalid, "unexpected character '", first, "'");
}

Result<std::vector<Token>> tokens_of(std::string_view text) {
  if (text.contains('\0')) return fail(Errc::kInvalid, "the options contain a NUL");
  std::vector<Token> tokens;
  while (true) {
    take_while(text, is_space);
    if (text.empty()) return tokens;
    Result<Token> token = next_token(text);
    if (!token) return fail(std::move(token).error());
    tokens.push_back(*std::move(token));
  }
}

class Reader {
 public:
  explicit Reader(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Result<std::string> read() {
    while (at_ < tokens_.size()) {
      const Result<void> option = read_option();
      if (!option) return fail(option.error());
    }
    return options_;
  }

 private:
  Result<void> read_option() {
    if (tokens_[at_].kind != Token::Kind::kWord) {
      return fail(Errc::kInvalid, "an option must start with a word");
    }
    const std::string word = tokens_[at_++].value;
    if (word == "PASSWORD") return skip_password();
    if (word == "ENCRYPTED") {
      if (!accept_word("PASSWORD")) return fail(Errc::kInvalid, "ENCRYPTED without PASSWORD");
      return skip_password();
    }
    if (word == "CONNECTION") return read_connection_limit();
    if (word == "VALID") return read_valid_until();
    for (const std::string_view name : kSwitches) {
      if (word == name || word == concat("NO", name)) return add(name, word);
    }
    return fail(Errc::kInvalid, "unknown option ", word);
  }

  Result<void> skip_password() {
    if (accept_word("NULL") || accept(Token::Kind::kText)) return once("PASSWORD");
    return fail(Errc::kInvalid, "PASSWORD without a quoted text");
  }

  Result<void> read_connection_limit() {
    if (!accept_word("LIMIT") || !accept(Token::Kind::kNumber)) {
      return fail(Errc::kInvalid, "CONNECTION without LIMIT and a number");
    }
    return add("CONNECTION LIMIT", concat("CONNECTION LIMIT ", tokens_[at_ - 1].value));
  }

  Result<void> read_valid_until() {
    if (!accept_word("UNTIL") || !accept(Token::Kind::kText)) {
      return fail(Errc::kInvalid, "VALID without UNTIL and a quoted time");
    }
    return add("VALID UNTIL", concat("VALID UNTIL ", quote_literal(tokens_[at_ - 1].value)));
  }

  bool accept(Token::Kind kind) {
    if (at_ == tokens_.size() || tokens_[at_].kind != kind) return false;
    ++at_;
    return true;
  }

  bool accept_word(std::string_view word) {
    if (at_ == tokens_.size() || tokens_[at_].value != word) return false;
    return accept(Token::Kind::kWord);
  }

  // ALTER ROLE refuses an option that is given twice, also as LOGIN NOLOGIN.
  Result<void> once(std::string_view name) {
    if (seen_.insert(std::string(name)).second) return {};
    return fail(Errc::kInvalid, "conflicting or redundant option ", name);
  }

  Result<void> add(std::string_view name, std::string_view option) {
    if (!options_.empty()) options_ += ' ';
    options_ += option;
    return once(name);
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::string options_;
  std::set<std::string> seen_;
};

}  // namespace

Result<std::string> role_options(std::string_view text) {
  Result<std::vector<Token>> tokens = tokens_of(text);
  if (!tokens) return fail(std::move(tokens).error().while_doing("read role options"));
  Result<std::string> options = Reader(*std::move(tokens)).read();
  if (!options) return fail(std::move(options).error().while_doing("read role options"));
  return options;
}

}  // namespace annals::postgres
