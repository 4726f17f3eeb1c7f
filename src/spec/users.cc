#include "spec/users.h"

#include <algorithm>
#include <set>

#include "spec/fields.h"
#include "spec/text.h"

namespace annals::spec {
namespace {

constexpr std::size_t kIdentifierMax = 63;  // of PostgreSQL
constexpr std::size_t kOptionsMax = 200;

constexpr Choices<PasswordType, 2> kPasswordTypes{
    {{"ASCII", PasswordType::kAscii}, {"AlphaNumeric", PasswordType::kAlphaNumeric}}};

struct PasswordPolicy {
  PasswordType type = PasswordType::kAscii;
};

void describe(Fields& fields, PasswordPolicy& policy) {
  fields.choice("type", policy.type, kPasswordTypes);
}

// The values are not repeated in messages: somebody may have put a password there.
void check_options(Fields& fields, const std::string& options) {
  fields.check_private(options.size() <= kOptionsMax, "options", "use at most 200 characters");
  fields.check_private(!options.contains(';'), "options",
                       "remove semicolons; use attributes of ALTER ROLE only");
  fields.check_private(!has_word(options, "PASSWORD"), "options",
                       "remove PASSWORD; set the password in the user's Secret");
  const bool comment = options.contains("--") || options.contains("/*") || options.contains("*/");
  fields.check_private(!comment, "options", "remove SQL comments");
}

}  // namespace

bool is_user_name(const std::string& name) { return is_dns_label(name); }

void describe(Fields& fields, User& user) {
  fields.require("name", "name the user");
  fields.text("name", user.name);
  fields.check(!fields.has("name") || is_user_name(user.name), "name",
               "use at most 63 lower-case letters, digits and inner dashes");
  fields.texts("databases", user.databases);
  const std::set<std::string> once(user.databases.begin(), user.databases.end());
  fields.check(once.size() == user.databases.size(), "databases", "list each database once");
  const auto fits = [](const std::string& name) {
    return !name.empty() && name.size() <= kIdentifierMax;
  };
  fields.check(std::ranges::all_of(user.databases, fits), "databases",
               "give each database a name of 1 to 63 characters");
  fields.text("options", user.options);
  check_options(fields, user.options);
  PasswordPolicy policy{user.password_type};
  fields.part("password", policy);
  user.password_type = policy.type;
}

}  // namespace annals::spec
