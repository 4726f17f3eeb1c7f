#include "k8s/limiter.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/assert.h"

namespace annals::k8s {

namespace asio = boost::asio;

// Stands in line while it lives. One that was granted a permit and then cancelled passes it on.
struct Limiter::Waiter {
  Waiter(Limiter& owner, Priority priority)
      : limiter(owner), turn(priority, owner.arrivals_++), bell(owner.executor_) {
    bell.expires_at(asio::steady_timer::time_point::max());
    limiter.waiters_.emplace(turn, this);
  }
  ~Waiter() {
    limiter.waiters_.erase(turn);
    if (granted) limiter.release();
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  Limiter& limiter;
  Turn turn;
  asio::steady_timer bell;
  bool granted = false;
};

Limiter::Limiter(asio::any_io_executor executor, int max)
    : executor_(std::move(executor)), max_(max) {
  ANNALS_ASSERT(max > 0, "a limiter that lets nothing through");
}

asio::awaitable<Limiter::Permit> Limiter::acquire(Priority priority) {
  if (priority == Priority::kLease || (in_use_ < max_ && waiters_.empty())) {
    ++in_use_;
    co_return Permit(this);
  }
  Waiter waiter(*this, priority);
  while (!waiter.granted) {
    (void)co_await waiter.bell.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  waiter.granted = false;  // the permit holds it from here
  co_return Permit(this);
}

void Limiter::release() {
  --in_use_;
  grant_next();
}

void Limiter::grant_next() {
  if (waiters_.empty() || in_use_ >= max_) return;
  const auto first = waiters_.begin();
  Waiter& waiter = *first->second;
  waiters_.erase(first);
  ++in_use_;
  waiter.granted = true;
  waiter.bell.cancel();
}

}  // namespace annals::k8s
