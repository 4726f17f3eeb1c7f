#include "k8s/discovery/review_answers.h"

#include "k8s/text/json_scratch.ipp"

namespace annals::k8s {
namespace {

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

Result<TokenVerdict> read_token_verdict(std::string_view review) {
  TokenVerdict verdict;
  Result<void> read = read_status_part(review, [&](std::string_view key, ondemand::value value) {
    if (key == "authenticated") verdict.authenticated = flag_of(value);
    if (key == "error") verdict.trouble = text_of(value);
    if (key != "user") return;
    each_field(value, [&verdict](std::string_view name, ondemand::value inner) {
      take_user(verdict.user, name, inner);
    });
  });
  if (!read) return fail(std::move(read).error());
  return verdict;
}

Result<AccessVerdict> read_access_verdict(std::string_view review) {
  AccessVerdict verdict;
  Result<void> read = read_status_part(review, [&](std::string_view key, ondemand::value value) {
    if (key == "allowed") verdict.allowed = flag_of(value);
    if (key == "reason") verdict.reason = text_of(value);
  });
  if (!read) return fail(std::move(read).error());
  return verdict;
}

}  // namespace annals::k8s
