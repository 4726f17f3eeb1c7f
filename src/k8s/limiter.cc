#include "k8s/limiter.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/assert.h"

namespace annals::k8s {

namespace asio = boost::asio;

namespace {

constexpr Duration kHoldMax = std::chrono::minutes(1);

}  // namespace

// Stands in line while it lives. One that was granted a permit and then cancelled passes it on.
struct Limiter::Waiter {
  Waiter(Limiter& owner, Priority priority, Effect wanted)
      : limiter(owner), turn(priority, owner.arrivals_++), effect(wanted), bell(owner.executor_) {
    limiter.waiters_.emplace(turn, this);
    set_bell();
  }
  ~Waiter() {
    limiter.waiters_.erase(turn);
    if (granted) limiter.release();
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // Rings when a hold is over; without one only when somebody grants a permit.
  void set_bell() {
    const Duration wait = limiter.held_until(effect) - limiter.clock_.steady();
    if (wait > Duration::zero()) {
      bell.expires_after(wait);
    } else {
      bell.expires_at(asio::steady_timer::time_point::max());
    }
  }

  Limiter& limiter;
  Turn turn;
  Effect effect;
  asio::steady_timer bell;
  bool granted = false;
};

Limiter::Limiter(asio::any_io_executor executor, const Clock& clock, int max)
    : executor_(std::move(executor)), clock_(clock), max_(max) {
  ANNALS_ASSERT(max > 0, "a limiter that lets nothing through");
}

asio::awaitable<Limiter::Permit> Limiter::acquire(Priority priority, Effect effect) {
  if (priority == Priority::kLease) {
    ++in_use_;
    co_return Permit(this);
  }
  Waiter waiter(*this, priority, effect);
  grant();
  while (!waiter.granted) {
    (void)co_await waiter.bell.async_wait(asio::as_tuple(asio::use_awaitable));
    if (waiter.granted) break;
    waiter.set_bell();
    grant();
  }
  waiter.granted = false;  // the permit holds it from here
  co_return Permit(this);
}

Duration Limiter::held_until(Effect effect) const {
  return effect == Effect::kWrite ? std::max(all_until_, writes_until_) : all_until_;
}

void Limiter::hold_all(Duration span) { hold(all_until_, span); }
void Limiter::hold_writes(Duration span) { hold(writes_until_, span); }

void Limiter::hold(Duration& until, Duration span) {
  until = std::max(until, clock_.steady() + std::min(span, kHoldMax));
  for (const auto& [turn, waiter] : waiters_) waiter->set_bell();
}

void Limiter::release() {
  --in_use_;
  grant();
}

void Limiter::grant() {
  for (auto next = waiters_.begin(); next != waiters_.end() && in_use_ < max_;) {
    Waiter& waiter = *next->second;
    if (held(waiter.effect)) {
      ++next;
      continue;
    }
    next = waiters_.erase(next);
    ++in_use_;
    waiter.granted = true;
    waiter.bell.cancel();
  }
}

}  // namespace annals::k8s
