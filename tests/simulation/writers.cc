#include "tests/simulation/writers.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ranges>

#include "base/concat.h"
#include "tests/simulation/manifest_text.h"
#include "tests/simulation/world.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

// In so long an operator has told Patroni whom to ask, whatever has gone wrong meanwhile.
constexpr Duration kToTellPatroni = 5min;

bool takes_writes(const Object& pod) {
  return pod.pod.role == "master" && !pod.pod.standby_leader && pod.pod.phase == "Running";
}

bool takes_writes(const Resident& cluster) {
  const std::vector<Snapshot> pods = pods_of(cluster.site->server, cluster.uid);
  return std::ranges::any_of(pods, [](const Snapshot& pod) { return takes_writes(*pod); });
}

std::string system_of(const Resident& cluster) {
  return cluster.site->followers.system_of(cluster.uid);
}

TimelineId timeline_of(const Resident& cluster) {
  return cluster.site->followers.timeline_of(cluster.uid);
}

// By Patroni's configuration its members ask that one before one of them leads.
bool asks_first(const Resident& cluster, const std::string& host) {
  return std::ranges::any_of(std::array{"Endpoints", "ConfigMap"}, [&](const char* kind) {
    const Snapshot store = cluster.site->server.find({kind, "ns", cluster.name + "-ha-config"});
    return store != nullptr && store->asks_first == host;
  });
}

}  // namespace

void Writers::watch(World& site) {
  site.server.on_change([this, &site](const Change& change) { look(site, change); });
}

void Writers::look(World& site, const Change& change) {
  const Object& object = *change.object;
  if (object.key.kind == "PostgresCluster" && !change.deleted) return note_spec(object);
  if (object.key.kind != "Pod" || object.instance.empty()) return;
  for (auto term = terms_.begin(); term != terms_.end();) {
    const bool goes_on = term->second.cluster.site != &site || takes_writes(term->second.cluster);
    if (!goes_on) end(term->second);
    term = goes_on ? std::next(term) : terms_.erase(term);
  }
  if (change.deleted || !takes_writes(object)) return;
  const std::string uid = cluster_of(site.server, object);
  if (!uid.empty() && !terms_.contains(uid))
    begin({.site = &site, .uid = uid, .name = object.cluster});
}

void Writers::note_spec(const Object& cluster) {
  const std::string host = text_member(cluster.resource, "host", "\"standby\":");
  Named& named = named_[cluster.uid];
  if (named.host == host) return;
  named = {.host = host, .since = common_.schedule.now()};
  told_for_.erase(cluster.uid);
}

void Writers::end(const Term& term) {
  const Timestamp now = common_.schedule.now();
  const std::string& uid = term.cluster.uid;
  ended_[uid] = now;
  told_for_[uid] += now - std::max(term.since, named_[uid].since);
}

void Writers::begin(Resident cluster) {
  const Timestamp now = common_.schedule.now();
  const auto ended = ended_.find(cluster.uid);
  Promotion* promotion = fresh_promotion(cluster.uid);
  const std::string system = system_of(cluster);
  // Leaders change at one moment, one after the other.
  const bool goes_on = ended != ended_.end() && ended->second == now && promotion == nullptr;
  for (const auto& [uid, term] : terms_) {
    if (!goes_on && system_of(term.cluster) == system) judge(cluster, term.cluster, promotion);
  }
  if (promotion != nullptr) promotion->has_led = true;
  const std::string uid = cluster.uid;
  terms_[uid] = {.cluster = std::move(cluster), .since = now};
}

