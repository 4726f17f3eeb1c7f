#include "k8s/transport/request.h"

#include <algorithm>
#include <utility>

#include "base/concat.h"
#include "base/percent_encoding.h"
#include "base/printable.h"

namespace annals::k8s {
namespace {

bool visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

std::string_view to_string(Verb verb) {
  switch (verb) {
    case Verb::kGet:
      return "GET";
    case Verb::kPost:
      return "POST";
    case Verb::kPut:
      return "PUT";
    case Verb::kPatch:
      return "PATCH";
    case Verb::kDelete:
      return "DELETE";
  }
  return "GET";
}

std::string target_of(const Request& request) {
  std::string target = request.path;
  char separator = '?';
  for (const QueryParameter& parameter : request.query) {
    target += concat(separator, parameter.name, '=', percent_encoded(parameter.value));
    separator = '&';
  }
  return target;
}

Result<Secret> wire_bytes(const Request& request, const RequestFrame& frame) {
  const std::string target = frame.prefix + target_of(request);
  if (!target.starts_with('/') || !visible(target)) {
    return fail(Errc::kInvalid, "not a request target: ", printable(target, 200));
  }
  if (!visible(frame.host)) return fail(Errc::kInvalid, "not a host: ", printable(frame.host, 200));
  if (!visible(request.content_type)) return fail(Errc::kInvalid, "not a content type");
  if (!visible(frame.bearer.reveal())) {
    return fail(Errc::kInvalid, "the bearer token contains blanks or control characters");
  }
  std::string bytes = concat(request.verb, " ", target, " HTTP/1.1\r\nHost: ", frame.host,
                             "\r\nUser-Agent: annals-operator\r\nAccept: ",
                             frame.lines.empty() ? "application/json" : "*/*", "\r\n");
  if (!frame.bearer.empty()) {
    bytes += concat("Authorization: Bearer ", frame.bearer.reveal(), "\r\n");
  }
  if (!request.content_type.empty())
    bytes += concat("Content-Type: ", request.content_type, "\r\n");
  if (request.verb != Verb::kGet) bytes += concat("Content-Length: ", request.body.size(), "\r\n");
  bytes += frame.lines;
  bytes += "\r\n";
  if (request.verb != Verb::kGet) bytes += request.body;
  return Secret(std::move(bytes));
}

}  // namespace annals::k8s
