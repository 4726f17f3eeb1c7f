#include "api/health.h"

#include <algorithm>
#include <utility>

#include "base/concat.h"

namespace annals::api {

Health::Health(std::string name) : name_(std::move(name)) {}

void Health::add(std::string check_name, Check check) {
  checks_.emplace_back(std::move(check_name), std::move(check));
}

bool Health::is_well() const {
  return std::ranges::none_of(checks_,
                              [](const auto& entry) { return entry.second().has_value(); });
}

Response Health::answer(const Request& request) const {
  std::string story;
  bool well = true;
  for (const auto& [name, check] : checks_) {
    const std::optional<std::string> trouble = check();
    well = well && !trouble;
    story +=
        trouble ? concat("[-]", name, " failed: ", *trouble, "\n") : concat("[+]", name, " ok\n");
  }
  if (well && !request.query.starts_with("verbose")) return {.body = "ok\n"};
  story += concat(name_, well ? " check passed\n" : " check failed\n");
  return {.status = well ? 200 : 503, .body = std::move(story)};
}

}  // namespace annals::api
