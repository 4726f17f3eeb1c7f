// Leader election against the real API server.
#include "k8s/lease/lease.h"

#include "tests/integration/k8s/support/api_server.h"

namespace annals::k8s {
namespace {

class Leases : public ApiServerTest {
 protected:
  LeaseOptions options(const std::string& identity) {
    LeaseOptions options;
    options.lease = object("leader");
    options.identity = identity;
    options.duration = std::chrono::milliseconds(3000);
    options.renew_deadline = std::chrono::milliseconds(2000);
    options.retry_period = std::chrono::milliseconds(200);
    return options;
  }
};

TEST_F(Leases, TheFirstComesBeforeTheSecondAndEpochsGrow) {
  LeaderElection first(client_, options("first"));
  LeaderElection second(client_, options("second"));
  EXPECT_EQ(run(first.acquire()), Epoch(1));
  EXPECT_TRUE(first.leading());
  TaskScope scope(loop_.get_executor());
  Epoch taken;
  scope.spawn("second", [](LeaderElection* who, Epoch* into) -> boost::asio::awaitable<void> {
    *into = co_await who->acquire();
  }(&second, &taken));
  run_until([&] { return second.holder() == "first"; });
  EXPECT_EQ(taken, Epoch());
  run(first.release());
  EXPECT_FALSE(first.leading());
  run_until([&] { return taken != Epoch(); });
  EXPECT_EQ(taken, Epoch(2));
  EXPECT_TRUE(second.leading());
  run(scope.join());
}

TEST_F(Leases, AHolderThatDoesNotRenewIsOutOfOfficeBeforeItsSuccessorIsIn) {
  LeaderElection paused(client_, options("paused"));
  LeaderElection other(client_, options("other"));
  (void)run(paused.acquire());
  const Epoch epoch = run(other.acquire());  // nobody renews for the first
  EXPECT_FALSE(paused.leading());
  EXPECT_GT(epoch, paused.epoch());
  EXPECT_EQ(run(paused.hold()), "renewal timed out");
}

TEST_F(Leases, ARenewedLeaseStays) {
  LeaderElection holder(client_, options("holder"));
  (void)run(holder.acquire());
  TaskScope scope(loop_.get_executor());
  bool lost = false;
  scope.spawn("hold", [](LeaderElection* who, bool* into) -> boost::asio::awaitable<void> {
    (void)co_await who->hold();
    *into = true;
  }(&holder, &lost));
  run(pause_for(std::chrono::seconds(4)));
  EXPECT_TRUE(holder.leading());
  EXPECT_FALSE(lost);
  remove(leases(), "leader");
  run_until([&] { return lost; });
  EXPECT_FALSE(holder.leading());
  run(scope.join());
}

// Who has the lock knows that whoever stood in the lease with it has ended.
TEST_F(Leases, AHolderWhoseLockWeHaveIsNotWaitedFor) {
  LeaseOptions ended = options("ended");
  ended.duration = std::chrono::hours(2);
  ended.lock = "c0ffee";
  LeaseOptions next = ended;
  next.identity = "next";
  (void)run(LeaderElection(client_, ended).acquire());
  EXPECT_EQ(fetched(leases(), "leader")["spec"]["holderIdentity"], "ended_c0ffee");
  LeaderElection election(client_, next);
  EXPECT_EQ(run(election.acquire()), Epoch(2));
  EXPECT_TRUE(election.leading());
}

TEST_F(Leases, AHolderWithAnotherLockIsWaitedFor) {
  LeaseOptions living = options("living");
  living.lock = "c0ffee";
  LeaderElection holder(client_, living);
  (void)run(holder.acquire());
  TaskScope scope(loop_.get_executor());
  scope.spawn("hold", [](LeaderElection* who) -> boost::asio::awaitable<void> {
    (void)co_await who->hold();
  }(&holder));
  LeaseOptions next = options("next");
  next.lock = "beef";
  LeaderElection election(client_, next);
  scope.spawn("next", [](LeaderElection* who) -> boost::asio::awaitable<void> {
    (void)co_await who->acquire();
  }(&election));
  run(pause_for(std::chrono::seconds(4)));
  EXPECT_EQ(election.holder(), "living_c0ffee");
  EXPECT_TRUE(holder.leading());
  EXPECT_FALSE(election.leading());
  scope.cancel();
  run(scope.join());
}

TEST_F(Leases, ALeaseMadeAnewStartsAboveTheJournalsEpoch) {
  LeaseOptions later = options("later");
  later.at_least = Epoch(41);
  LeaderElection election(client_, later);
  EXPECT_EQ(run(election.acquire()), Epoch(42));
}

}  // namespace
}  // namespace annals::k8s
