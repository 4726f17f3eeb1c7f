#include "tests/simulation/check.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/concat.h"
#include "fsm/text/sentence.h"
#include "fsm/view/blockers.h"
#include "fsm/view/in_sync.h"
#include "fsm/view/leftovers.h"
#include "fsm/view/standing_look.h"
#include "tests/simulation/manifest_text.h"

namespace annals::simulation {
namespace {

bool is_stuck(const Scenario& scenario, const std::string& name) {
  return std::ranges::find(scenario.stuck, name) != scenario.stuck.end();
}

// Why this cluster is not as its spec asks for; empty when it is.
std::string unfinished(const fsm::ClusterState& known) {
  fsm::ClusterState state = known;
  const fsm::Blocker* blocker = fsm::first_blocker(known);
  const bool is_shut_down = state.conditions["Ready"].reason == "Shutdown";
  if (state.phase != fsm::ProvisionPhase::kDone && !is_shut_down)
    return concat("is in phase ", to_string(state.phase),
                  blocker != nullptr ? ": waits for " + sentence(blocker->waits_for) : "");
  for (const auto& [id, action] : state.pending) {
    if (!fsm::is_standing(action)) return concat("waits for the outcome of ", target_of(action));
  }
  if (!state.retries.empty()) return concat("has yet to try again ", state.retries.begin()->first);
  if (!state.event_outbox.empty())
    return concat("has yet to tell: ", sentence(state.event_outbox.front().message));
  if (const fsm::Wanted* wanted = fsm::first_not_in_sync(state))
    return concat("has not brought into place ", to_string(wanted->ref));
  if (const fsm::ObjectObserved* left = fsm::first_leftover(state))
    return concat("has not removed ", to_string(left->ref));
  if (!state.conditions["Ready"].status && !is_shut_down)
    return "is not Ready: " + sentence(state.conditions["Ready"].message);
  if (state.conditions["Progressing"].status)
    return "is Progressing: " + sentence(state.conditions["Progressing"].message);
  return {};
}

// What a standby says of its archive is of the time when it was a primary: a known gap.
std::string status_text(const std::string& manifest, bool is_standby) {
  if (manifest.empty()) return {};
  nlohmann::json document = nlohmann::json::parse(manifest);
  std::string text;
  for (const auto& condition : document["status"]["conditions"]) {
    if (is_standby && condition["type"] == "ContinuousArchiving") continue;
    text += concat(condition["type"].get<std::string>(), "=",
                   condition["status"].get<std::string>(), " ");
  }
  return concat(text, document["status"].value("observedGeneration", 0));
}

// Nobody knows which of the deleted cluster's volumes goes on before a person says so, or which of
// two clusters is to lead.
bool awaits_a_person(const World& world, const Object& cluster) {
  if (world.followers.is_at_odds(cluster)) return true;
  const std::string deleted = label(cluster.resource, "take-up-deleted");
  if (deleted.empty()) return false;
  bool is_kept = false;
  int leaders = 0;
  for (const auto& [key, object] : world.server.objects()) {
    if (key.kind != "PersistentVolumeClaim") continue;
    is_kept = is_kept || object->fields.claim->kept_for == deleted;
    leaders += object->fields.claim->led_for == deleted ? 1 : 0;
  }
  return is_kept && leaders != 1;
}

}  // namespace

bool awaits_a_person(const World& world) {
  return std::ranges::any_of(world.server.objects(), [&](const auto& entry) {
    return entry.first.kind == "PostgresCluster" && awaits_a_person(world, *entry.second);
  });
}

void check_converged(const Simulation& simulation, World& world, const Scenario& scenario,
                     bool old_status) {
  const Process* leader = simulation.leader(world);
  if (leader == nullptr) return world.accuse("L1", "no process leads at the end");
  std::map<std::string, fsm::ClusterState> known;
  leader->shell().each([&](const fsm::ClusterState& state) { known[state.uid.value()] = state; });
  for (const auto& [key, object] : world.server.objects()) {
    if (key.kind != "PostgresCluster") continue;
    const auto state = known.find(object->uid);
    if (state == known.end()) {
      world.accuse("L1", concat(key.name, " is not known to the operator"));
      continue;
    }
    const std::string why = unfinished(state->second);
    if (is_stuck(scenario, key.name) || awaits_a_person(world, *object)) {
      if (why.empty()) world.accuse("L1", concat(key.name, " is finished with a wrong spec"));
      if (state->second.blockers.empty())
        world.accuse("I13", concat(key.name, " is stuck silently"));
    } else if (!why.empty()) {
      world.accuse("L1", concat(key.name, " ", why));
    }
    if (!old_status &&
        !object->status.contains(concat("\"observedGeneration\":", object->generation)))
      world.accuse("L1", concat(key.name, " has a status that is older than its spec"));
  }
}

// Certificates are signed by the authority that is there, and users log in with what their Secrets
// say.
// An instance that went leaves its certificates here: a Secret of this world does not say whose it
// is.
bool is_of_past_instance(const World& world, const std::string& secret) {
  constexpr std::string_view kSuffix = "-certs";
  return secret.ends_with(kSuffix) &&
         world.server.find(
             {"StatefulSet", "ns", secret.substr(0, secret.size() - kSuffix.size())}) == nullptr;
}

void check_coherent(World& world, const Scenario& scenario) {
  const Snapshot authority = world.server.find({"Secret", "ns", "pgo-root-cacert"});
  for (const auto& [key, object] : world.server.objects()) {
    if (key.kind == "Secret" && !object->signed_by.empty() &&
        !is_of_past_instance(world, key.name) &&
        (authority == nullptr || object->signed_by != authority->material))
      world.accuse("coherence", concat(key.name, " is signed by an authority that is no more"));
    if (key.kind != "PostgresCluster" || is_stuck(scenario, key.name) ||
        awaits_a_person(world, *object))
      continue;
    const bool is_shut_down = object->resource.contains(R"("shutdown":true)");
    if (leader_of(world.server, object->uid) == nullptr && !is_shut_down)
      world.accuse("L1", concat(key.name, " has no primary"));
    if (ends_at_drop(world.databases[object->uid]))
      world.accuse("missing WAL", concat("no backup of ", key.name, " began behind it"));
    const bool has_primary = primary_of(world.server, object->uid) != nullptr;
    for (const auto& [repo, receipt] : world.receipts[object->uid]) {
      if (!has_primary) break;
      if (!receipt.withdrawn && !world.forgotten_receipts.contains(object->uid))
        world.accuse("receipt", concat(key.name, " takes writes, and ", repo, " has its receipt"));
    }
    for (const Snapshot& pod : pods_of(world.server, object->uid)) {
      if (pod->pod.member == kLeftHistory || pod->pod.member == kWaitsForWal)
        world.accuse("L1", concat(pod->key.name, " is ", pod->pod.member, " for good"));
    }
    // A standby has the users of the cluster that it follows.
    const Snapshot who_leads = leader_of(world.server, object->uid);
    if (who_leads != nullptr && who_leads->pod.standby_leader) continue;
    for (const auto& [user, password] : world.databases[object->uid].users) {
      if (!has_primary) break;  // a standby's users are another cluster's
      const Snapshot secret =
          world.server.find({"Secret", "ns", concat(key.name, "-pguser-", user)});
      if (secret != nullptr && secret->material != password)
        world.accuse("coherence", concat("user ", user, " of ", key.name,
                                         " cannot log in with the password of its Secret"));
    }
  }
}

// Whether a living cluster's leader has had to write its lock is chance; what a cluster leaves
// behind is not.
bool is_lock_in_use(const World& world, const Key& key) {
  if (key.kind != "Endpoints" && key.kind != "ConfigMap") return false;
  const std::string_view suffix = key.kind == "Endpoints" ? "-ha" : "-ha-leader";
  if (!key.name.ends_with(suffix)) return false;
  const std::string cluster = key.name.substr(0, key.name.size() - suffix.size());
  return world.server.find({"PostgresCluster", key.name_space, cluster}) != nullptr;
}

std::map<std::string, std::string> end_of(const World& world) {
  std::map<std::string, std::string> end;
  for (const auto& [key, object] : world.server.objects()) {
    if (is_lock_in_use(world, key)) continue;
    std::string& text = end[to_string(key)];
    if (key.kind == "Pod") {
      text = concat(object->pod.phase, object->pod.ready ? ", ready" : ", not ready");
    } else if (key.kind == "PostgresCluster") {
      const Snapshot leader = leader_of(world.server, object->uid);
      const bool is_standby = leader != nullptr && leader->pod.standby_leader;
      text = concat(object->resource, status_text(object->status, is_standby));
    } else {
      text = object->content_digest;
      // What a webhook has added stays until the next write.
      while (text.ends_with('~')) text.pop_back();
      for (const auto& [field, value] : object->tampered) text += concat(" ", field, "=", value);
      fsm::each_field(object->fields, [&text](std::string_view field, std::string_view value) {
        // Which authority there is is chance; that everything is of this one is checked elsewhere.
        if (field != "authority") text += concat(" ", field, "=", value);
      });
      if (!object->trusts.empty()) text += concat(" trusts=", object->trusts);
      for (const std::string& owner : object->owners) {
        if (world.server.exists(owner)) text += concat(" owner ", owner);
      }
      text += object->key.kind == "Endpoints" || object->key.kind == "ConfigMap" ? object->material
                                                                                 : std::string();
    }
  }
  for (const auto& [uid, database] : world.databases) {
    if (!world.server.exists(uid)) continue;
    for (const auto& [user, password] : database.users)
      end[concat("in ", uid, " user ", user)] = "exists";
    if (database.init_sql_runs != 0)
      end[concat("in ", uid, " script")] = concat(
          "run ", database.init_sql_runs, database.mark.empty() ? " times" : " times, marked");
    for (const std::string& name : database.databases)
      end[concat("in ", uid, " database ", name)] = "exists";
    for (const int row : database.rows) end[concat("in ", uid, " row ", row)] = "exists";
  }
  return end;
}

}  // namespace annals::simulation
