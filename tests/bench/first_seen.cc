#include "tests/bench/first_seen.h"

#include <utility>

namespace annals::bench {

namespace asio = boost::asio;

FirstSeen::FirstSeen(k8s::Client& client, const Clock& clock, k8s::Resource kind, Sign sign)
    : clock_(clock),
      sign_(std::move(sign)),
      reflector_(client, std::move(kind), k8s::read_any_view, *this, {}) {}

std::optional<Duration> FirstSeen::when(const std::string& sign) const {
  const auto found = first_.find(sign);
  return found == first_.end() ? std::nullopt : std::optional(found->second);
}

asio::awaitable<void> FirstSeen::observe(std::vector<k8s::Change<k8s::AnyView>> changes) {
  for (const k8s::Change<k8s::AnyView>& change : changes) {
    if (!change.view) continue;
    std::string sign = sign_(change.view->meta);
    if (!sign.empty()) first_.emplace(std::move(sign), clock_.steady());
  }
  co_return;
}

asio::awaitable<void> FirstSeen::freshness(k8s::Freshness now, std::string) {
  is_watching_ = now == k8s::Freshness::kCurrent;
  co_return;
}

std::string label_of(const k8s::ObjectMeta& meta, const std::string& label) {
  const auto found = meta.labels.find(label);
  return found == meta.labels.end() ? std::string() : found->second;
}

}  // namespace annals::bench
