// When a benchmark first saw an object that has a certain sign, by a watch of its own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "k8s/client/client.h"
#include "k8s/watch/reflector.h"
#include "tests/support/any_view.h"

namespace annals::bench {

class FirstSeen final : private k8s::Observer<k8s::AnyView> {
 public:
  // The sign that an object has; empty: none.
  using Sign = std::function<std::string(const k8s::ObjectMeta&)>;

  // Client and clock outlive this.
  FirstSeen(k8s::Client& client, const Clock& clock, k8s::Resource kind, Sign sign);

  // To be spawned.
  boost::asio::awaitable<void> run() { return reflector_.run(); }
  bool is_watching() const { return is_watching_; }
  std::optional<Duration> when(const std::string& sign) const;

 private:
  boost::asio::awaitable<void> observe(std::vector<k8s::Change<k8s::AnyView>> changes) override;
  boost::asio::awaitable<void> freshness(k8s::Freshness now, std::string why) override;

  const Clock& clock_;
  Sign sign_;
  k8s::Reflector<k8s::AnyView> reflector_;
  std::map<std::string, Duration> first_;
  bool is_watching_ = false;
};

// The value of that label of ours; empty: none.
std::string label_of(const k8s::ObjectMeta& meta, const std::string& label);

}  // namespace annals::bench
