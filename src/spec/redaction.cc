#include "spec/redaction.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "spec/text.h"

namespace annals::spec {
namespace {

using Json = nlohmann::json;

// Members whose text is a secret. Those of pgBackRest carry their repository in front.
constexpr std::array<std::string_view, 5> kSecretMembers{"password", "passwd", "passphrase",
                                                         "ldapbindpasswd", "radiussecrets"};
constexpr std::array<std::string_view, 9> kSecretEndings{
    "-cipher-pass", "-s3-key",     "-s3-key-secret",     "-s3-token",        "-azure-key",
    "-password",    "-passphrase", "-secret-access-key", "-sse-customer-key"};
// The path of a file, or a token.
constexpr std::string_view kFileOrToken = "-gcs-key";
constexpr std::array<std::string_view, 6> kSecretVariables{"PASSWORD", "PASSWD",     "SECRET",
                                                           "TOKEN",    "PASSPHRASE", "_KEY"};
// In running text, before "=" or ":".
constexpr std::array<std::string_view, 12> kSecretWords{
    "password",   "passwd",  "passphrase",  "radiussecrets", "secret",  "token",
    "access_key", "api_key", "cipher-pass", "-azure-key",    "-s3-key", "-customer-key"};

// ASCII alone, whatever the locale.
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string in_case(std::string_view text, char (*change)(char)) {
  std::string changed(text);
  std::ranges::transform(changed, changed.begin(), change);
  return changed;
}

bool is_secret_member(std::string_view key, std::string_view value) {
  const std::string name = in_case(key, to_lower);
  if (name.ends_with(kFileOrToken)) return !value.starts_with('/');
  return std::ranges::find(kSecretMembers, name) != kSecretMembers.end() ||
         std::ranges::any_of(kSecretEndings, [&](auto end) { return name.ends_with(end); });
}

// {"name": "PGPASSWORD", "value": "..."}; a path to a file is none.
bool is_secret_variable(const Json& object) {
  const auto name = object.find("name");
  const auto value = object.find("value");
  if (name == object.end() || value == object.end() || !name->is_string() || !value->is_string())
    return false;
  if (value->get_ref<const std::string&>().starts_with('/')) return false;
  const std::string upper_name = in_case(name->get_ref<const std::string&>(), upper);
  return std::ranges::any_of(kSecretVariables,
                             [&](auto word) { return upper_name.contains(word); });
}

bool is_of_hash_name(char c) {
  return is_digit(c) || (upper(c) >= 'A' && upper(c) <= 'Z') || c == '-';
}

// SCRAM-SHA-256$4096:salt$stored:server, and the same with a hash of another name.
bool has_scram_verifier(std::string_view text) {
  constexpr std::string_view kSign = "SCRAM-SHA-";
  constexpr std::size_t kLongestName = 16;
  for (std::size_t at = text.find(kSign); at != std::string_view::npos;
       at = text.find(kSign, at + 1)) {
    const std::string_view behind = text.substr(at + kSign.size());
    const std::size_t dollar = behind.substr(0, kLongestName + 1).find('$');
    if (dollar == std::string_view::npos || behind.size() == dollar + 1) continue;
    const bool named = std::ranges::all_of(behind.substr(0, dollar), is_of_hash_name);
    if (named && is_digit(behind[dollar + 1])) return true;
  }
  return false;
}

bool has_secret_shape(std::string_view text) {
  if (text.contains("PRIVATE KEY-----") || text.contains("LS0tLS1CRUdJTi")) return true;
  if (has_scram_verifier(text)) return true;
  const std::size_t token = text.find("eyJ");
  return token != std::string_view::npos && text.find(".eyJ", token) != std::string_view::npos;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Where the value that begins at `begin` ends: at its closing quote, or where a word ends.
std::size_t end_of_value(std::string_view text, std::size_t begin) {
  const char quote = begin < text.size() ? text[begin] : '\0';
  const std::size_t end = quote == '\'' || quote == '"' ? text.find(quote, begin + 1)
                                                        : text.find_first_of(" \t\r\n;,&", begin);
  return end == std::string_view::npos ? text.size() : end;
}

// The begin of the value that a secret's word at `word_end` introduces; npos for no value. SQL
// wants no sign between PASSWORD and its quoted value.
std::size_t begin_of_value(std::string_view text, std::size_t word_end) {
  std::size_t at = word_end;
  while (at < text.size() && is_blank(text[at])) ++at;
  if (at == text.size()) return std::string_view::npos;
  const bool spaced_quote = at > word_end && (text[at] == '\'' || text[at] == '"');
  if (spaced_quote) return at;
  if (text[at] != '=' && text[at] != ':') return std::string_view::npos;
  ++at;
  while (at < text.size() && is_blank(text[at])) ++at;
  return at == text.size() ? std::string_view::npos : at;
}

// A copy of a text that is put together once, with its secrets left out: a text may be long, and
// have one in every few bytes.
class Copy {
 public:
  explicit Copy(std::string& text) : text_(text) {}
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  // What is at [begin, end) is a secret; all before `begin` is none, or was named already.
  void leave_out(std::size_t begin, std::size_t end) {
    safe_.append(text_, kept_, begin - kept_);
    safe_ += kRedacted;
    kept_ = end;
  }
  // Makes it the text; whether that changed anything.
  bool finish() {
    if (safe_.empty()) return false;
    safe_.append(text_, kept_);
    text_ = std::move(safe_);
    return true;
  }

 private:
  std::string& text_;
  std::string safe_;
  std::size_t kept_ = 0;
};

void redact_behind_words(std::string& text) {
  std::string lowered = in_case(text, to_lower);
  for (const std::string_view word : kSecretWords) {
    Copy copy(text);
    for (std::size_t at = lowered.find(word); at != std::string::npos;) {
      at += word.size();
      const std::size_t begin = begin_of_value(text, at);
      if (begin != std::string_view::npos) {
        const bool quoted = text[begin] == '\'' || text[begin] == '"';
        at = end_of_value(text, begin);
        copy.leave_out(begin + (quoted ? 1 : 0), at);
      }
      at = lowered.find(word, at);
    }
    if (copy.finish()) lowered = in_case(text, to_lower);
  }
}

// scheme://user:password@host
void redact_uris(std::string& text) {
  const std::string_view view = text;
  Copy copy(text);
  for (std::size_t at = view.find("://"); at != std::string::npos; at = view.find("://", at + 3)) {
    const std::size_t begin = at + 3;
    const std::size_t end = std::min(view.find_first_of("/?#\"'\\<> \t\r\n,;", begin), view.size());
    const std::string_view authority = view.substr(begin, end - begin);
    const std::size_t host = authority.rfind('@');
    const std::size_t colon = authority.find(':');
    if (host == std::string::npos || colon == std::string::npos || colon > host) continue;
    copy.leave_out(begin + colon + 1, begin + host);
  }
  copy.finish();
}

void redact_text(std::string& text) {
  if (has_secret_shape(text)) {
    text = kRedacted;
    return;
  }
  redact_behind_words(text);
  redact_uris(text);
}

// Options of a user are SQL: what stands behind PASSWORD is one, however it is written.
void redact_user_options(Json& user) {
  const auto options = user.find("options");
  if (options == user.end() || !options->is_string()) return;
  auto& text = options->get_ref<std::string&>();
  const std::size_t at = in_case(text, upper).find("PASSWORD");
  if (at == std::string::npos) return;
  text.resize(at + std::string_view("PASSWORD").size());
  text += concat(" ", kRedacted);
}

// Names are as free as values where the resource is a map of anything.
void redact_names(Json& object) {
  std::vector<std::pair<std::string, std::string>> renamed;
  for (const auto& [key, member] : object.items()) {
    std::string safe = redacted_text(key);
    if (safe != key) renamed.emplace_back(key, std::move(safe));
  }
  for (const auto& [key, safe] : renamed) {
    Json member = std::move(object.at(key));
    object.erase(key);
    object[safe] = std::move(member);
  }
}

void redact(Json& value) {
  if (value.is_string()) return redact_text(value.get_ref<std::string&>());
  if (value.is_array()) {
    for (Json& each : value) redact(each);
  }
  if (!value.is_object()) return;
  if (is_secret_variable(value)) value["value"] = kRedacted;
  redact_user_options(value);
  for (auto& [key, member] : value.items()) {
    if (member.is_string() && is_secret_member(key, member.get_ref<const std::string&>())) {
      member = kRedacted;
    } else {
      redact(member);
    }
  }
  redact_names(value);
}

constexpr std::string_view kPgBackRest = "spec.backups.pgbackrest.";

Mistake secret_at(const std::string& path) {
  return {path, "(not shown)",
          path.starts_with(kPgBackRest)
              ? "it contains a secret in plain text, which the operator must not record: move it "
                "to a file in a Secret, and name the Secret in "
                "spec.backups.pgbackrest.configuration"
              : "it contains a secret in plain text, which the operator must not record: move it "
                "to a Secret and reference the Secret"};
}

void find_places(const Json& value, const std::string& path, std::vector<Mistake>& places) {
  if (value.is_string() && value.get_ref<const std::string&>().contains(kRedacted))
    places.push_back(secret_at(path));
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i)
      find_places(value[i], concat(path, "[", i, "]"), places);
  }
  if (!value.is_object()) return;
  for (const auto& [key, member] : value.items()) {
    const std::string inner = concat(path, ".", key);
    if (key.contains(kRedacted)) places.push_back(secret_at(inner));
    find_places(member, inner, places);
  }
}

}  // namespace

std::string redacted(std::string_view json) {
  Json resource = Json::parse(json, nullptr, false);
  if (resource.is_discarded()) return R"("unreadable")";
  redact(resource);
  return resource.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string redacted_text(std::string text) {
  redact_text(text);
  return text;
}

std::vector<Mistake> redacted_places(std::string_view json) {
  std::vector<Mistake> places;
  const Json resource = Json::parse(json, nullptr, false);
  if (resource.is_object() && resource.contains("spec"))
    find_places(resource.at("spec"), "spec", places);
  return places;
}

}  // namespace annals::spec
