#include "k8s/reviews.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "k8s/json_scratch.ipp"

namespace annals::k8s {

namespace asio = boost::asio;
using Json = nlohmann::json;

namespace {

Resource token_reviews() { return {"authentication.k8s.io", "v1", "tokenreviews", false}; }
Resource access_reviews() { return {"authorization.k8s.io", "v1", "subjectaccessreviews", false}; }

// A review is a POST that stores nothing.
constexpr Trouble kUnreadable = Trouble::kUnusable;

void take_user(User& user, std::string_view key, ondemand::value value) {
  if (key == "username") user.name = text_of(value);
  if (key == "uid") user.uid = text_of(value);
  if (key != "groups") return;
  each_element(value, [&user](ondemand::value group) { user.groups.push_back(text_of(group)); });
}

template <class Take>
Result<void> read_status_part(std::string_view review, Take take) {
  JsonReader reader;
  return read_object(reader, review, [&take](ondemand::object& root) {
    each_field(root, [&take](std::string_view part, ondemand::value status) {
      if (part == "status") each_field(status, take);
    });
  });
}

}  // namespace

asio::awaitable<Answer<TokenVerdict>> review_token(Client* client, Secret token) {
  const Json review = {{"apiVersion", "authentication.k8s.io/v1"},
                       {"kind", "TokenReview"},
                       {"spec", {{"token", std::string(token.reveal())}}}};
  std::string text = review.dump(-1, ' ', true, Json::error_handler_t::replace);
  const Answer<std::string> answer = co_await client->create(token_reviews(), {}, std::move(text));
  if (!answer) co_return refuse(answer.error());
  TokenVerdict verdict;
  const Result<void> read =
      read_status_part(*answer, [&verdict](std::string_view key, ondemand::value value) {
        if (key == "authenticated") verdict.authenticated = flag_of(value);
        if (key == "error") verdict.trouble = text_of(value);
        if (key != "user") return;
        each_field(value, [&verdict](std::string_view name, ondemand::value inner) {
          take_user(verdict.user, name, inner);
        });
      });
  if (!read) co_return refuse(kUnreadable, read.error().detail);
  co_return verdict;
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
  AccessVerdict verdict;
  const Result<void> read =
      read_status_part(*answer, [&verdict](std::string_view key, ondemand::value value) {
        if (key == "allowed") verdict.allowed = flag_of(value);
        if (key == "reason") verdict.reason = text_of(value);
      });
  if (!read) co_return refuse(kUnreadable, read.error().detail);
  co_return verdict;
}

}  // namespace annals::k8s