void Writers::judge(const Resident& cluster, const Resident& other, Promotion* promotion) {
  const auto accuse = [&](const char* why) {
    common_.book.accuse("two writers", concat(cluster.name, " on timeline ", timeline_of(cluster),
                                              " takes writes beside ", other.name, " on timeline ",
                                              timeline_of(other), why));
  };
  if (promotion != nullptr) {
    if (promotion->right < Right::kDefault) accuse(", and was promoted by a proof");
    promotion->is_split = true;
    allowed_.emplace(cluster.uid, other.uid);
  } else if (timeline_of(cluster) < timeline_of(other)) {
    if (!may_return(cluster, other)) accuse(", which it has left behind");
    allowed_.emplace(other.uid, cluster.uid);
  } else if (!allowed_.contains({cluster.uid, other.uid}) &&
             !allowed_.contains({other.uid, cluster.uid})) {
    accuse(", and nobody has allowed that");
  }
}

bool Writers::may_return(const Resident& old, const Resident& other) const {
  const auto named = named_.find(old.uid);
  const std::string host = named == named_.end() ? std::string() : named->second.host;
  if (!host.starts_with(concat(other.name, "-primary"))) return true;
  const Snapshot own = old.site->server.find({"PostgresCluster", "ns", old.name});
  if (own == nullptr) return true;
  const fsm::SourceAnswer heard = old.site->followers.hear_of(*own, host);
  if (heard.state != fsm::SourceState::kWrites) return true;
  if (asks_first(old, host) || old.site->undisturbed) return false;
  const auto told_for = told_for_.find(old.uid);
  return told_for == told_for_.end() || told_for->second < kToTellPatroni;
}

Writers::Promotion* Writers::fresh_promotion(const std::string& uid) {
  for (Promotion& each : promotions_ | std::views::reverse) {
    if (each.cluster.uid == uid) return each.has_led ? nullptr : &each;
  }
  return nullptr;
}

void Writers::promoted(Resident cluster, Right right) {
  const Database& database = cluster.site->databases[cluster.uid];
  Promotion promotion{
      .cluster = std::move(cluster), .right = right, .fork = database.forks.at(database.timeline)};
  promotion.system = system_of(promotion.cluster);
  promotions_.push_back(std::move(promotion));
}

void Writers::demoted(const std::string& uid) {
  std::erase_if(allowed_,
                [&](const auto& pair) { return pair.first == uid || pair.second == uid; });
}

void Writers::acknowledge(const Resident& cluster, int row) {
  const Database& database = cluster.site->databases[cluster.uid];
  rows_.push_back({.number = row,
                   .system = system_of(cluster),
                   .uid = cluster.uid,
                   .timeline = database.timeline,
                   .lsn = database.lsn});
}

bool Writers::is_excused(const Row& row) const {
  if (given_up_.contains({row.uid, row.timeline})) return true;
  return std::ranges::any_of(promotions_, [&](const Promotion& each) {
    return each.right >= Right::kDefault && each.system == row.system &&
           each.fork.parent == row.timeline && each.fork.lsn < row.lsn;
  });
}

void Writers::check(const Row& row) const {
  bool is_led = false;
  for (const auto& [uid, term] : terms_) {
    if (system_of(term.cluster) != row.system) continue;
    is_led = true;
    if (term.cluster.site->databases[uid].rows.contains(row.number)) return;
  }
  if (is_led && !is_excused(row))
    common_.book.accuse("lost commit", concat("row ", row.number, " was written on timeline ",
                                              row.timeline, ", and is not there at the end"));
}

int Writers::splits() const {
  return static_cast<int>(std::ranges::count(promotions_, true, &Promotion::is_split));
}

void Writers::check_end() {
  for (const Row& row : rows_) {
    const auto is_its = [&](const Promotion& each) { return each.system == row.system; };
    if (std::ranges::any_of(promotions_, is_its)) check(row);
  }
  for (const Promotion& each : promotions_) {
    const World& site = *each.cluster.site;
    if (each.right == Right::kDefault && !site.forgotten_receipts.contains(each.cluster.uid) &&
        !site.told.contains(concat(each.cluster.name, " StandbyPromotionUnproven")))
      common_.book.accuse("two writers", concat("nobody was told that ", each.cluster.name,
                                                " is promoted without a proof"));
  }
}

}  // namespace annals::simulation
