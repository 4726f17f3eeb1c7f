#include "tests/simulation/followers.h"

#include <algorithm>
#include <chrono>
#include <ranges>

#include "base/concat.h"
#include "manifests/labels.h"
#include "tests/simulation/manifest_text.h"
#include "tests/simulation/world.h"

namespace annals::simulation {
namespace {

using namespace std::chrono_literals;

constexpr const char* kRepository = "repository";
constexpr Lsn kOfOneLook = Lsn{1} << 18U;
// So long an answer may be on its way.
constexpr Duration kOnTheWay = 15s;

Lsn archived_of(const Database& database) {
  const auto end = database.archived.find(database.timeline);
  return end == database.archived.end() ? 0 : end->second;
}

// Somebody has said who and why.
bool is_forced(const Object& cluster) {
  const std::string text = text_member(cluster.resource, manifests::annotation::kStandbyPromotion);
  return !text.empty() && !text.contains('/');
}

}  // namespace

void Followers::cut(const std::string& name, bool is_cut) {
  if (is_cut) {
    cut_.insert(name);
  } else {
    cut_.erase(name);
  }
}

void Followers::leave_receipt(const std::string& name, bool withdrawn) {
  const Snapshot cluster = world_.server.find({"PostgresCluster", "ns", name});
  if (cluster == nullptr) return;
  Database& database = world_.databases[cluster->uid];
  archive_all(database);
  receipts_[cluster->uid] = {.cluster = concat("ns/", name),
                             .system_id = concat("system of ", cluster->uid),
                             .timeline = database.timeline,
                             .checkpoint_lsn = database.lsn,
                             .end_lsn = database.lsn,
                             .at = world_.schedule.now(),
                             .withdrawn = withdrawn};
}

// That of a repository is called "hippo" here.
Snapshot Followers::source_of(const Object& cluster, const std::string& followed) const {
  const std::string name =
      followed == kRepository ? "hippo" : followed.substr(0, followed.find("-primary"));
  return world_.server.find({"PostgresCluster", cluster.key.name_space, name});
}

bool Followers::writes(const Object& source) const {
  return primary_of(world_.server, source.uid) != nullptr && !world_.fault_state.database_down;
}

fsm::SourceState Followers::state_of(const Object& cluster, const Snapshot& source) const {
  if (!is_reached(cluster)) return fsm::SourceState::kSilent;
  if (source == nullptr || !writes(*source)) return fsm::SourceState::kRefuses;
  return fsm::SourceState::kWrites;
}

TimelineId Followers::timeline_of(const Object& cluster) const {
  const auto promoted = promoted_.find(cluster.uid);
  if (promoted != promoted_.end()) return promoted->second;
  const auto database = world_.databases.find(cluster.uid);
  return database == world_.databases.end() ? 1 : database->second.timeline;
}

bool Followers::is_ahead(const Object& cluster, const std::string& host) const {
  const Snapshot source = source_of(cluster, host);
  return state_of(cluster, source) == fsm::SourceState::kWrites &&
         timeline_of(*source) > timeline_of(cluster);
}

fsm::StandbyAnswer Followers::look_at_other(const Object& cluster, const std::string& host) const {
  const Snapshot source = source_of(cluster, host);
  fsm::StandbyAnswer answer{.at = world_.schedule.now(), .timeline = timeline_of(cluster)};
  answer.source = {.state = state_of(cluster, source), .host = host};
  if (answer.source.state == fsm::SourceState::kWrites)
    answer.source.timeline = timeline_of(*source);
  return answer;
}

// A source that ends has sent all that it has.
Followers::Follower& Followers::advance(const Object& cluster, const std::string& followed,
                                        const Snapshot& source) {
  const auto [known, is_new] = followers_.try_emplace(cluster.uid);
  Follower& follower = known->second;
  if (is_new) follower.replayed = Database::kFirst;
  if (source == nullptr) return follower;
  const Database& database = world_.databases[source->uid];
  const bool is_streaming = followed != kRepository;
  if (is_streaming && is_reached(cluster))
    follower.received = std::max(follower.received, database.lsn);
  const Lsn end = is_streaming ? follower.received : archived_of(database);
  const Lsn next = slow_.contains(cluster.key.name) ? follower.replayed + kOfOneLook : end;
  follower.replayed = std::max(follower.replayed, std::min(end, next));
  return follower;
}

fsm::StandbyAnswer Followers::look(const Object& cluster, const std::string& followed,
                                   const fsm::ReadStandby& question) {
  const Snapshot source = source_of(cluster, followed);
  Follower& follower = advance(cluster, followed, source);
  fsm::StandbyAnswer answer{
      .at = world_.schedule.now(),
      .in_recovery = true,
      .system_id = source == nullptr ? "" : concat("system of ", source->uid),
      .timeline = source == nullptr ? 1 : world_.databases[source->uid].timeline,
      .received_lsn = follower.received,
      .replayed_lsn = follower.replayed};
  const bool is_streaming = followed != kRepository;
  if (is_streaming && is_reached(cluster) && source != nullptr && writes(*source))
    answer.receiver = fsm::WalReceiver{.status = "streaming",
                                       .host = followed,
                                       .port = 5432,
                                       .heard_at = world_.schedule.now(),
                                       .sent_lsn = follower.received};
  if (question.source.user.empty()) return answer;
  if (is_streaming) {
    answer.source = {.state = state_of(cluster, source), .host = followed};
    if (follower.told != answer.source.state) follower.told_since = world_.schedule.now();
    follower.told = answer.source.state;
  }
  follower.receipt.reset();
  const auto receipt = receipts_.find(source == nullptr ? "" : source->uid);
  for (const std::string& repo : question.repos) {
    fsm::ReceiptAnswer& its = answer.receipts.emplace_back(fsm::ReceiptAnswer{.repo = repo});
    if (receipt == receipts_.end()) continue;
    its.receipt = receipt->second;
    follower.receipt = receipt->second;
  }
  return answer;
}

// What an answer on its way has said counts neither for nor against it.
void Followers::check(const Object& cluster, const std::string& followed,
                      const Follower& follower) {
  if (is_forced(cluster)) return;
  const bool is_settled = world_.schedule.now() - follower.told_since > kOnTheWay;
  const auto accuse = [&](const char* why) {
    world_.accuse("standby", concat(cluster.key.name, " is promoted ", why));
  };
  if (followed != kRepository && !follower.told) accuse("and nobody has asked its source");
  if (follower.told == fsm::SourceState::kWrites && is_settled) accuse("and its source writes");
  const bool is_proven =
      follower.receipt && !follower.receipt->withdrawn &&
      follower.receipt->checkpoint_lsn >= std::max(follower.received, follower.replayed);
  if (is_proven && follower.replayed < follower.receipt->end_lsn)
    accuse("before it has replayed all that its receipt names");
  const bool is_named =
      !text_member(cluster.resource, manifests::annotation::kStandbyPromotion).empty();
  if (is_guarded_ && !is_proven && !is_named && is_settled)
    accuse("and nobody knows whether its source writes");
}

void Followers::promote(const Object& cluster, const std::string& followed) {
  const Snapshot source = source_of(cluster, followed);
  const Follower& follower = followers_[cluster.uid];
  check(cluster, followed, follower);
  if (source == nullptr) return;
  promoted_[cluster.uid] = timeline_of(*source) + 1;
  const Database& database = world_.databases[source->uid];
  // Patroni lets it replay what it has.
  const Lsn end = std::max(follower.received, follower.replayed);
  for (const Commit& commit : database.commits | std::views::reverse) {
    if (commit.timeline != database.timeline || commit.lsn > end) continue;
    static_cast<Content&>(world_.databases[cluster.uid]) = commit.content;
    return;
  }
}

}  // namespace annals::simulation
