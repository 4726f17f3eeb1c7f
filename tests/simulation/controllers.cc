#include "tests/simulation/controllers.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <tuple>
#include <vector>

#include "base/concat.h"
#include "manifests/names.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

constexpr const char* kLeader = "master";
constexpr const char* kReplica = "replica";

std::vector<Snapshot> all_of(const ApiServer& server, const std::string& kind) {
  std::vector<Snapshot> all;
  const auto& objects = server.objects();
  for (auto at = objects.lower_bound({kind, {}, {}}); at != objects.end() && at->first.kind == kind;
       ++at)
    all.push_back(at->second);
  return all;
}

// A repository host has none.
bool has_patroni(const Object& pod) { return !pod.instance.empty(); }

constexpr const char* kInConfigMaps = "ConfigMap";

std::string kind_of_store(const Object& pod) {
  return pod.store.empty() ? std::string("Endpoints") : pod.store;
}

Key store_of(const Object& member) {
  return {kind_of_store(member), member.key.name_space, member.cluster + "-ha-config"};
}

}  // namespace

// Pods belong to a StatefulSet, and that to the custom resource.
std::string cluster_of(const ApiServer& server, const Object& pod) {
  const std::string name = pod.key.name.substr(0, pod.key.name.rfind('-'));
  const Snapshot set = server.find({"StatefulSet", pod.key.name_space, name});
  return set == nullptr || set->uid != pod.controller ? std::string() : set->controller;
}

bool has_state_of_patroni(const ApiServer& server, const Object& pod) {
  return server.find(store_of(pod)) != nullptr;
}

Controllers::Controllers(Schedule& schedule, ApiServer& server, const FaultState& fault_state,
                         Random random)
    : schedule_(schedule), server_(server), fault_state_(fault_state), random_(random) {
  server_.on_change([this](const Change& change) {
    const std::string& kind = change.object->key.kind;
    if (kind == "StatefulSet" || kind == "Pod" || kind == "PersistentVolumeClaim" ||
        kind == "Secret" || kind == "ConfigMap" || kind == "Job" || kind == "Endpoints")
      poke();
    if (kind == "Service" && change.deleted &&
        (leaders_linger_ || change.object->store == kInConfigMaps))
      collect_endpoints(change.object->key);
    if (kind == "Service" && !change.deleted && change.object->store == kInConfigMaps)
      keep_endpoints(change.object->key);
  });
}

void Controllers::poke() {
  if (poked_) return;
  poked_ = true;
  schedule_.after(random_.between(20ms, 900ms), [this] {
    poked_ = false;
    look();
  });
}

void Controllers::look() {
  for (const Snapshot& set : all_of(server_, "StatefulSet")) look_at_stateful_set(*set);
  for (const Snapshot& pod : all_of(server_, "Pod")) look_at_pod(*pod);
  std::set<std::string> scopes;
  for (const Snapshot& set : all_of(server_, "StatefulSet")) scopes.insert(set->controller);
  for (const std::string& scope : scopes) elect(scope);
  for (const Snapshot& job : all_of(server_, "Job")) look_at_job(*job);
}

bool Controllers::look_at_stateful_set(const Object& set) {
  if (!set.fields.stateful_set->revision) {
    server_.update(set.key,
                   [](Object& seen) { seen.fields.stateful_set = {{.revision = seen.revision}}; });
  }
  const Key key{"Pod", set.key.name_space, set.key.name + "-0"};
  const Snapshot pod = server_.find(key);
  if (pod != nullptr && set.replicas == 0 && pod->controller == set.uid) server_.remove(key);
  if (pod != nullptr || set.replicas == 0 || fault_state_.quota) return false;
  Object made;
  made.key = key;
  made.is_labelled = set.is_labelled;
  made.cluster = set.cluster;
  made.controller = set.uid;
  made.owners = {set.uid};
  made.instance = set.instance;
  made.finalizers = {"kubelet"};  // a pod goes when its containers have ended
  made.pod.name = key.name;
  made.pod.instance = set.instance;
  made.pod.phase = "Pending";
  made.pod.revision = set.revision;
  server_.create(std::move(made));
  return true;
}

