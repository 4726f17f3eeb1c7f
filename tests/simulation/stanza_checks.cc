#include "tests/simulation/stanza_checks.h"

#include <algorithm>

#include "base/concat.h"
#include "fsm/view/place_rivals.h"
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
  if (seen.stanza_jobs[job.repo].insert(job.key.name).second) check_place(job);
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

// As the cluster's specification is now, and that of whoever made a stanza there before: one that
// has gone, or has another place by now, is in nobody's way.
void StanzaChecks::check_place(const Object& job) {
  const auto resource_of = [this](const std::string& uid) {
    const auto found = std::ranges::find_if(world_.server.objects(), [&uid](const auto& entry) {
      return entry.first.kind == "PostgresCluster" && entry.second->uid == uid;
    });
    return found == world_.server.objects().end() ? std::string() : found->second->resource;
  };
  const auto has = [&](const std::string& uid, const std::string& place) {
    return std::ranges::any_of(fsm::claimed_places(resource_of(uid)),
                               [&](const fsm::ClaimedPlace& its) { return its.text == place; });
  };
  for (const fsm::ClaimedPlace& place : fsm::claimed_places(resource_of(job.controller))) {
    if (place.repo != job.repo) continue;
    std::string& holder = holders_[place.text];
    if (!holder.empty() && holder != job.controller && has(holder, place.text))
      world_.accuse("places", concat(job.key.name, " writes to ", place.text, ", which is taken"));
    holder = job.controller;
  }
}

}  // namespace annals::simulation
