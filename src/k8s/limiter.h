// Limiter: at most so many requests to one API server at a time; who waits goes in order of
// priority, then of arrival. A lease renewal never waits: losing the lease because ordinary traffic
// is slow would turn slowness into an outage.
// Belongs to the loop's thread and outlives its permits and waiters.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <utility>

#include "k8s/request.h"

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

  Limiter(boost::asio::any_io_executor executor, int max);
  Limiter(const Limiter&) = delete;
  Limiter& operator=(const Limiter&) = delete;

  boost::asio::awaitable<Permit> acquire(Priority priority);
  int in_use() const { return in_use_; }
  std::size_t waiting() const { return waiters_.size(); }

 private:
  struct Waiter;
  using Turn = std::pair<Priority, std::uint64_t>;

  void release();
  void grant_next();

  boost::asio::any_io_executor executor_;
  int max_;
  int in_use_ = 0;
  std::uint64_t arrivals_ = 0;
  std::map<Turn, Waiter*> waiters_;
};

}  // namespace annals::k8s
