#include "runtime/loop.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "history/history.h"

namespace annals::runtime {

namespace asio = boost::asio;

namespace {

// What happens to a cluster mostly happens within this time, or much later.
constexpr Duration kQuietBeforeEviction = std::chrono::seconds(10);

// A journal that has failed says so by the batch that was on its way then, whatever it says of
// later ones.
bool is_about_the_batch(const Error& refusal) {
  return refusal.code == Errc::kInvalid || refusal.code == Errc::kForbidden;
}

}  // namespace

// Through which the journal's thread reaches the loop: it may be about to when the loop ends.
struct Loop::AliveFlag {
  std::mutex mutex;
  bool value = true;
};

Loop::~Loop() {
  const std::scoped_lock lock(alive_->mutex);
  alive_->value = false;
}

Loop::Loop(Parts parts)
    : parts_(std::move(parts)),
      alive_(std::make_shared<AliveFlag>()),
      shell_({.journal = *this,
              .runner = *this,
              .clock = parts_.clock,
              .log = parts_.log,
              .may_write = parts_.may_write,
              .metrics = parts_.metrics}),
      retention_(parts_.journal, parts_.clock, parts_.log),
      tasks_(parts_.executor, parts_.log) {}

Result<void> Loop::recover() {
  std::size_t clusters = 0;
  const Result<void> recovered = history::recover(
      parts_.journal.reader(), [&](fsm::ClusterState state, const history::Tail& tail) {
        clusters += 1;
        shell_.recover(std::move(state), tail);
      });
  if (!recovered) return fail(Error(recovered.error()).while_doing("replay the journal"));
  parts_.log.info("replayed", {{"clusters", clusters}, {"seq", parts_.journal.head().seq}});
  return {};
}

void Loop::start(Epoch epoch, std::string identity, fsm::OperatorConfigured config) {
  shell_.start(epoch, std::move(identity), std::move(config));
  tasks_.spawn("timers", keep_time());
  tasks_.spawn("retention", keep_retention());
}

Result<void> Loop::append(journal::Batch batch, Durable durable) {
  auto done = [this, alive = alive_, asked = parts_.clock.steady(),
               durable = std::move(durable)](Result<std::vector<journal::Record>> records) {
    // On the journal's thread: everything else is the loop's.
    auto shared = std::make_shared<Result<std::vector<journal::Record>>>(std::move(records));
    const std::scoped_lock lock(alive->mutex);
    if (!alive->value) return;
    asio::post(parts_.executor, [this, alive, asked, durable, shared] {
      if (!alive->value) return;
      if (!*shared) return parts_.fatal(to_string(shared->error()));
      parts_.metrics.appended((*shared)->size(), parts_.clock.steady() - asked);
      durable(std::move(**shared));
    });
  };
  Result<void> queued = parts_.journal.append(std::move(batch), std::move(done));
  if (queued || is_about_the_batch(queued.error())) return queued;
  parts_.fatal(to_string(queued.error()));
  return {};
}

void Loop::carry_out(fsm::Intent intent, actions::ClusterIdentity cluster, Ended ended) {
  tasks_.spawn("intent", run_intent(std::move(intent), std::move(cluster), std::move(ended)));
}

asio::awaitable<void> Loop::run_intent(fsm::Intent intent, actions::ClusterIdentity cluster,
                                       Ended ended) {
  fsm::Outcome outcome = co_await parts_.actions.run(std::move(intent), std::move(cluster));
  ended(std::move(outcome));
}

// Looks ten times a second; what waits here waits for seconds.
asio::awaitable<void> Loop::keep_time() {
  for (;;) {
    co_await k8s::pause_for(std::chrono::milliseconds(100));
    shell_.server_is(parts_.server_trouble());
    shell_.fire_timers();
    (void)shell_.evict_idle(kQuietBeforeEviction);
  }
}

// What is old goes from time to time; snapshots first, so that it can.
asio::awaitable<void> Loop::keep_retention() {
  for (;;) {
    co_await k8s::pause_for(parts_.retention_every);
    if (parts_.may_write()) shell_.take_snapshots([this] { retention_.run(); });
  }
}

}  // namespace annals::runtime
