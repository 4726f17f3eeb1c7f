#include "tests/simulation/deed_checks.h"

#include <utility>

#include "base/concat.h"

namespace annals::simulation {

void DeedChecks::check_deletion(const fsm::DeleteObject& action, const Object& object) {
  const Snapshot service = world_.server.find({"Service", object.key.name_space, object.key.name});
  if (object.key.kind == "Endpoints" && service != nullptr && service->store == "ConfigMap" &&
      service->controller == cluster_.uid.value())
    world_.accuse("store", concat(to_string(object.key), " is Kubernetes' own, and is deleted"));
  const bool has_copy = !action.guard.other_copy.empty() &&
                        action.guard.other_copy.id != fsm::MessageId::no_other_copy;
  const std::string target = fsm::target_of(action);
  const bool is_of_instance = !object.instance.empty();
  const bool is_copy = object.key.name.ends_with("-pgbackrest-source");
  const bool is_remade = is_of_instance && object.key.name.ends_with("-certs");
  if (object.key.kind == "Secret" && !is_copy && !is_remade)
    world_.accuse("I10", target + " holds what cannot be made again");
  const bool was_kept = object.fields.claim->kept_for == cluster_.uid.value();
  const bool is_thrown_away = object.key.name.ends_with("-restore-drill");
  if (object.key.kind == "PersistentVolumeClaim" && !was_kept && !is_thrown_away &&
      (!has_copy || leader_of(world_.server, cluster_.uid.value()) == nullptr))
    world_.accuse("I10", target + " may be the last copy");
  if (object.key.kind == "Pod") check_interruption(object);
}

// One pod at a time, but for one that has left its leader's history, which is nobody's spare; the
// leader only when nobody else could lead.
void DeedChecks::check_interruption(const Object& victim) {
  if (victim.pod.member == kLeftHistory) return;
  std::size_t others_ready = 0;
  for (const Snapshot& pod : pods_of(world_.server, cluster_.uid.value())) {
    if (pod->key == victim.key) continue;
    if (pod->pod.ready && !pod->deleting) {
      others_ready += 1;
    } else if (victim.pod.ready && !world_.interrupted.contains(pod->key.name) &&
               !has_fault_against_pods()) {
      world_.accuse("I11",
                    concat(victim.key.name, " is ended while ", pod->key.name, " is not ready"));
    }
  }
  if (victim.pod.role == "master" && victim.pod.ready && others_ready > 0)
    world_.accuse("order", concat(victim.key.name, " leads and is ended while others could"));
}

// What the operator has not heard of yet is no reason to accuse it.
bool DeedChecks::has_fault_against_pods() const {
  return world_.fault_state.watches_stall || world_.fault_state.api_down ||
         world_.fault_state.api_slow || world_.fault_state.no_image ||
         world_.fault_state.unschedulable || world_.fault_state.two_leaders ||
         world_.fault_state.no_leader;
}

void DeedChecks::check_order(const Object& set) {
  if (set.instance.empty() || !world_.server.exists(cluster_.uid.value())) return;
  for (const auto& [kind, suffix] :
       {std::pair{"Secret", "-certs"}, std::pair{"PersistentVolumeClaim", "-pgdata"}}) {
    const std::string name = set.instance + suffix;
    const bool is_there =
        world_.server.find({kind, set.key.name_space, name}) != nullptr ||
        (suffix == std::string("-pgdata") &&
         data_claim_of(world_.server, set.key.name_space, set.instance) != nullptr);
    if (is_there || world_.external_edits.contains(concat(kind, "/", name))) continue;
    world_.accuse("order", concat(set.key.name, " is written before ", kind, "/", name));
  }
}

void DeedChecks::check_store(const Object& written) {
  if (written.store.empty()) return;
  for (const Snapshot& pod : pods_of(world_.server, cluster_.uid.value())) {
    if (!pod->store.empty() && pod->store != written.store)
      world_.accuse("store", concat(to_string(written.key), " is written for ", written.store,
                                    ", and ", pod->key.name, " keeps its state in ", pod->store));
  }
}

void DeedChecks::check_repository_job(const Object& job) {
  const Snapshot leader = leader_of(world_.server, cluster_.uid.value());
  if (!job.repo.empty() && leader != nullptr && leader->pod.standby_leader)
    world_.accuse("standby", concat(job.key.name, " is begun in a standby"));
}

void DeedChecks::check_binding(const Key& role) {
  if (!world_.server.exists(cluster_.uid.value()) || cluster_.has_namesake) return;
  if (world_.external_edits.contains(concat(role.kind, "/", role.name))) return;
  world_.accuse("order", concat(to_string(role), " is bound before it exists"));
}

}  // namespace annals::simulation
