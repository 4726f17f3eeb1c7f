#include "spec/pgbackrest_option_rules.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/concat.h"
#include "spec/backups.h"
#include "spec/data_source.h"
#include "spec/fields.h"
#include "spec/pgbackrest_option_table.h"
#include "spec/pgbackrest_options.h"
#include "spec/redaction.h"
#include "spec/shell_words.h"

namespace annals::spec {
namespace {

constexpr std::string_view kRepositoryGroup = "repo#-";

std::string unknown_name_remedy(std::string_view name) {
  const std::string nearest = nearest_pgbackrest_option(name);
  if (!nearest.empty()) return concat("did you mean ", nearest, "? pgBackRest ignores this name");
  return "correct or remove it: pgBackRest ignores a name that it does not know";
}

// As the operator writes it into a repository's part of its files; empty: it does not.
std::string store_value(const Repository& repo, std::string_view key) {
  if (key == "type") return repo.azure ? "azure" : repo.gcs ? "gcs" : repo.s3 ? "s3" : "posix";
  if (key == "azure-container" && repo.azure) return repo.azure->container;
  if (key == "gcs-bucket" && repo.gcs) return repo.gcs->bucket;
  if (!repo.s3) return {};
  if (key == "s3-bucket") return repo.s3->bucket;
  if (key == "s3-endpoint") return repo.s3->endpoint;
  return key == "s3-region" ? repo.s3->region : std::string();
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

// What pgBackRest is given, and with which repositories.
struct CheckedOptions {
  const std::map<std::string, std::string>& global;
  std::span<const Repository> repos;
  bool has_files = false;      // of users, which may hold the keys
  bool is_of_restore = false;  // of a new cluster's data: refuses nothing that runs
};

class GlobalOptions {
 public:
  GlobalOptions(Fields& fields, CheckedOptions given) : fields_(fields), given_(std::move(given)) {}

  void check() {
    for (const auto& [name, value] : given_.global) {
      // It was a secret, and is told as one.
      if (name.contains(kRedacted) || value.contains(kRedacted)) continue;
      if (is_line(name, value)) check_name(name, value);
    }
  }

 private:
  void wrong(const std::string& name, const std::string& value, std::string_view remedy) {
    if (given_.is_of_restore) return doubt(name, value, remedy);
    fields_.wrong(concat("global.", name), value, remedy);
  }
  void doubt(const std::string& name, const std::string& value, std::string_view remedy) {
    fields_.doubt(concat("global.", name), value, remedy);
  }

  // A file of pgBackRest is lines, which must not become others.
  bool is_line(const std::string& name, const std::string& value) {
    if (value.empty()) {
      wrong(name, value, "give a value or remove it: pgBackRest refuses its commands over it");
    } else if (has_control(name) || has_control(value)) {
      wrong(name, value, "write it in one line, without control characters");
    } else if (name.starts_with('[') || name.starts_with('#') || name.contains('=')) {
      wrong(name, value, "give the name of an option alone");
    } else {
      return true;
    }
    return false;
  }

  void check_name(const std::string& name, const std::string& value) {
    const FoundOption found = find_pgbackrest_option(name);
    if (found.option == nullptr) return doubt_unknown(name, value);
    const PgBackRestOption& option = *found.option;
    if (found.lacks_index) {
      return wrong(name, value,
                   concat("write ", with_index(name),
                          ": pgBackRest refuses its commands over a name without a number"));
    }
    if (option.name.starts_with("tls-server-")) {
      return wrong(name, value,
                   "remove it: the operator writes it for pgBackRest's servers, which do not start "
                   "when it is there twice");
    }
    if (option.place == OptionPlace::kCommandLine)
      return doubt(name, value, "remove it: pgBackRest takes it on a command line only");
    if (option.place == OptionPlace::kStanza)
      return doubt(name, value, "remove it: the operator writes it, and it has no effect here");
    if (const std::optional<std::string> remedy = option_value_mistake(option, value))
      return wrong(name, value, *remedy);
    if (option.name.starts_with(kRepositoryGroup)) {
      check_repository(name, value, found);
    } else if (!given_.is_of_restore) {
      check_trap(name, value, option.name);
    }
  }

  static std::string with_index(std::string_view name) {
    const std::size_t dash = std::min(name.find('-'), name.size());
    return concat(name.substr(0, dash), "1", name.substr(dash));
  }

  void doubt_unknown(const std::string& name, const std::string& value) {
    for (const std::string_view prefix : {"no-", "reset-"}) {
      if (!name.starts_with(prefix)) continue;
      const std::string base = name.substr(prefix.size());
      const FoundOption found = find_pgbackrest_option(base);
      if (found.option == nullptr) continue;
      const bool is_flag = found.option->kind == OptionKind::kFlag && prefix == "no-";
      return doubt(name, value,
                   is_flag ? concat("write ", base, " with the value n: pgBackRest ignores this")
                           : std::string("remove it: pgBackRest ignores it in a file"));
    }
    doubt(name, value, unknown_name_remedy(name));
  }

  void check_trap(const std::string& name, const std::string& value, std::string_view option) {
    if (option == "archive-async" && value == "n" && given_.repos.size() > 1) {
      doubt(name, value,
            "remove it: while one of several repositories cannot be reached, WAL is archived to "
            "none of them");
    } else if (option == "spool-path") {
      doubt(name, value,
            "remove it, unless instances can write there: else WAL is not archived, and a standby "
            "takes the archive for empty");
    } else if (option == "archive-push-queue-max") {
      doubt(name, value,
            "remove it, unless a hole in the archive is better than a full volume: beyond this "
            "pgBackRest drops WAL, and no restore goes past the hole");
    } else if (option == "lock-path") {
      doubt(name, value, "remove it: the operator keeps backups apart by other means");
    }
  }

  // findings/pgbackrest-one-option-hides-a-repository.sh
  std::string remedy_of_absent(const std::string& repo) const {
    if (given_.is_of_restore)
      return concat("correct the number: the backups are in ", given_.repos.front().name);
    return concat("correct the number, remove it, or add ", repo,
                  " to repos: an option of a repository that is not there can make pgBackRest "
                  "forget another one");
  }

  void check_repository(const std::string& name, const std::string& value,
                        const FoundOption& found) {
    const std::string repo_name = concat("repo", found.index == 0 ? 1 : found.index);
    const auto repo = std::ranges::find(given_.repos, repo_name, &Repository::name);
    if (repo == given_.repos.end()) return doubt(name, value, remedy_of_absent(repo_name));
    const std::string_view key = found.option->name.substr(kRepositoryGroup.size());
    const std::string ours = store_value(*repo, key);
    if (!ours.empty() && ours != value) {
      doubt(name, value,
            concat("remove it, and set it in ", given_.is_of_restore ? "repo" : "repos",
                   ": it replaces ", ours, ", which is set there"));
    } else if (key == "host" || key.starts_with("host-")) {
      doubt(name, value, "remove it: the operator writes the address of the repository host");
    } else if (key == "storage-verify-tls" && value == "n") {
      doubt(name, value,
            concat("remove it, and name the authority's certificate in ", repo_name,
                   "-storage-ca-file: whoever is between takes the place of the store"));
    } else if (key == "cipher-type" && value != "none" && !given_.has_files) {
      wrong(name, value,
            concat("give ", repo_name, "-cipher-pass in a Secret of ", path_of_files(),
                   ": pgBackRest refuses its commands without it"));
    }
  }

  const char* path_of_files() const {
    return given_.is_of_restore ? "spec.dataSource.pgbackrest.configuration"
                                : "spec.backups.pgbackrest.configuration";
  }

  Fields& fields_;
  CheckedOptions given_;
};

// An option alone: its value may be a secret.
std::string shown_option(std::string_view text) {
  return canonical(Json(std::string(text.substr(0, 64))));
}

// The remedy; empty: pgBackRest takes it. `value` is null where there is none.
std::string mistake_in_backup_option(const std::string& name, const std::string* value) {
  FoundOption found = find_pgbackrest_option(name);
  const bool is_negated = found.option == nullptr && name.starts_with("no-");
  if (is_negated) found = find_pgbackrest_option(name.substr(3));
  if (found.option == nullptr && name.starts_with("reset-")) return {};
  if (found.option == nullptr || found.lacks_index) {
    const std::string nearest = nearest_pgbackrest_option(name);
    return nearest.empty() ? "remove it: pgBackRest has no such option"
                           : concat("did you mean --", nearest, "?");
  }
  if (!found.option->of_backup) return "remove it: it is none of pgbackrest backup";
  if (found.option->is_refused_in_arguments)
    return "move it to a Secret of spec.backups.pgbackrest.configuration";
  if (is_negated || value == nullptr) return {};
  return option_value_mistake(*found.option, *value).value_or("");
}

}  // namespace

void check_pgbackrest_options(Fields& fields, const PgBackRest& pgbackrest) {
  if (!fields.is_reading()) return;
  GlobalOptions(fields, {.global = pgbackrest.global,
                         .repos = pgbackrest.repos,
                         .has_files = !pgbackrest.configuration.empty()})
      .check();
}

void check_restore_options(Fields& fields, const StoredBackups& backups) {
  if (!fields.is_reading()) return;
  GlobalOptions(fields, {.global = backups.global,
                         .repos = std::span(&backups.repo, 1),
                         .has_files = !backups.configuration.empty(),
                         .is_of_restore = true})
      .check();
}

std::vector<std::string> options_of_some_versions(const PgBackRest& pgbackrest) {
  const unsigned all = (1U << pgbackrest_versions().size()) - 1;
  std::vector<std::string> names;
  for (const auto& [name, value] : pgbackrest.global) {
    const PgBackRestOption* option = find_pgbackrest_option(name).option;
    if (option != nullptr && option->versions != all) names.push_back(name);
  }
  return names;
}

std::vector<Mistake> mistakes_in_backup_options(const std::vector<std::string>& items,
                                                const std::string& path) {
  std::vector<Mistake> mistakes;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::optional<std::vector<std::string>> words = shell_words(items[i]);
    if (!words) continue;  // the shell of the Job says so
    for (const std::string& word : *words) {
      if (!word.starts_with("--")) continue;  // the value of the option before it
      const std::size_t equals = std::min(word.find('='), word.size());
      const std::string name = word.substr(2, equals - 2);
      const std::string value = equals < word.size() ? word.substr(equals + 1) : std::string();
      std::string remedy = mistake_in_backup_option(name, equals < word.size() ? &value : nullptr);
      if (remedy.empty()) continue;
      mistakes.push_back(
          {concat(path, "[", i, "]"), shown_option(word.substr(0, equals)), std::move(remedy)});
    }
  }
  return mistakes;
}

}  // namespace annals::spec
