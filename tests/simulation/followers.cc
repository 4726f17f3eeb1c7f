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
                             .system_id = system_of(cluster->uid),
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

bool Followers::answers(const Object& source) const {
  return leader_of(world_.server, source.uid) != nullptr && !world_.fault_state.database_down;
}

std::string Followers::system_of(const std::string& uid) const {
  const auto copied = systems_.find(uid);
  return copied == systems_.end() ? concat("system of ", uid) : copied->second;
}

// By Patroni's configuration there.
bool Followers::follows(const Object& cluster, const Object& other) const {
  for (const char* kind : {"Endpoints", "ConfigMap"}) {
    const Snapshot store =
        world_.server.find({kind, cluster.key.name_space, concat(cluster.key.name, "-ha-config")});
    if (store != nullptr && store->follows.starts_with(concat(other.key.name, "-primary")))
      return true;
  }
  return false;
}

fsm::SourceAnswer Followers::answer_of(const Object& cluster, const Snapshot& source,
                                       const std::string& host) const {
  fsm::SourceAnswer answer{.state = fsm::SourceState::kRefuses, .host = host};
  if (!is_reached(cluster)) answer.state = fsm::SourceState::kSilent;
  if (!is_reached(cluster) || source == nullptr || world_.fault_state.database_down) return answer;
  const Snapshot leader = leader_of(world_.server, source->uid);
  if (leader == nullptr) return answer;
  if (!leader->pod.standby_leader) {
    const Database& database = world_.databases[source->uid];
    answer.state = fsm::SourceState::kWrites;
    answer.timeline = database.timeline;
    answer.lsn = database.lsn;
    return answer;
  }
  answer.state =
      follows(*source, cluster) ? fsm::SourceState::kFollowsUs : fsm::SourceState::kFollows;
  const auto known = followers_.find(source->uid);
  if (known == followers_.end()) return answer;
  answer.timeline = known->second.timeline;
  answer.lsn = known->second.replayed;
  return answer;
}

// What it has beside the other history is thrown away, where Patroni may.
void Followers::join(const Object& cluster, Follower& follower, const Database& database) {
  TimelineId at = database.timeline;
  Lsn fork = database.lsn;
  while (at != follower.timeline) {
    const auto parent = database.forks.find(at);
    if (parent == database.forks.end()) break;
    fork = parent->second.lsn;
    at = parent->second.parent;
  }
  const bool has_parted = at != follower.timeline || follower.received > fork;
  if (has_parted && !follower.may_rewind) return;
  if (has_parted) {
    const std::string given_up =
        text_member(cluster.resource, manifests::annotation::kGiveUpTimeline);
    if (given_up != std::to_string(follower.timeline))
      world_.accuse("standby", concat(cluster.key.name, " is rewound without consent"));
    follower.replayed = std::min(follower.replayed, fork);
  }
  follower.timeline = database.timeline;
  follower.received = database.lsn;
}

void Followers::stream(const Object& cluster, Follower& follower, const Object& source) {
  const Snapshot leader = leader_of(world_.server, source.uid);
  const auto other = followers_.find(source.uid);
  if (leader != nullptr && leader->pod.standby_leader) {
    if (other != followers_.end() && other->second.timeline == follower.timeline)
      follower.received = std::max(follower.received, other->second.received);
    return;
  }
  const Database& database = world_.databases[source.uid];
  if (follower.timeline == database.timeline) {
    follower.received = std::max(follower.received, database.lsn);
  } else if (leader != nullptr) {
    join(cluster, follower, database);
  }
}

TimelineId Followers::timeline_of(const std::string& uid) const {
  const auto database = world_.databases.find(uid);
  return database == world_.databases.end() ? 1 : database->second.timeline;
}

bool Followers::is_ahead(const Object& cluster, const std::string& host) const {
  const fsm::SourceAnswer other = answer_of(cluster, source_of(cluster, host), host);
  return other.state == fsm::SourceState::kWrites && other.timeline > timeline_of(cluster.uid);
}

// A source that ends has sent all that it has.
Followers::Follower& Followers::advance(const Object& cluster, const std::string& followed,
                                        const Snapshot& source) {
  const auto [known, is_new] = followers_.try_emplace(cluster.uid);
  Follower& follower = known->second;
  if (is_new) follower.replayed = Database::kFirst;
  if (source == nullptr) return follower;
  if (is_new) systems_[cluster.uid] = system_of(source->uid);
  const Database& database = world_.databases[source->uid];
  if (follower.timeline == 0) follower.timeline = database.timeline;
  const bool is_streaming = followed != kRepository;
  if (is_streaming && is_reached(cluster)) stream(cluster, follower, *source);
  const Lsn end = is_streaming ? follower.received : archived_of(database);
  const Lsn next = slow_.contains(cluster.key.name) ? follower.replayed + kOfOneLook : end;
  follower.replayed = std::max(follower.replayed, std::min(end, next));
  return follower;
}

