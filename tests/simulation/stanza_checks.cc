#include "tests/simulation/stanza_checks.h"

#include <algorithm>

#include "base/concat.h"
#include "tests/simulation/world.h"

namespace annals::simulation {
namespace {

// Writes may fail, and be late, for as long as faults last.
constexpr std::size_t kAttemptsUntilOthersBegin = 5;
constexpr std::size_t kAttemptsUntilBackup = 6;

}  // namespace

StanzaChecks::StanzaChecks(World& world) : world_(world) {
  world_.server.on_change([this](const Change& change) { look(change); });
}

void StanzaChecks::look(const Change& change) {
  const Object& job = *change.object;
  if (job.key.kind != "Job" || job.repo.empty() || change.deleted) return;
  Seen& seen = seen_[job.controller];
  if (job.key.name.contains("-backup-")) {
    seen.is_backed_up = true;
    return;
  }
  if (!job.key.name.contains("-stanza-")) return;
  seen.stanza_jobs[job.repo].insert(job.key.name);
  if (job.fields.job->complete) seen.stanzas.insert(job.repo);
  const std::string& lost = world_.repository.lost_repo;
  if (job.repo == lost) check(lost, seen);
}

void StanzaChecks::check(const std::string& lost, const Seen& seen) {
  const std::size_t attempts = seen.stanza_jobs.at(lost).size();
  if (attempts >= kAttemptsUntilOthersBegin && seen.stanza_jobs.size() == 1)
    world_.accuse("repositories",
                  concat(lost, " is lost, and no other repository gets its stanza"));
  const bool has_other =
      std::ranges::any_of(seen.stanzas, [&lost](const std::string& repo) { return repo != lost; });
  if (attempts >= kAttemptsUntilBackup && has_other && !seen.is_backed_up)
    world_.accuse("repositories", concat(lost, " is lost, and no first backup goes elsewhere"));
}

}  // namespace annals::simulation
