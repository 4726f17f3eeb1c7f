// spec.users: the roles and databases that exist from the start, each role with a Secret.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace annals::spec {

class Fields;

enum class PasswordType : std::uint8_t { kAscii, kAlphaNumeric };

struct User {
  std::string name;
  std::vector<std::string> databases;
  std::string options;  // attributes of ALTER ROLE
  PasswordType password_type = PasswordType::kAscii;

  friend bool operator==(const User&, const User&) = default;
};

void describe(Fields& fields, User& user);

// What PostgreSQL and the name of a Secret both take as the name of a user.
bool is_user_name(const std::string& name);

}  // namespace annals::spec
