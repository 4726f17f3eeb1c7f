// Limiter: at most so many requests to one API server at a time; who waits goes in order of its
// place (priority, then line), then of arrival; but once somebody has waited for longer than
// `patience`, every eighth turn is that of who has waited longest, so that nobody waits for ever
// behind others that keep coming. A lease renewal never
// waits: losing the lease because ordinary traffic is slow would turn slowness into an outage. A
// server that asks for a pause gets one: after a 429 of the server as a whole nothing but leases
// goes, after a 503 reads go too, for they tell when it is over. What was refused is not repeated
// here: only its sender knows what became of its plans meanwhile. Belongs to the loop's thread and
// outlives its permits and waiters.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <utility>

#include "base/clock.h"
#include "k8s/transport/request.h"

namespace annals::k8s {

class Limiter {
 public:
  // The right to have one request under way. Gives it back when destroyed.
  class Permit {
   public:
    Permit() = default;
    Permit(Permit&& other) noexcept : limiter_(std::exchange(other.limiter_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept {
      std::swap(limiter_, other.limiter_);
      return *this;
    }
    ~Permit() {
      if (limiter_ != nullptr) limiter_->release();
    }

   private:
    friend class Limiter;
    explicit Permit(Limiter* limiter) : limiter_(limiter) {}

    Limiter* limiter_ = nullptr;
  };

  // `clock` outlives this.
  Limiter(boost::asio::any_io_executor executor, const Clock& clock, int max,
          Duration patience = std::chrono::seconds(10));
  Limiter(const Limiter&) = delete;
  Limiter& operator=(const Limiter&) = delete;

  boost::asio::awaitable<Permit> acquire(Place place, Effect effect);

  // For so long only leases go, or only leases and reads. At most a minute; a longer hold that is
  // on already stays.
  void hold_all(Duration span);
  void hold_writes(Duration span);
  // When requests of this effect go again, by the steady clock; in the past where none is held.
  Duration held_until(Effect effect) const;

  int in_use() const { return in_use_; }
  std::size_t waiting() const { return waiters_.size(); }

 private:
  struct Waiter;
  using Turn = std::pair<Place, std::uint64_t>;

  bool held(Effect effect) const { return clock_.steady() < held_until(effect); }
  void hold(Duration& until, Duration span);
  void release();
  void grant();
  Waiter* next();
  bool is_turn_by_arrival() const;

  boost::asio::any_io_executor executor_;
  const Clock& clock_;
  int max_;
  Duration patience_;
  int in_use_ = 0;
  std::uint64_t arrivals_ = 0;
  Duration all_until_{};
  Duration writes_until_{};
  std::map<Turn, Waiter*> waiters_;
  std::map<std::uint64_t, Waiter*> by_arrival_;  // the same
  std::uint64_t turns_ = 0;
};

}  // namespace annals::k8s
