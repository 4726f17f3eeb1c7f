// LeaderElection: one holder at a time of a coordination.k8s.io Lease, and an epoch that fences all
// earlier holders. The epoch is spec.leaseTransitions of our acquisition: it grows with every
// change of holder, and each write of the Lease is conditional on its resourceVersion, so no two
// terms share one. Whether we still hold the lease is judged by our own monotonic clock, from
// before the renewal was sent: a process that was paused past its term finds itself out of office
// when it looks. Source: client-go's leaderelection; another holder's term is judged by how long
// *we* saw no renewal, never by comparing clocks, or by a lock that it must have lost to us.
// Belongs to the loop's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/id.h"
#include "k8s/client/client.h"
#include "k8s/lease/lease_record.h"

namespace annals::k8s {

struct LeaseOptions {
  ObjectName lease;
  std::string identity;  // unique to this process, also among its own restarts
  // Names a lock that only one process can have, and that this one has: who stood in the lease with
  // it has ended, so its term is not waited for. Empty: there is none.
  std::string lock;
  Epoch at_least;  // a lease made anew starts above this: the last epoch in the journal
  Duration duration = std::chrono::seconds(15);  // how long others wait after our last renewal
  Duration renew_deadline = std::chrono::seconds(10);  // after which we stop by ourselves
  Duration retry_period = std::chrono::seconds(2);
};

class LeaderElection {
 public:
  // `client` outlives this.
  LeaderElection(Client& client, LeaseOptions options);
  LeaderElection(const LeaderElection&) = delete;
  LeaderElection& operator=(const LeaderElection&) = delete;

  // Waits as long as it takes; returns our epoch once we hold the lease.
  boost::asio::awaitable<Epoch> acquire();
  // Renews; returns when the lease is lost. After that nothing may be written under its epoch.
  boost::asio::awaitable<std::string> hold();
  // Gives the lease up, so that a successor need not wait. For an orderly end.
  boost::asio::awaitable<void> release();

  // Whether we hold it at this moment: ask right before each external write. It turns false by the
  // passing of time alone.
  bool leading() const;
  // The epoch of the last acquisition.
  Epoch epoch() const { return epoch_; }
  // Who holds it, as far as we saw.
  const std::string& holder() const { return seen_.holder; }

 private:
  boost::asio::awaitable<Answer<bool>> try_acquire();
  boost::asio::awaitable<Answer<bool>> create();
  boost::asio::awaitable<Answer<bool>> write(LeaseRecord next, Duration asked_at);
  boost::asio::awaitable<Answer<bool>> look();
  Result<void> take(std::string_view object);
  bool others_term_over() const;
  bool had_our_lock(std::string_view holder) const;
  std::string body(const LeaseRecord& lease, const std::string& resource_version) const;
  LeaseRecord successor_of(const LeaseRecord& before) const;

  Client& client_;
  LeaseOptions options_;
  std::string holder_;  // as we stand in the lease: identity_lock, as client-go's are name_id
  const Clock& clock_;
  Log log_;
  LeaseRecord seen_;
  Duration seen_at_{};                  // when the renewal in seen_ was first seen
  std::optional<Duration> renewed_at_;  // when our last successful renewal was sent
  Epoch epoch_;
};

}  // namespace annals::k8s
