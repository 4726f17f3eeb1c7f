#include "k8s/discovery/reviews.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace annals::k8s {

namespace asio = boost::asio;
using Json = nlohmann::json;

namespace {

Resource token_reviews() { return {"authentication.k8s.io", "v1", "tokenreviews", false}; }
Resource access_reviews() { return {"authorization.k8s.io", "v1", "subjectaccessreviews", false}; }

}  // namespace

asio::awaitable<Answer<TokenVerdict>> review_token(Client* client, Secret token) {
  const Json review = {{"apiVersion", "authentication.k8s.io/v1"},
                       {"kind", "TokenReview"},
                       {"spec", {{"token", std::string(token.reveal())}}}};
  std::string text = review.dump(-1, ' ', true, Json::error_handler_t::replace);
  const Answer<std::string> answer = co_await client->create(token_reviews(), {}, std::move(text));
  if (!answer) co_return refuse(answer.error());
  // A review is a POST that stores nothing.
  Result<TokenVerdict> verdict = read_token_verdict(*answer);
  if (!verdict) co_return refuse(Trouble::kUnusable, verdict.error().detail);
  co_return *std::move(verdict);
}

asio::awaitable<Answer<AccessVerdict>> review_access(Client* client, AccessQuestion question) {
  const Json review = {{"apiVersion", "authorization.k8s.io/v1"},
                       {"kind", "SubjectAccessReview"},
                       {"spec",
                        {{"user", question.user.name},
                         {"uid", question.user.uid},
                         {"groups", question.user.groups},
                         {"resourceAttributes",
                          {{"verb", question.verb},
                           {"group", question.group},
                           {"resource", question.plural},
                           {"namespace", question.name_space},
                           {"name", question.name}}}}}};
  std::string text = review.dump(-1, ' ', true, Json::error_handler_t::replace);
  const Answer<std::string> answer = co_await client->create(access_reviews(), {}, std::move(text));
  if (!answer) co_return refuse(answer.error());
  Result<AccessVerdict> verdict = read_access_verdict(*answer);
  if (!verdict) co_return refuse(Trouble::kUnusable, verdict.error().detail);
  co_return *std::move(verdict);
}

}  // namespace annals::k8s
