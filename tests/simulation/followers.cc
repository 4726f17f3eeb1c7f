#include "tests/simulation/followers.h"

#include <algorithm>
#include <chrono>
#include <ranges>
#include <utility>

#include "base/concat.h"
#include "manifests/labels.h"
#include "tests/simulation/manifest_text.h"
#include "tests/simulation/world.h"

namespace annals::simulation {
namespace {

using namespace std::chrono_literals;

constexpr const char* kRepository = "repository";
constexpr Lsn kOfOneLook = Lsn{1} << 18U;
// A source that wrote has two minutes, by a clock that may be wrong.
constexpr Duration kToComeBack = 15s;
// So long an answer may be on its way.
constexpr Duration kOnTheWay = 15s;

Lsn archived_of(const Database& database) {
  const auto end = database.archived.find(database.timeline);
  return end == database.archived.end() ? 0 : end->second;
}

std::string consent_in(const Object& cluster) {
  return text_member(cluster.resource, manifests::annotation::kStandbyPromotion);
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
Place Followers::source_of(const std::string& followed) const {
  return world_.network.find(
      followed == kRepository ? "hippo" : followed.substr(0, followed.find("-primary")));
}

bool Followers::streams_from(const Object& cluster, const Place& source) const {
  return source && !cut_.contains(cluster.key.name) &&
         world_.network.connects(world_, *source.site);
}

std::string Followers::system_of(const std::string& uid) const {
  const auto copied = systems_.find(uid);
  return copied == systems_.end() ? concat("system of ", uid) : copied->second;
}

// Where Patroni keeps its configuration.
Snapshot Followers::store_of(const Object& cluster) const {
  const std::string name = concat(cluster.key.name, "-ha-config");
  const Snapshot store = world_.server.find({"Endpoints", cluster.key.name_space, name});
  return store != nullptr ? store : world_.server.find({"ConfigMap", cluster.key.name_space, name});
}

bool Followers::follows(const Object& cluster, const Object& other) const {
  const Snapshot store = store_of(cluster);
  return store != nullptr && store->follows.starts_with(concat(other.key.name, "-primary"));
}

bool Followers::is_at_odds(const Object& cluster) const {
  const Snapshot store = store_of(cluster);
  if (store == nullptr) return false;
  const std::string& spec = cluster.resource;
  const bool is_to_follow = spec.contains(R"("standby":{)") && !spec.contains(R"("enabled":false)");
  if (!store->follows.empty())
    return !is_to_follow && hear_of(cluster, store->follows).state == fsm::SourceState::kWrites;
  return leader_of(world_.server, cluster.uid) == nullptr && !store->asks_first.empty() &&
         is_ahead(cluster, store->asks_first);
}

// In both databases a fault that refuses connections refuses those of the other one's, too.
fsm::SourceAnswer Followers::answer_of(const Object& cluster, const Place& source,
                                       const std::string& host) const {
  const bool is_silent =
      cut_.contains(cluster.key.name) || (source && !world_.network.answers(world_, *source.site));
  fsm::SourceAnswer answer{
      .state = is_silent ? fsm::SourceState::kSilent : fsm::SourceState::kRefuses, .host = host};
  if (is_silent || !source || source.site->fault_state.database_down) return answer;
  const Snapshot leader = leader_of(source.site->server, source.object->uid);
  if (leader == nullptr) return answer;
  const Followers& others = source.site->followers;
  if (!leader->pod.standby_leader) {
    const Database& database = source.site->databases[source.object->uid];
    answer.state = fsm::SourceState::kWrites;
    answer.timeline = database.timeline;
    answer.lsn = database.lsn;
    return answer;
  }
  answer.state = others.follows(*source.object, cluster) ? fsm::SourceState::kFollowsUs
                                                         : fsm::SourceState::kFollows;
  answer.claims = others.claims_.contains(source.object->uid);
  const auto known = others.followers_.find(source.object->uid);
  if (known == others.followers_.end()) return answer;
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
    world_.writers.gave_up(cluster.uid, follower.timeline);
    follower.replayed = std::min(follower.replayed, fork);
  }
  follower.timeline = database.timeline;
  follower.received = database.lsn;
}

void Followers::stream(const Object& cluster, Follower& follower, const Place& source) {
  const Snapshot leader = leader_of(source.site->server, source.object->uid);
  const auto& others = source.site->followers.followers_;
  const auto other = others.find(source.object->uid);
  if (leader != nullptr && leader->pod.standby_leader) {
    if (other != others.end() && other->second.timeline == follower.timeline)
      follower.received = std::max(follower.received, other->second.received);
    return;
  }
  const Database& database = source.site->databases[source.object->uid];
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

fsm::SourceAnswer Followers::hear_of(const Object& cluster, const std::string& host) const {
  return answer_of(cluster, source_of(host), host);
}

bool Followers::is_ahead(const Object& cluster, const std::string& host) const {
  const fsm::SourceAnswer other = hear_of(cluster, host);
  return other.state == fsm::SourceState::kWrites && other.timeline > timeline_of(cluster.uid);
}

// A source that ends has sent all that it has.
Followers::Follower& Followers::advance(const Object& cluster, const std::string& followed,
                                        const Place& source) {
  const auto [known, is_new] = followers_.try_emplace(cluster.uid);
  Follower& follower = known->second;
  if (is_new) follower.replayed = Database::kFirst;
  if (!source) return follower;
  if (is_new) systems_[cluster.uid] = source.site->followers.system_of(source.object->uid);
  const Database& database = source.site->databases[source.object->uid];
  if (follower.timeline == 0) follower.timeline = database.timeline;
  const bool is_streaming = followed != kRepository;
  if (is_streaming && streams_from(cluster, source)) stream(cluster, follower, source);
  Lsn end = is_streaming ? follower.received : archived_of(database);
  if (!is_streaming && world_.repository.is_lost) end = follower.replayed;
  const Lsn next = slow_.contains(cluster.key.name) ? follower.replayed + kOfOneLook : end;
  follower.replayed = std::max(follower.replayed, std::min(end, next));
  return follower;
}

// Before the other one is asked.
void Followers::claim(const Object& cluster, const fsm::ReadStandby& question) {
  if (question.claim == fsm::Claim::kMake) claims_.insert(cluster.uid);
  if (question.claim == fsm::Claim::kTakeBack) claims_.erase(cluster.uid);
}

fsm::StandbyAnswer Followers::ask_other(const Object& cluster, const fsm::ReadStandby& question) {
  const std::string& host = question.source.host;
  const Place other = source_of(host);
  if (!question.volume_only) claims_.erase(cluster.uid);
  fsm::StandbyAnswer answer{.at = world_.schedule.now(),
                            .system_id = system_of(cluster.uid),
                            .timeline = timeline_of(cluster.uid),
                            .source = answer_of(cluster, other, host)};
  const bool is_heard = answer.source.state != fsm::SourceState::kSilent;
  if (other && is_heard && other.site->followers.system_of(other.object->uid) != answer.system_id)
    answer.source.state = fsm::SourceState::kStranger;
  return answer;
}

// One file lies at a place that both have.
fsm::ReceiptAnswer Followers::receipt_for(const Object& cluster, const Place& source,
                                          const std::string& repo) const {
  fsm::ReceiptAnswer answer{.repo = repo};
  if (world_.repository.is_lost) answer.trouble = "unable to connect";
  if (!source || world_.repository.is_lost) return answer;
  const auto& left = source.site->followers.receipts_;
  if (const auto found = left.find(source.object->uid); found != left.end()) {
    answer.receipt = found->second;
    return answer;
  }
  if (text_member(cluster.resource, "bucket") != text_member(source.object->resource, "bucket"))
    return answer;
  std::optional<fsm::Receipt>& newest = answer.receipt;
  for (const auto& [receipts, uid] : {std::pair(&world_.receipts, cluster.uid),
                                      std::pair(&source.site->receipts, source.object->uid)}) {
    const auto of_cluster = receipts->find(uid);
    if (of_cluster == receipts->end() || !of_cluster->second.contains(repo)) continue;
    const fsm::Receipt& receipt = of_cluster->second.at(repo);
    if (!newest || newest->at < receipt.at) newest = receipt;
  }
  return answer;
}

fsm::StandbyAnswer Followers::look(const Object& cluster, const std::string& followed,
                                   const fsm::ReadStandby& question) {
  const Place source = source_of(followed);
  Follower& follower = advance(cluster, followed, source);
  fsm::StandbyAnswer answer{.at = world_.schedule.now(),
                            .in_recovery = true,
                            .system_id = system_of(cluster.uid),
                            .timeline = std::max(follower.timeline, TimelineId{1}),
                            .received_lsn = follower.received,
                            .replayed_lsn = follower.replayed};
  const bool is_streaming = followed != kRepository;
  const bool is_led = source && !source.site->fault_state.database_down &&
                      leader_of(source.site->server, source.object->uid) != nullptr;
  if (is_streaming && is_led && streams_from(cluster, source))
    answer.receiver = fsm::WalReceiver{.status = "streaming",
                                       .host = followed,
                                       .port = 5432,
                                       .heard_at = world_.schedule.now(),
                                       .sent_lsn = follower.received};
  claim(cluster, question);
  answer.claims = claims_.contains(cluster.uid);
  if (question.source.user.empty()) return answer;
  if (is_streaming) {
    answer.source = answer_of(cluster, source, followed);
    if (follower.told != answer.source.state) follower.told_since = world_.schedule.now();
    follower.told = answer.source.state;
    if (std::exchange(follower.promotion, question.promotion) != question.promotion)
      follower.wrote_at.reset();
    if (follower.told == fsm::SourceState::kWrites) follower.wrote_at = world_.schedule.now();
  }
  follower.receipt.reset();
  for (const std::string& repo : question.repos) {
    answer.receipts.push_back(receipt_for(cluster, source, repo));
    follower.receipt = answer.receipts.back().receipt;
  }
  return answer;
}

// Somebody has said who and why, and it was not made use of yet.
bool Followers::is_forced(const Object& cluster) const {
  const std::string text = consent_in(cluster);
  const auto used = used_.find(cluster.uid);
  return !text.empty() && !text.contains('/') && (used == used_.end() || used->second != text);
}

bool Followers::is_proven(const Object& cluster, const Follower& follower) const {
  return follower.receipt && !follower.receipt->withdrawn &&
         follower.receipt->cluster != concat("ns/", cluster.key.name) &&
         follower.receipt->checkpoint_lsn >= std::max(follower.received, follower.replayed);
}

// A receipt that people have left beside a primary that runs is their word.
Right Followers::right_to_promote(const Object& cluster, const Place& source,
                                  const Follower& follower) const {
  const bool is_left = source && source.site->followers.receipts_.contains(source.object->uid);
  if (is_forced(cluster) || is_left) return Right::kConsent;
  if (is_proven(cluster, follower) || follower.told == fsm::SourceState::kFollowsUs)
    return Right::kProof;
  return is_guarded_ ? Right::kNone : Right::kDefault;
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
  const bool has_receipt = is_proven(cluster, follower);
  const bool has_time = !follower.wrote_at || follower.promotion.empty() ||
                        world_.schedule.now() > *follower.wrote_at + kToComeBack;
  if (follower.told == fsm::SourceState::kSilent && !has_receipt && !has_time)
    accuse("and its source, which wrote, has had no time to come back");
  if (has_receipt && follower.replayed < follower.receipt->end_lsn)
    accuse("before it has replayed all that its receipt names");
  const bool is_followed = follower.told == fsm::SourceState::kFollowsUs;
  const bool is_named = consent_in(cluster).contains('/');
  if (is_guarded_ && !has_receipt && !is_followed && !is_named && is_settled)
    accuse("and nobody knows whether its source writes");
}

// A history file at a place that both write to keeps its number from the next one.
TimelineId Followers::next_timeline(const Object& cluster, const Place& source,
                                    TimelineId parent) const {
  const std::string bucket = text_member(cluster.resource, "bucket");
  const bool is_shared = !bucket.empty() && !world_.repository.is_lost &&
                         bucket == text_member(source.object->resource, "bucket");
  const TimelineId known = is_shared ? source.site->databases[source.object->uid].timeline : 0;
  return std::max(parent, known) + 1;
}

void Followers::promote(const Object& cluster, const std::string& followed) {
  const Place source = source_of(followed);
  const Follower& follower = followers_[cluster.uid];
  check(cluster, followed, follower);
  const Right right = right_to_promote(cluster, source, follower);
  used_[cluster.uid] = consent_in(cluster);
  if (!source) return;
  const Database& database = source.site->databases[source.object->uid];
  systems_.try_emplace(cluster.uid, source.site->followers.system_of(source.object->uid));
  const TimelineId parent = std::max(follower.timeline, TimelineId{1});
  // Patroni lets it replay what it has.
  const Lsn end = std::max(follower.received, follower.replayed);
  const Commit* last = nullptr;
  for (const Commit& commit : database.commits) {
    if (commit.timeline != parent) continue;
    if (commit.lsn <= end) last = &commit;
    if (commit.lsn > end && follower.told == fsm::SourceState::kFollowsUs &&
        right != Right::kConsent)
      world_.accuse("standby",
                    concat(cluster.key.name, " is promoted without what its source has"));
  }
  Database& own = world_.databases[cluster.uid];
  if (last != nullptr) static_cast<Content&>(own) = last->content;
  if (parent == database.timeline) own.forks = database.forks;
  own.timeline = next_timeline(cluster, source, parent);
  own.forks[own.timeline] = {.parent = parent, .lsn = end};
  own.lsn = end;
  commit(own, world_.schedule.now());
  world_.restores.note_promotion(cluster.uid);
  world_.writers.promoted({.site = &world_, .uid = cluster.uid, .name = cluster.key.name}, right);
}

// It has what it wrote.
void Followers::demote(const Object& cluster, bool may_rewind) {
  const Database& database = world_.databases[cluster.uid];
  followers_[cluster.uid] = {.received = database.lsn,
                             .replayed = database.lsn,
                             .timeline = database.timeline,
                             .may_rewind = may_rewind};
  world_.writers.demoted(cluster.uid);
}

}  // namespace annals::simulation