fsm::StandbyAnswer Followers::ask_other(const Object& cluster, const fsm::ReadStandby& question) {
  const std::string& host = question.source.host;
  const Snapshot other = source_of(cluster, host);
  fsm::StandbyAnswer answer{.at = world_.schedule.now(),
                            .system_id = system_of(cluster.uid),
                            .timeline = timeline_of(cluster.uid),
                            .source = answer_of(cluster, other, host)};
  if (other != nullptr && system_of(other->uid) != answer.system_id)
    answer.source.state = fsm::SourceState::kStranger;
  return answer;
}

// One file lies at a place that both have.
std::optional<fsm::Receipt> Followers::receipt_for(const Object& cluster, const Snapshot& source,
                                                   const std::string& repo) const {
  if (source == nullptr) return std::nullopt;
  if (const auto left = receipts_.find(source->uid); left != receipts_.end()) return left->second;
  if (text_member(cluster.resource, "bucket") != text_member(source->resource, "bucket"))
    return std::nullopt;
  std::optional<fsm::Receipt> newest;
  for (const std::string& uid : {cluster.uid, source->uid}) {
    const auto of_cluster = world_.receipts.find(uid);
    if (of_cluster == world_.receipts.end() || !of_cluster->second.contains(repo)) continue;
    const fsm::Receipt& receipt = of_cluster->second.at(repo);
    if (!newest || newest->at < receipt.at) newest = receipt;
  }
  return newest;
}

fsm::StandbyAnswer Followers::look(const Object& cluster, const std::string& followed,
                                   const fsm::ReadStandby& question) {
  const Snapshot source = source_of(cluster, followed);
  Follower& follower = advance(cluster, followed, source);
  fsm::StandbyAnswer answer{.at = world_.schedule.now(),
                            .in_recovery = true,
                            .system_id = system_of(cluster.uid),
                            .timeline = std::max(follower.timeline, TimelineId{1}),
                            .received_lsn = follower.received,
                            .replayed_lsn = follower.replayed};
  const bool is_streaming = followed != kRepository;
  if (is_streaming && is_reached(cluster) && source != nullptr && answers(*source))
    answer.receiver = fsm::WalReceiver{.status = "streaming",
                                       .host = followed,
                                       .port = 5432,
                                       .heard_at = world_.schedule.now(),
                                       .sent_lsn = follower.received};
  if (question.source.user.empty()) return answer;
  if (is_streaming) {
    answer.source = answer_of(cluster, source, followed);
    if (follower.told != answer.source.state) follower.told_since = world_.schedule.now();
    follower.told = answer.source.state;
  }
  follower.receipt.reset();
  for (const std::string& repo : question.repos) {
    follower.receipt = receipt_for(cluster, source, repo);
    answer.receipts.push_back({.repo = repo, .receipt = follower.receipt});
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
      follower.receipt->cluster != concat("ns/", cluster.key.name) &&
      follower.receipt->checkpoint_lsn >= std::max(follower.received, follower.replayed);
  if (is_proven && follower.replayed < follower.receipt->end_lsn)
    accuse("before it has replayed all that its receipt names");
  const bool is_named =
      !text_member(cluster.resource, manifests::annotation::kStandbyPromotion).empty();
  const bool is_followed = follower.told == fsm::SourceState::kFollowsUs;
  if (is_guarded_ && !is_proven && !is_followed && !is_named && is_settled)
    accuse("and nobody knows whether its source writes");
}

void Followers::promote(const Object& cluster, const std::string& followed) {
  const Snapshot source = source_of(cluster, followed);
  const Follower& follower = followers_[cluster.uid];
  check(cluster, followed, follower);
  if (source == nullptr) return;
  const Database& database = world_.databases[source->uid];
  // Patroni lets it replay what it has.
  const Lsn end = std::max(follower.received, follower.replayed);
  const Commit* last = nullptr;
  for (const Commit& commit : database.commits) {
    if (commit.timeline != database.timeline) continue;
    if (commit.lsn <= end) last = &commit;
    if (commit.lsn > end && follower.told == fsm::SourceState::kFollowsUs && !is_forced(cluster))
      world_.accuse("standby",
                    concat(cluster.key.name, " is promoted without what its source has"));
  }
  Database& own = world_.databases[cluster.uid];
  if (last != nullptr) static_cast<Content&>(own) = last->content;
  own.forks = database.forks;
  own.timeline = database.timeline + 1;
  own.forks[own.timeline] = {.parent = database.timeline, .lsn = end};
  own.lsn = end;
  commit(own, world_.schedule.now());
  world_.restores.note_promotion(cluster.uid);
}

// It has what it wrote.
void Followers::demote(const Object& cluster, bool may_rewind) {
  const Database& database = world_.databases[cluster.uid];
  followers_[cluster.uid] = {.received = database.lsn,
                             .replayed = database.lsn,
                             .timeline = database.timeline,
                             .may_rewind = may_rewind};
}

}  // namespace annals::simulation
