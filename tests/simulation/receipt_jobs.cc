// The Job of a receipt: what it finds on the volume of the instance that led last, and what it
// leaves in repositories.
#include <chrono>

#include "base/concat.h"
#include "manifests/names.h"
#include "manifests/pgbackrest/receipt_job.h"
#include "tests/simulation/restores.h"
#include "tests/simulation/world.h"

namespace annals::simulation {
namespace {

// "repo1" of the words of its command: the script, its name, and then numbers.
std::vector<std::string> repositories_in(const Object& job) {
  const std::string_view text = job.manifest;
  const std::string name = concat("\"", manifests::kReceiptContainer, "\",");
  std::vector<std::string> repos;
  std::size_t at = text.find(name);
  if (at == text.npos) return repos;
  for (at += name.size(); text.substr(at + 1, 2) != "--"; at = text.find(',', at) + 1)
    repos.push_back(concat("repo", text.substr(at + 1, 1)));
  return repos;
}

}  // namespace

bool is_receipt_job(const Object& job) {
  return job.key.name == manifests::names::receipt_job(job.cluster);
}

// It is true from here on, until somebody leads.
fsm::ContainerEnd Restores::give_receipt(const Object& job, const Database& database) {
  const Volume* volume = volume_of(job.key.name_space, instance_of_job(job));
  if (volume == nullptr || !volume->is_shut_down)
    return {.exit_code = manifests::kNoCleanEnd,
            .message = "the database did not end with a clean shutdown"};
  if (world_.fault_state.jobs_fail) return {.exit_code = 1, .message = "pg_controldata: no"};
  const fsm::Receipt receipt{.cluster = concat(job.key.name_space, "/", job.cluster),
                             .system_id = world_.followers.system_of(job.controller),
                             .timeline = database.timeline,
                             .checkpoint_lsn = database.lsn + 0x28,
                             .end_lsn = database.lsn,
                             .at = world_.schedule.now()};
  fsm::ContainerEnd end{.exit_code = 0, .message = "receipt {}\n", .receipt = receipt};
  for (const std::string& repo : repositories_in(job)) {
    const bool is_lost = world_.repository.is_lost || world_.repository.lost_repo == repo;
    end.message += concat(repo, is_lost ? " exit status 49: unable to connect\n" : " written\n");
    if (!is_lost) world_.receipts[job.controller][repo] = receipt;
  }
  const Commit* last = last_commit(database, database.timeline);
  if (last != nullptr && last->lsn > receipt.end_lsn)
    world_.accuse("receipt", concat(job.key.name, " ends before the last commit"));
  world_.note(job.key.name, " has made a receipt up to ", text_of_lsn(receipt.end_lsn));
  return end;
}

}  // namespace annals::simulation