bool Controllers::set_problem(const Object& pod, const std::string& problem) {
  if (pod.pod.problem == problem) return false;
  server_.update(pod.key, [&](Object& changed) { changed.pod.problem = problem; });
  return true;
}

// What mounts need: without it the kubelet waits.
// A pod of a restore mounts a ConfigMap by which it is told that it may start; a drill's has its
// volume alone, and who only reads needs no permit.
bool Controllers::is_permitted(const Object& pod) const {
  if (pod.pod.job == manifests::names::receipt_job(pod.cluster)) return true;
  const std::string drill = manifests::names::restore_drill(pod.cluster);
  if (pod.pod.job == drill)
    return server_.find({"PersistentVolumeClaim", pod.key.name_space, drill}) != nullptr;
  const Snapshot job = server_.find({"Job", pod.key.name_space, pod.pod.job});
  if (job == nullptr || !job->fields.job->restore) return true;
  const std::string& hash = *job->fields.job->restore;
  return server_.find({"ConfigMap", pod.key.name_space,
                       manifests::names::restore_permit(pod.cluster, hash)}) != nullptr;
}

std::string Controllers::problem_of_start(const Object& pod) const {
  const std::string& ns = pod.key.name_space;
  if (!pod.pod.job.empty()) return is_permitted(pod) ? "" : "ContainerCreating";
  if (!has_patroni(pod)) return {};
  if (server_.find({"Secret", ns, pod.instance + "-certs"}) == nullptr)
    return "database: CreateContainerConfigError";
  if (server_.find({"ConfigMap", ns, pod.cluster + "-config"}) == nullptr)
    return "database: CreateContainerConfigError";
  if (fault_state_.no_image) return "database: ImagePullBackOff";
  return {};
}

bool Controllers::look_at_pod(const Object& pod) {
  if (pod.deleting) return end(pod);
  if (pod.pod.node.empty()) {
    const bool volume =
        !has_patroni(pod) || data_claim_of(server_, pod.key.name_space, pod.instance) != nullptr;
    if (fault_state_.unschedulable || !volume)
      return set_problem(pod, "Unschedulable: 0/3 nodes are available");
    server_.update(pod.key, [](Object& placed) {
      placed.pod.node = "node-1";
      placed.pod.problem.clear();
    });
    return true;
  }
  if (pod.pod.phase == "Pending") return start(pod);
  // What Patroni does not look after is ready by itself.
  if (pod.pod.phase == "Running" && !pod.pod.ready && pod.pod.member != kWaitsForWal &&
      (!pod.pod.role.empty() || !has_patroni(pod))) {
    server_.update(pod.key, [](Object& ready) { ready.pod.ready = true; });
    return true;
  }
  return false;
}

bool Controllers::start(const Object& pod) {
  const std::string problem = problem_of_start(pod);
  if (!problem.empty()) return set_problem(pod, problem);
  const Snapshot config = server_.find({"ConfigMap", pod.key.name_space, pod.cluster + "-config"});
  server_.update(pod.key, [&](Object& started) {
    if (config != nullptr && has_patroni(started)) {
      started.store = config->store;
      started.follows = config->follows;
    }
    started.pod.phase = "Running";
    started.pod.problem.clear();
  });
  return true;
}

bool Controllers::end(const Object& pod) {
  if (leaders_linger_ && pod.pod.role == kLeader) {
    if (!lingering_.insert(pod.uid).second) return false;
    linger(pod.key, 4);
    return false;
  }
  server_.update(pod.key, [](Object& ended) { ended.finalizers.clear(); });
  return true;
}

// It stops PostgreSQL first, and renews its lock as long as that takes.
void Controllers::linger(const Key& key, int rounds) {
  schedule_.after(random_.between(700ms, 1500ms), [this, key, rounds] {
    const Snapshot pod = server_.find(key);
    if (pod == nullptr || !lingering_.contains(pod->uid)) return;
    if (rounds == 0) {
      server_.update(key, [](Object& ended) { ended.finalizers.clear(); });
      return;
    }
    write_leader(*pod);
    linger(key, rounds - 1);
  });
}

