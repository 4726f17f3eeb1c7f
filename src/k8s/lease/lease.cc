#include "k8s/lease/lease.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/assert.h"
#include "k8s/task_scope.h"

namespace annals::k8s {

namespace asio = boost::asio;
using Json = nlohmann::json;

LeaderElection::LeaderElection(Client& client, LeaseOptions options)
    : client_(client),
      options_(std::move(options)),
      holder_(options_.lock.empty() ? options_.identity
                                    : concat(options_.identity, "_", options_.lock)),
      clock_(client.transport().clock()),
      log_(client.transport().log().child({{"lease", to_string(options_.lease)}})) {
  ANNALS_ASSERT(!options_.identity.empty(), "a holder needs a name");
  ANNALS_ASSERT(options_.retry_period < options_.renew_deadline &&
                    options_.renew_deadline < options_.duration,
                "the periods of a lease must grow: retry, renew, duration");
}

bool LeaderElection::leading() const {
  return renewed_at_ && clock_.steady() - *renewed_at_ < options_.renew_deadline;
}

bool LeaderElection::others_term_over() const {
  if (seen_.holder.empty() || had_our_lock(seen_.holder)) return true;
  const Duration term =
      std::max(options_.duration, Duration(std::chrono::seconds(seen_.duration_seconds)));
  return clock_.steady() - seen_at_ > term;
}

bool LeaderElection::had_our_lock(std::string_view holder) const {
  return !options_.lock.empty() && holder.ends_with(concat("_", options_.lock));
}

LeaseRecord LeaderElection::successor_of(const LeaseRecord& before) const {
  LeaseRecord next = before;
  next.holder = holder_;
  next.transitions =
      std::max(before.transitions, static_cast<std::int64_t>(options_.at_least.value())) + 1;
  next.acquire_time = annals::to_string(clock_.now());
  return next;
}

std::string LeaderElection::body(const LeaseRecord& lease,
                                 const std::string& resource_version) const {
  Json metadata = {{"name", options_.lease.name}, {"namespace", options_.lease.name_space}};
  // The condition under which the server accepts it: nobody wrote since we looked.
  if (!resource_version.empty()) metadata["resourceVersion"] = resource_version;
  if (!lease.uid.empty()) metadata["uid"] = lease.uid;
  Json spec = {
      {"holderIdentity", lease.holder},
      {"leaseDurationSeconds", std::chrono::ceil<std::chrono::seconds>(options_.duration).count()},
      {"renewTime", annals::to_string(clock_.now())},
      {"leaseTransitions", lease.transitions}};
  if (!lease.acquire_time.empty()) spec["acquireTime"] = lease.acquire_time;
  return Json{{"apiVersion", "coordination.k8s.io/v1"},
              {"kind", "Lease"},
              {"metadata", std::move(metadata)},
              {"spec", std::move(spec)}}
      .dump();
}

Result<void> LeaderElection::take(std::string_view object) {
  JsonReader reader;
  Result<LeaseRecord> now = read_lease(reader, object);
  if (!now) return fail(std::move(now).error());
  const bool renewed =
      now->holder != seen_.holder || now->renew_time != seen_.renew_time || now->uid != seen_.uid;
  if (renewed) seen_at_ = clock_.steady();
  seen_ = *std::move(now);
  return {};
}

// Reads the lease; false if there is none.
asio::awaitable<Answer<bool>> LeaderElection::look() {
  const Answer<std::string> object =
      co_await client_.get(leases(), options_.lease, Priority::kLease);
  if (!object && object.error().not_found()) co_return false;
  if (!object) co_return refuse(object.error());
  const Result<void> taken = take(*object);
  if (!taken) co_return refuse(Trouble::kUnusable, taken.error().detail);
  co_return true;
}

// Writes the lease on the condition that it is as we saw it. False if it is not.
asio::awaitable<Answer<bool>> LeaderElection::write(LeaseRecord next, Duration asked_at) {
  WriteOptions options;
  options.place = Priority::kLease;
  const std::string text = body(next, seen_.resource_version);
  const Answer<std::string> object =
      co_await client_.replace(leases(), options_.lease, text, options);
  if (!object && (object.error().conflict() || object.error().not_found())) co_return false;
  if (!object) co_return refuse(object.error());
  const Result<void> taken = take(*object);
  if (!taken) co_return refuse(Trouble::kUnknownOutcome, taken.error().detail);
  renewed_at_ = asked_at;
  co_return true;
}

asio::awaitable<Answer<bool>> LeaderElection::create() {
  const Duration asked_at = clock_.steady();
  WriteOptions options;
  options.place = Priority::kLease;
  const std::string text = body(successor_of({}), {});
  const Answer<std::string> object =
      co_await client_.create(leases(), options_.lease.name_space, text, options);
  if (!object && object.error().already_exists()) co_return false;
  if (!object) co_return refuse(object.error());
  const Result<void> taken = take(*object);
  if (!taken) co_return refuse(Trouble::kUnknownOutcome, taken.error().detail);
  renewed_at_ = asked_at;
  co_return true;
}

asio::awaitable<Answer<bool>> LeaderElection::try_acquire() {
  Answer<bool> exists = co_await look();
  if (!exists) co_return exists;
  if (!*exists) {
    Answer<bool> created = co_await create();
    co_return created;
  }
  // A lease in our name is one whose answer was lost; it goes through the same door for a new
  // epoch.
  if (seen_.holder != holder_ && !others_term_over()) co_return false;
  const Duration asked_at = clock_.steady();
  Answer<bool> written = co_await write(successor_of(seen_), asked_at);
  co_return written;
}

asio::awaitable<Epoch> LeaderElection::acquire() {
  renewed_at_.reset();
  client_.transport().metrics().leading(options_.lease.name, false);
  for (;;) {
    const Answer<bool> acquired = co_await try_acquire();
    if (!acquired) log_.warn("lease-unreachable", {{"error", to_string(acquired.error())}});
    if (acquired && *acquired && leading()) break;
    co_await pause_for(options_.retry_period);
  }
  epoch_ = Epoch(static_cast<std::uint64_t>(seen_.transitions));
  options_.at_least = epoch_;
  client_.transport().metrics().leading(options_.lease.name, true);
  log_.info("lease-acquired", {{"identity", holder_}, {"epoch", epoch_}});
  co_return epoch_;
}

asio::awaitable<std::string> LeaderElection::hold() {
  std::string lost = "renewal timed out";
  while (leading()) {
    co_await pause_for(options_.retry_period);
    if (!leading()) break;
    const Duration asked_at = clock_.steady();
    Answer<bool> renewed = co_await write(seen_, asked_at);
    if (renewed && *renewed) continue;
    // A conflict, or an answer that got lost: look who holds it.
    const Answer<bool> exists = co_await look();
    const bool taken_over =
        exists && (!*exists || seen_.holder != holder_ ||
                   seen_.transitions != static_cast<std::int64_t>(epoch_.value()));
    if (taken_over) {
      lost = *exists ? concat("taken over by ", seen_.holder) : "the lease was deleted";
      break;
    }
    if (!renewed) log_.warn("lease-not-renewed", {{"error", to_string(renewed.error())}});
  }
  renewed_at_.reset();
  client_.transport().metrics().leading(options_.lease.name, false);
  log_.warn("lease-lost", {{"epoch", epoch_}, {"reason", lost}});
  co_return lost;
}

asio::awaitable<void> LeaderElection::release() {
  if (!leading()) co_return;
  renewed_at_.reset();  // from here on we write nothing, whatever the server answers
  LeaseRecord next = seen_;
  next.holder.clear();
  const Answer<bool> written = co_await write(std::move(next), clock_.steady());
  renewed_at_.reset();
  client_.transport().metrics().leading(options_.lease.name, false);
  log_.info("lease-released", {{"epoch", epoch_}, {"in_order", written.has_value() && *written}});
}

}  // namespace annals::k8s
