#include "tests/simulation/deeds.h"

#include <variant>

#include "tests/simulation/database_deeds.h"
#include "tests/simulation/object_deeds.h"
#include "tests/simulation/repository_deeds.h"

namespace annals::simulation {
namespace {

struct Effect : ObjectDeeds, DatabaseDeeds, RepositoryDeeds {
  Effect(World& world, const actions::ClusterIdentity& cluster)
      : ObjectDeeds(world, cluster),
        DatabaseDeeds(world, cluster),
        RepositoryDeeds(world, cluster) {}

  using DatabaseDeeds::operator();
  using ObjectDeeds::operator();
  using RepositoryDeeds::operator();
};

}  // namespace

fsm::Outcome carry_out(World& world, const fsm::Intent& intent,
                       const actions::ClusterIdentity& cluster) {
  fsm::Outcome outcome;
  outcome.intent = intent.id;
  Effect effect(world, cluster);
  const Answer answer = std::visit(effect, intent.action);
  outcome.digest = effect.configured();
  outcome.members = effect.answered();
  outcome.contents = effect.contents();
  outcome.restore_point = effect.restore_point();
  outcome.archive = effect.archive();
  outcome.archiver = effect.archiver();
  outcome.source = effect.source();
  outcome.volumes = effect.volumes();
  outcome.collations = effect.collations();
  outcome.standby = effect.standby();
  if (!answer) {
    outcome.status = fsm::OutcomeStatus::kFailed;
    outcome.detail = answer.error();
  } else if (*answer != nullptr) {
    outcome.uid = (*answer)->uid;
    outcome.version = (*answer)->version;
    outcome.digest = (*answer)->owned_digest();
    outcome.fields = (*answer)->fields;
  }
  return outcome;
}

}  // namespace annals::simulation
