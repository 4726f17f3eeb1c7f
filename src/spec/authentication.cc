#include "spec/authentication.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "spec/fields.h"
#include "spec/text.h"

namespace annals::spec {
namespace {

constexpr std::size_t kRulesMax = 10;
constexpr std::size_t kWordMax = 20;
constexpr std::size_t kNamesMax = 20;
constexpr std::size_t kNameMax = 63;
constexpr std::size_t kLineMax = 100;

using Names = std::initializer_list<const char*>;

bool has_any(const HbaRule& rule, Names names) {
  return std::ranges::any_of(names, [&](const char* name) { return rule.options.contains(name); });
}

bool is_word_or_empty(std::string_view text) {
  return text.empty() || (is_hba_word(text) && text.size() <= kWordMax);
}

void check_names(Fields& fields, std::string_view field, const std::vector<std::string>& names) {
  const auto fits = [](const std::string& name) {
    return !name.empty() && name.size() <= kNameMax;
  };
  fields.check(names.size() <= kNamesMax, field, "list at most 20; use several rules for more");
  fields.check(std::ranges::all_of(names, fits), field, "give names of 1 to 63 characters");
}

// Lines and options may hold a password of LDAP or RADIUS, so no message repeats them.
void check_line(Fields& fields, const HbaRule& rule) {
  fields.check_private(rule.hba.size() <= kLineMax, "hba", "use at most 100 characters");
  fields.check_private(is_printable(rule.hba), "hba", "use one line of printable ASCII");
  fields.check_private(!trimmed(rule.hba).starts_with("include"), "hba",
                       "remove include; write the rule itself");
}

void check_method(Fields& fields, const HbaRule& rule) {
  fields.check(rule.method != "trust", "method",
               "choose a method that authenticates the client, not trust");
  const bool prefix_or_suffix = has_any(rule, {"ldapprefix", "ldapsuffix"});
  const bool search = has_any(rule, {"ldapbasedn", "ldapbinddn", "ldapbindpasswd",
                                     "ldapsearchattribute", "ldapsearchfilter"});
  if (rule.method == "ldap") {
    fields.check_private(prefix_or_suffix || rule.options.contains("ldapbasedn"), "options",
                         "method ldap needs ldapbasedn, ldapprefix or ldapsuffix");
    fields.check_private(!prefix_or_suffix || !search, "options",
                         "use either ldapprefix and ldapsuffix, or ldapbasedn and the search's "
                         "options, not both");
  }
  if (rule.method == "radius") {
    fields.check_private(
        rule.options.contains("radiusservers") && rule.options.contains("radiussecrets"), "options",
        "method radius needs radiusservers and radiussecrets");
  }
}

}  // namespace

void describe(Fields& fields, HbaRule& rule) {
  fields.text("hba", rule.hba);
  fields.text("connection", rule.connection);
  fields.texts("databases", rule.databases);
  fields.texts("users", rule.users);
  fields.text("method", rule.method);
  fields.settings("options", rule.options);
  const bool columns = !rule.connection.empty() || !rule.databases.empty() || !rule.users.empty() ||
                       !rule.method.empty() || !rule.options.empty();
  if (fields.has("hba")) {
    fields.check_private(!columns, "hba", "give either hba or the columns, not both");
    fields.check_private(!trimmed(rule.hba).empty(), "hba", "write the rule, or remove hba");
    return check_line(fields, rule);
  }
  fields.require("connection", "set host, hostssl, hostnossl or local, or give hba");
  fields.require("method", "set the authentication method, such as scram-sha-256, or give hba");
  fields.check(is_word_or_empty(rule.connection), "connection",
               "use lower-case letters, digits and dashes, at most 20");
  fields.check(is_word_or_empty(rule.method), "method",
               "use lower-case letters, digits and dashes, at most 20");
  check_names(fields, "databases", rule.databases);
  check_names(fields, "users", rule.users);
  fields.check_private(rule.options.size() <= kNamesMax, "options", "give at most 20 options");
  check_method(fields, rule);
}

void describe(Fields& fields, Authentication& authentication) {
  fields.parts("rules", authentication.rules);
  fields.check(authentication.rules.size() <= kRulesMax, "rules", "give at most 10 rules");
}

}  // namespace annals::spec
