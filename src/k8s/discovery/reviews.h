// Questions to the API server about others: whose token is this (TokenReview), and may they do that
// (SubjectAccessReview). So our own API needs no users of its own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "base/secret.h"
#include "k8s/client/client.h"
#include "k8s/discovery/review_answers.h"

namespace annals::k8s {

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

boost::asio::awaitable<Answer<AccessVerdict>> review_access(Client* client,
                                                            AccessQuestion question);

}  // namespace annals::k8s
