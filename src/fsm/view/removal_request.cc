#include "fsm/view/removal_request.h"

#include <algorithm>

#include "base/concat.h"
#include "fsm/text/say.h"
#include "fsm/view/backup_sets.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/verified_backup.h"
#include "manifests/labels.h"

namespace annals::fsm {
namespace {

namespace annotation = manifests::annotation;

// "20260131-080500F", or with "_20260201-080500I" behind it: nothing that a shell would read.
bool is_label(const std::string& text) {
  constexpr std::string_view kInLabels = "0123456789-_FDI";
  return text.size() >= std::string_view("20260131-080500F").size() &&
         text.find_first_not_of(kInLabels) == std::string::npos && text.front() != '-';
}

bool needs(const BackupSet& set, const std::vector<std::string>& removed) {
  return std::ranges::find(removed, set.prior) != removed.end();
}

const RepositoryContents* contents_for(const ClusterState& state, const std::string& repo) {
  const auto seen = state.repositories.find(repo);
  return seen == state.repositories.end() ? nullptr : &seen->second.contents;
}

Message objection_to_text(ClusterState& state, const RemovalRequest& request) {
  if (request.repo.empty() || request.set.empty())
    return say::removal_value_invalid(annotation::kPgBackRestExpire, request.id);
  std::vector<std::string> names;
  for (const spec::Repository& repo : spec::repositories(rendered(state).cluster))
    names.push_back(repo.name);
  if (std::ranges::find(names, request.repo) != names.end()) return {};
  return say::removal_repo_unknown(annotation::kPgBackRestExpire, request.repo, listed(names));
}

// What is protected: that which a restore would take, and that which is proven.
std::vector<Message> protections(const ClusterState& state, const RemovalRequest& request,
                                 const Sets& sets, const std::vector<std::string>& removed) {
  const auto goes = [&](const std::string& label) {
    return std::ranges::find(removed, label) != removed.end();
  };
  std::vector<Message> reasons;
  if (!sets.empty() && goes(sets.back()->label))
    reasons.push_back(say::removal_of_newest(sets.back()->label));
  const auto full = std::ranges::find(sets.rbegin(), sets.rend(), "full", &BackupSet::type);
  if (full != sets.rend() && goes((*full)->label) && *full != sets.back())
    reasons.push_back(say::removal_of_newest_full((*full)->label));
  const auto verified = state.verified.find(request.repo);
  if (verified != state.verified.end() && goes(verified->second.label))
    reasons.push_back(say::removal_of_verified(verified->second.label));
  return reasons;
}

bool is_last_full(const RepositoryContents& contents, const std::vector<std::string>& removed) {
  return std::ranges::none_of(contents.backups, [&](const BackupSet& set) {
    return set.type == "full" && std::ranges::find(removed, set.label) == removed.end();
  });
}

std::vector<std::string> with_dependents(const RepositoryContents& contents,
                                         const std::string& set) {
  std::vector<std::string> removed = dependents_of(contents, set);
  removed.insert(removed.begin(), set);
  return removed;
}

}  // namespace

RemovalRequest removal_request(const spec::PostgresCluster& cluster) {
  const auto asked = cluster.annotations.find(annotation::kPgBackRestExpire);
  if (asked == cluster.annotations.end()) return {};
  RemovalRequest request{.id = asked->second};
  const std::size_t slash = request.id.find('/');
  if (slash == std::string::npos) return request;
  const auto consent = cluster.annotations.find(annotation::kPgBackRestExpireConsent);
  request.consented = consent != cluster.annotations.end() && consent->second == request.id;
  std::string set = request.id.substr(slash + 1);
  if (!is_label(set)) return request;
  request.repo = request.id.substr(0, slash);
  request.set = std::move(set);
  return request;
}

std::vector<std::string> dependents_of(const RepositoryContents& contents, const std::string& set) {
  std::vector<std::string> removed{set};
  for (const BackupSet& each : contents.backups) {
    if (needs(each, removed)) removed.push_back(each.label);
  }
  removed.erase(removed.begin());
  return removed;
}

RemovalObjection objection_to(ClusterState& state, const RemovalRequest& request) {
  constexpr const char* kInvalid = "InvalidBackupRemoval";
  if (Message text = objection_to_text(state, request); !text.empty()) return {kInvalid, text};
  const RepositoryContents* contents = contents_for(state, request.repo);
  if (contents == nullptr) return {};
  if (std::ranges::find(contents->backups, request.set, &BackupSet::label) ==
      contents->backups.end())
    return {kInvalid, say::removal_set_unknown(request.repo, request.set)};
  const std::vector<std::string> removed = with_dependents(*contents, request.set);
  if (is_last_full(*contents, removed))
    return {"LastFullBackup", say::removal_of_last_full(request.set, request.repo)};
  const RepositoryDatabase* own = own_database(*contents, {.system_id = system_identifier(state)});
  if (own == nullptr || request.consented) return {};
  std::vector<Message> reasons =
      protections(state, request, without_faults(sets_of(*contents, *own)), removed);
  if (reasons.empty()) return {};
  return {"BackupNeedsConsent",
          say::removal_needs_consent(std::move(reasons), annotation::kPgBackRestExpireConsent,
                                     request.id)};
}

Message copies_besides(const ClusterState& state, const RemovalRequest& request) {
  const RepositoryContents* contents = contents_for(state, request.repo);
  std::vector<std::string> removed;
  if (contents != nullptr) removed = with_dependents(*contents, request.set);
  std::vector<std::string> copies;
  for (const auto& [repo, seen] : state.repositories) {
    const RepositoryDatabase* own =
        own_database(seen.contents, {.system_id = system_identifier(state)});
    if (own == nullptr) continue;
    Sets sets = without_faults(sets_of(seen.contents, *own));
    std::erase_if(sets, [&](const BackupSet* set) {
      return repo == request.repo && std::ranges::find(removed, set->label) != removed.end();
    });
    if (!sets.empty()) copies.push_back(concat(sets.back()->label, " in ", repo));
  }
  return with_verified_backup(
      state, copies.empty() ? say::database_alone() : say::backups_besides(listed(copies)));
}

}  // namespace annals::fsm
