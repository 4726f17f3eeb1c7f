#include "k8s/api_error.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/printable.h"
#include "http/status_code.h"

namespace annals::k8s {

using Json = nlohmann::json;

namespace {

// Limits on what a server can make us keep of an error.
constexpr std::size_t kStatusMessageMax = 4096;
constexpr std::size_t kCausesMax = 32;
constexpr std::size_t kBodyMax = 1 << 20;
constexpr int kNestingMax = 32;

std::string status_text(const Json& object, std::string_view key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return {};
  return printable(found->get_ref<const std::string&>(), kStatusMessageMax);
}

// Parses without exceptions and without recursion beyond kNestingMax; discarded if it is no object.
Json parse_object(std::string_view body) {
  if (body.size() > kBodyMax) return Json(Json::value_t::discarded);
  const auto shallow = [](int depth, Json::parse_event_t, Json&) { return depth <= kNestingMax; };
  return Json::parse(body, shallow, false);
}

void read_causes(const Json& details, std::vector<Cause>& causes) {
  const auto list = details.find("causes");
  if (list == details.end() || !list->is_array()) return;
  for (const Json& cause : *list) {
    if (!cause.is_object()) continue;
    if (causes.size() == kCausesMax) return;
    causes.push_back(
        {status_text(cause, "reason"), status_text(cause, "field"), status_text(cause, "message")});
  }
}

void read_object(const Json& object, ApiError& error) {
  if (!object.is_object() || status_text(object, "kind") != "Status") return;
  error.reason = status_text(object, "reason");
  error.message = status_text(object, "message");
  const auto details = object.find("details");
  if (details == object.end() || !details->is_object()) return;
  read_causes(*details, error.causes);
  const auto seconds = details->find("retryAfterSeconds");
  if (error.retry_after || seconds == details->end() || !seconds->is_number_unsigned()) return;
  error.retry_after =
      std::chrono::seconds(std::min<std::uint64_t>(seconds->get<std::uint64_t>(), 86400));
}

}  // namespace

std::string_view to_string(Trouble trouble) {
  switch (trouble) {
    case Trouble::kNotSent:
      return "not sent";
    case Trouble::kNoAnswer:
      return "no answer";
    case Trouble::kUnknownOutcome:
      return "unknown outcome";
    case Trouble::kRefused:
      return "refused";
    case Trouble::kUnusable:
      return "unusable answer";
  }
  return "unknown error";
}

Errc ApiError::code() const {
  switch (trouble) {
    case Trouble::kUnknownOutcome:
      return Errc::kTimeout;
    case Trouble::kRefused:
      return annals::http::code_of_status(static_cast<unsigned>(status));
    case Trouble::kNotSent:
    case Trouble::kNoAnswer:
    case Trouble::kUnusable:
      return Errc::kUnavailable;
  }
  return Errc::kUnavailable;
}

Error to_error(const ApiError& error) { return Error{error.code(), to_string(error)}; }

std::string to_string(const ApiError& error) {
  std::string text = concat(error.trouble);
  if (error.status != 0) text += concat(" (", error.status, ")");
  if (!error.reason.empty()) text += concat(" ", error.reason);
  return text += concat(": ", error.message);
}

ApiError read_status(int status, std::optional<std::chrono::seconds> retry_after,
                     std::string_view body, Effect effect) {
  ApiError error;
  error.status = status;
  error.retry_after = retry_after;
  const bool gave_up = status == 500 || status == 502 || status == 504;
  error.trouble =
      gave_up && effect == Effect::kWrite ? Trouble::kUnknownOutcome : Trouble::kRefused;
  read_object(parse_object(body), error);
  if (error.message.empty()) {
    error.message = body.empty() ? concat("HTTP status ", status) : printable(body, 256);
  }
  return error;
}

}  // namespace annals::k8s