// As Patroni does when it misses what it had written: the key of its database, and its lock, but no
// configuration.
void Controllers::write_leader(const Object& pod) {
  if (server_.exists(cluster_of(server_, pod))) return;  // nothing that it wrote was collected
  const std::string leader = pod.cluster + "-ha";
  for (const auto& [name, fields] :
       {std::pair{leader + "-config",
                  fsm::PatroniFields{.initialize = concat("system of ", pod.controller)}},
        std::pair{leader + (pod.store == kInConfigMaps ? "-leader" : ""),
                  fsm::PatroniFields{.leader = pod.key.name}}}) {
    const Key key{kind_of_store(pod), pod.key.name_space, name};
    if (server_.find(key) != nullptr) continue;
    Object store;
    store.key = key;
    store.is_labelled = true;
    store.cluster = pod.cluster;
    store.material = pod.controller;  // no cluster's: its custom resource has gone
    store.fields.patroni = fields;
    server_.create(std::move(store));
  }
}

void Controllers::collect_endpoints(const Key& service) {
  schedule_.after(random_.between(50ms, 400ms), [this, service] {
    const Key key{"Endpoints", service.name_space, service.name};
    const Snapshot found = server_.find(key);
    if (found != nullptr && found->owners.empty() && server_.find(service) == nullptr)
      server_.remove(key);
  });
}

// What Kubernetes does for a Service that selects its pods; it copies the Service's labels.
void Controllers::keep_endpoints(const Key& service) {
  schedule_.after(random_.between(50ms, 400ms), [this, service] {
    const Key key{"Endpoints", service.name_space, service.name};
    const Snapshot selects = server_.find(service);
    if (selects == nullptr || server_.find(key) != nullptr) return;
    Object made;
    made.key = key;
    made.is_labelled = selects->is_labelled;
    made.cluster = selects->cluster;
    server_.create(std::move(made));
  });
}

// Members without a database say so while nobody leads whom they could be made from.
bool Controllers::wait_for_leader(const std::vector<Snapshot>& members) {
  for (const Snapshot& pod : members) {
    if (!pod->pod.role.empty() || pod->pod.member == kWaitsForLeader) continue;
    server_.update(pod->key, [](Object& member) { member.pod.member = kWaitsForLeader; });
  }
  return false;
}

bool Controllers::elect(const std::string& scope) {
  std::vector<Snapshot> members;
  std::size_t leaders = 0;
  for (const Snapshot& pod : all_of(server_, "Pod")) {
    if (pod->deleting || pod->pod.phase != "Running" || cluster_of(server_, *pod) != scope)
      continue;
    if (!has_patroni(*pod)) continue;
    members.push_back(pod);
    leaders += pod->pod.role == kLeader ? 1U : 0U;
  }
  const auto give = [&](const Object& pod, const char* role) {
    server_.update(pod.key, [&](Object& member) {
      member.pod.role = role;
      member.pod.member = role == kLeader ? "running" : "streaming";
      member.pod.timeline = volumes_->timeline_of(pod);
      member.pod.standby_leader = role == kLeader && follows_another(pod);
    });
  };
  if (fault_state_.no_leader || members.empty()) return false;
  const auto waits = [&](const Snapshot& pod) { return volumes_->is_held_back(*pod); };
  if (is_held_back(*members.front(), scope) || std::ranges::any_of(members, waits))
    return wait_for_leader(members);
  const std::size_t wanted = fault_state_.two_leaders && members.size() > 1 ? 2 : 1;
  bool changed = false;
  const std::size_t first = random_.below(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Object& pod = *members[(first + i) % members.size()];
    if (pod.pod.role == kLeader && leaders > wanted) {
      give(pod, kReplica);
      leaders -= 1;
    } else if (pod.pod.role != kLeader && leaders < wanted && !volumes_->is_behind(pod) &&
               may_lead(pod)) {
      give(pod, kLeader);
      leaders += 1;
    } else if (pod.pod.role.empty()) {
      give(pod, kReplica);
    } else {
      continue;
    }
    changed = true;
  }
  for (const Snapshot& pod : members) {
    const Snapshot now = server_.find(pod->key);
    if (now->pod.role == kLeader) changed = look_at_store(*now, scope) || changed;
    // A promotion, which the configuration asks for.
    if (now->pod.standby_leader && !follows_another(*now)) {
      give(*now, kLeader);
      changed = true;
    }
  }
  return changed;
}

