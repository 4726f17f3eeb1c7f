// Present: an observer that knows which objects there are, as far as it was told. WatchCounts: what
// the reflector did for it.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "k8s/transport/metrics.h"
#include "k8s/watch/reflector.h"

namespace annals::k8s {

template <class View>
class Present final : public Observer<View> {
 public:
  boost::asio::awaitable<void> observe(std::vector<Change<View>> changes) override {
    for (const Change<View>& change : changes) {
      if (change.kind == ChangeKind::kVanished) {
        EXPECT_EQ(names.erase(change.key.name), 1U) << change.key.name;
      } else {
        names.insert(change.key.name);
      }
      ++told;
    }
    co_return;
  }
  boost::asio::awaitable<void> freshness(Freshness now, std::string reason) override {
    states.push_back(now);
    if (now == Freshness::kStale) why_stale = std::move(reason);
    co_return;
  }

  std::set<std::string> names;
  std::size_t told = 0;  // changes
  std::vector<Freshness> states;
  std::string why_stale;
};

class WatchCounts final : public ClientMetrics {
 public:
  void watch_restarted(std::string_view, std::string_view cause) override { causes.emplace(cause); }
  void listed(std::string_view, Duration) override { ++lists; }

  std::multiset<std::string> causes;
  int lists = 0;
};

}  // namespace annals::k8s
