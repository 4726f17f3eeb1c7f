// What the API server answers to a TokenReview and to a SubjectAccessReview. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace annals::k8s {

struct User {
  std::string name;  // "system:serviceaccount:ns:name"
  std::string uid;
  std::vector<std::string> groups;
};

struct TokenVerdict {
  bool authenticated = false;
  User user;            // when it is
  std::string trouble;  // what the server says when it is not
};

struct AccessVerdict {
  bool allowed = false;
  std::string reason;
};

// A review without a verdict is a no. kInvalid for what is none.
Result<TokenVerdict> read_token_verdict(std::string_view review);
Result<AccessVerdict> read_access_verdict(std::string_view review);

}  // namespace annals::k8s