void Controllers::set_members(const std::string& cluster, const char* member, bool ready) {
  for (const Snapshot& pod : all_of(server_, "Pod")) {
    if (pod->cluster != cluster || pod->pod.role != kReplica || pod->deleting) continue;
    server_.update(pod->key, [&](Object& replica) {
      replica.pod.member = member;
      replica.pod.ready = ready;
    });
  }
}

// A state that another cluster has left behind is another database's: Patroni waits.
bool Controllers::is_held_back(const Object& member, const std::string& scope) const {
  const Snapshot store = server_.find(store_of(member));
  return store != nullptr && store->material != scope;
}

// As the members agree, and before they do as its bootstrap is told.
bool Controllers::follows_another(const Object& member) const {
  const Snapshot store = server_.find(store_of(member));
  return !(store == nullptr ? member.follows : store->follows).empty();
}

// What Patroni runs before a promotion says no.
bool Controllers::may_lead(const Object& member) const {
  const Snapshot store = server_.find(store_of(member));
  if (store == nullptr || !store->follows.empty() || store->asks_first.empty()) return true;
  return !volumes_->is_led_elsewhere(member, store->asks_first);
}

// Patroni's state is made by its first leader and outlives it; it belongs to nobody.
bool Controllers::look_at_store(const Object& leader, const std::string& scope) {
  const Key key = store_of(leader);
  if (server_.find(key) != nullptr) return false;
  Object store;
  store.key = key;
  store.is_labelled = true;
  store.cluster = leader.cluster;
  store.material = scope;
  store.fields.patroni = {{.initialize = "system of " + scope, .config = "as bootstrapped"}};
  store.follows = leader.follows;
  if (!store.follows.empty()) store.fields.patroni.edit().standby = "true";
  server_.create(std::move(store));
  return true;
}

// A backup needs the database.
bool Controllers::look_at_job(const Object& job) {
  if (job.fields.job->has_ended() || !job.manifest.empty()) return false;
  if (leader_of(server_, job.controller) == nullptr) return false;
  const bool is_lost = !job.repo.empty() && job.repo == lost_repository_;
  server_.update(job.key, [&](Object& ended) {
    fsm::JobFields& fields = ended.fields.job.edit();
    fields.complete = !fault_state_.jobs_fail && !is_lost;
    if (!fields.complete) fields.failed = "true";
    if (!fields.repo) return;
    fields.start_time = "2026-01-02T00:00:00Z";
    if (fields.complete) fields.completion_time = annals::to_string(schedule_.now());
  });
  return true;
}

Snapshot primary_of(const ApiServer& server, const std::string& cluster_uid) {
  Snapshot leader = leader_of(server, cluster_uid);
  return leader == nullptr || leader->pod.standby_leader ? nullptr : leader;
}

Snapshot leader_of(const ApiServer& server, const std::string& cluster_uid) {
  for (const Snapshot& pod : all_of(server, "Pod")) {
    if (pod->pod.role == kLeader && pod->pod.ready && !pod->deleting &&
        cluster_of(server, *pod) == cluster_uid)
      return pod;
  }
  return nullptr;
}

std::vector<Snapshot> pods_of(const ApiServer& server, const std::string& cluster_uid) {
  std::vector<Snapshot> pods = all_of(server, "Pod");
  std::erase_if(pods, [&](const Snapshot& pod) {
    return !has_patroni(*pod) || cluster_of(server, *pod) != cluster_uid;
  });
  return pods;
}

}  // namespace annals::simulation
