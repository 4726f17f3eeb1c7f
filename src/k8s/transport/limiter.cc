#include "k8s/transport/limiter.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/assert.h"

namespace annals::k8s {

namespace asio = boost::asio;

namespace {

constexpr Duration kHoldMax = std::chrono::minutes(1);
// So many turns, the last of which may be by arrival alone.
constexpr std::uint64_t kTurnsByPlace = 8;

}  // namespace

// Stands in line while it lives. One that was granted a permit and then cancelled passes it on.
struct Limiter::Waiter {
  Waiter(Limiter& owner, Place place, Effect wanted)
      : limiter(owner),
        turn(place, owner.arrivals_++),
        effect(wanted),
        since(owner.clock_.steady()),
        bell(owner.executor_) {
    limiter.waiters_.emplace(turn, this);
    limiter.by_arrival_.emplace(turn.second, this);
    set_bell();
  }
  ~Waiter() {
    leave_line();
    if (granted) limiter.release();
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  void leave_line() {
    limiter.waiters_.erase(turn);
    limiter.by_arrival_.erase(turn.second);
  }

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
  Duration since;
  asio::steady_timer bell;
  bool granted = false;
};

Limiter::Limiter(asio::any_io_executor executor, const Clock& clock, int max, Duration patience)
    : executor_(std::move(executor)), clock_(clock), max_(max), patience_(patience) {
  ANNALS_ASSERT(max > 0, "a limiter that lets nothing through");
}

asio::awaitable<Limiter::Permit> Limiter::acquire(Place place, Effect effect) {
  if (place.priority == Priority::kLease) {
    ++in_use_;
    co_return Permit(this);
  }
  Waiter waiter(*this, place, effect);
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
  while (in_use_ < max_) {
    Waiter* const waiter = next();
    if (waiter == nullptr) return;
    waiter->leave_line();
    ++in_use_;
    ++turns_;
    waiter->granted = true;
    waiter->bell.cancel();
  }
}

// Null when nobody waits that is not held.
Limiter::Waiter* Limiter::next() {
  const auto first = [this](const auto& line) -> Waiter* {
    const auto free = std::ranges::find_if(
        line, [this](const auto& entry) { return !held(entry.second->effect); });
    return free == line.end() ? nullptr : free->second;
  };
  return is_turn_by_arrival() ? first(by_arrival_) : first(waiters_);
}

bool Limiter::is_turn_by_arrival() const {
  if (turns_ % kTurnsByPlace != kTurnsByPlace - 1 || by_arrival_.empty()) return false;
  return clock_.steady() - by_arrival_.begin()->second->since >= patience_;
}

}  // namespace annals::k8s
