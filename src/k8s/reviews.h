// Questions to the API server about others: whose token is this (TokenReview), and may they do that
// (SubjectAccessReview). So our own API needs no users of its own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "base/secret.h"
#include "k8s/client.h"

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

// `client` outlives the answer.
boost::asio::awaitable<Answer<TokenVerdict>> review_token(Client* client, Secret token);

struct AccessQuestion {
  User user;
  std::string verb;  // "get"
  std::string group;
  std::string plural;
  std::string name_space;
  std::string name;
};

struct AccessVerdict {
  bool allowed = false;
  std::string reason;
};

boost::asio::awaitable<Answer<AccessVerdict>> review_access(Client* client,
                                                            AccessQuestion question);

}  // namespace annals::k8s
