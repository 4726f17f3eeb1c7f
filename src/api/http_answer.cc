#include "api/http_answer.ipp"

#include <string>
#include <utility>

namespace annals::api {

namespace http = boost::beast::http;

namespace {

using Question = http::request<http::empty_body>;

Response respond(const Question& question, const Handler& handler) {
  if (question.method() != http::verb::get && question.method() != http::verb::head)
    return {.status = 405, .body = "method not allowed: GET and HEAD only\n"};
  const std::string target(question.target());
  const std::size_t mark = target.find('?');
  if (mark == std::string::npos) return handler({.path = target, .query = {}});
  return handler({.path = target.substr(0, mark), .query = target.substr(mark + 1)});
}

}  // namespace

Answer answer_to(const QuestionParser& parser, const Handler& handler) {
  const Question& question = parser.get();
  Response response = respond(question, handler);
  Answer answer(static_cast<http::status>(response.status), question.version());
  answer.set(http::field::content_type, response.type);
  answer.set(http::field::cache_control, "no-store");
  answer.set("X-Content-Type-Options", "nosniff");
  if (response.status == 405) answer.set(http::field::allow, "GET, HEAD");
  // What follows an unread body would be taken for a request.
  answer.keep_alive(question.keep_alive() && response.status != 405 && parser.is_done());
  answer.body() = std::move(response.body);
  answer.prepare_payload();
  if (question.method() == http::verb::head) answer.body().clear();
  return answer;
}

}  // namespace annals::api
