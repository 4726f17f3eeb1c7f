#include "lens/repository.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "k8s/lens/dom.ipp"
#include "k8s/text/json.h"
#include "k8s/text/json_scratch.ipp"
#include "lens/safe.h"
#include "spec/restore_target.h"

namespace annals::lens {
namespace {

namespace dom = simdjson::dom;
using Path = std::initializer_list<std::string_view>;

constexpr std::int64_t kSecondsMax = 253'402'300'799;  // the end of the year 9999

std::int64_t integer_at(dom::element from, Path path) {
  const std::optional<dom::element> found = k8s::element_at(from, path);
  return found && found->is_int64() ? std::int64_t(*found) : 0;
}

std::uint64_t amount_at(dom::element from, Path path) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(integer_at(from, path), 0));
}

Timestamp time_at(dom::element from, Path path) {
  const std::int64_t seconds = std::clamp<std::int64_t>(integer_at(from, path), 0, kSecondsMax);
  return Timestamp(std::chrono::seconds(seconds));
}

// Null is as absent.
std::string name_at(dom::element from, Path path) {
  const std::optional<dom::element> found = k8s::element_at(from, path);
  return found && found->is_string() ? safe(std::string(std::string_view(*found))) : std::string();
}

std::uint64_t lsn_at(dom::element from, Path path) {
  return spec::parse_lsn(name_at(from, path)).value_or(0);
}

// pgBackRest writes identifiers of systems as numbers of 64 bits.
std::string system_id_of(dom::element database) {
  const std::optional<dom::element> id = k8s::member(database, "system-id");
  if (!id || !(id->is_uint64() || id->is_int64())) return {};
  return std::to_string(std::uint64_t(*id));
}

template <class Use>
void each_of(dom::element from, std::string_view list, Use use) {
  const std::optional<dom::element> found = k8s::member(from, list);
  if (!found || !found->is_array()) return;
  for (const dom::element each : dom::array(*found)) use(each);
}

fsm::BackupSet read_set(dom::element backup) {
  fsm::BackupSet set;
  set.label = name_at(backup, {"label"});
  set.type = name_at(backup, {"type"});
  set.database = integer_at(backup, {"database", "id"});
  set.start = time_at(backup, {"timestamp", "start"});
  set.stop = time_at(backup, {"timestamp", "stop"});
  set.first_wal = name_at(backup, {"archive", "start"});
  set.last_wal = name_at(backup, {"archive", "stop"});
  set.start_lsn = lsn_at(backup, {"lsn", "start"});
  set.stop_lsn = lsn_at(backup, {"lsn", "stop"});
  set.size = amount_at(backup, {"info", "size"});
  set.stored_size = amount_at(backup, {"info", "repository", "delta"});
  set.program = name_at(backup, {"backrest", "version"});
  set.prior = name_at(backup, {"prior"});
  const std::optional<dom::element> error = k8s::member(backup, "error");
  set.faulty = error && error->is_bool() && bool(*error);
  return set;
}

class StanzaReader {
 public:
  StanzaReader(dom::element stanza, std::int64_t key) : stanza_(stanza), key_(key) {}

  fsm::RepositoryContents read() {
    read_status();
    each_of(stanza_, "db", [&](dom::element each) {
      if (!is_of_repository(each, {"repo-key"})) return;
      contents_.databases.push_back({.id = integer_at(each, {"id"}),
                                     .system_id = system_id_of(each),
                                     .version = name_at(each, {"version"})});
    });
    each_of(stanza_, "archive", [&](dom::element each) {
      if (!is_of_repository(each, {"database", "repo-key"})) return;
      contents_.archives.push_back({.database = integer_at(each, {"database", "id"}),
                                    .id = name_at(each, {"id"}),
                                    .first = name_at(each, {"min"}),
                                    .last = name_at(each, {"max"})});
    });
    each_of(stanza_, "backup", [&](dom::element each) {
      if (is_of_repository(each, {"database", "repo-key"}))
        contents_.backups.push_back(read_set(each));
    });
    std::ranges::sort(contents_.backups, {},
                      [](const fsm::BackupSet& set) { return std::tie(set.stop, set.label); });
    return std::move(contents_);
  }

 private:
  bool is_of_repository(dom::element each, Path path) const {
    return integer_at(each, path) == key_;
  }

  // A repository that is not told of is none that was asked about.
  void read_status() {
    contents_.code = fsm::kRepositoryUnreadable;
    each_of(stanza_, "repo", [&](dom::element each) {
      if (integer_at(each, {"key"}) != key_) return;
      contents_.code = integer_at(each, {"status", "code"});
      if (contents_.code != fsm::kRepositoryOk)
        contents_.trouble = name_at(each, {"status", "message"});
    });
  }

  dom::element stanza_;
  std::int64_t key_;
  fsm::RepositoryContents contents_;
};

// "1" of "repo1".
std::int64_t key_of_repository(std::string_view repo) {
  constexpr std::string_view kPrefix = "repo";
  std::int64_t key = 0;
  if (repo.starts_with(kPrefix)) repo.remove_prefix(kPrefix.size());
  (void)std::from_chars(repo.data(), repo.data() + repo.size(), key);
  return key;
}

// From the first line that begins as a list.
std::string_view json_in(std::string_view output) {
  while (!output.empty() && output.front() != '[') {
    const std::size_t end = output.find('\n');
    output.remove_prefix(end == output.npos ? output.size() : end + 1);
  }
  return output;
}

fsm::RepositoryContents stanza_in(dom::array stanzas, std::string_view name, std::int64_t key) {
  for (const dom::element stanza : stanzas) {
    if (name_at(stanza, {"name"}) == name) return StanzaReader(stanza, key).read();
  }
  return {.code = fsm::kNoStanzaPath};
}

// A line of a history file: the timeline that ends, a tab, and where.
std::optional<fsm::TimelineBranch> read_branch(std::string_view line) {
  const std::size_t tab = line.find('\t');
  if (tab == line.npos) return std::nullopt;
  fsm::TimelineBranch branch;
  const auto [end, error] = std::from_chars(line.data(), line.data() + tab, branch.parent);
  const std::string_view rest = line.substr(tab + 1);
  const std::optional<std::uint64_t> lsn = spec::parse_lsn(rest.substr(0, rest.find('\t')));
  const bool is_timeline =
      branch.parent >= 1 && branch.parent <= std::numeric_limits<std::uint32_t>::max();
  if (error != std::errc() || end != line.data() + tab || !lsn || !is_timeline) return std::nullopt;
  branch.lsn = *lsn;
  return branch;
}

}  // namespace

Result<fsm::RepositoryContents> read_repository(std::string_view output, std::string_view stanza,
                                                std::string_view repo) {
  const std::string_view json = json_in(output);
  if (json.empty()) return fail(Errc::kInvalid, "pgbackrest info printed no JSON");
  k8s::JsonReader reader;
  try {
    const dom::element root = reader.scratch().dom.parse(json.data(), json.size());
    return stanza_in(dom::array(root), stanza, key_of_repository(repo));
  } catch (const simdjson::simdjson_error& thrown) {
    return fail(Errc::kInvalid, "pgbackrest info printed malformed JSON: ", thrown.what());
  }
}

Result<std::vector<fsm::TimelineBranch>> read_timeline_history(std::string_view text,
                                                               std::int64_t timeline) {
  std::vector<fsm::TimelineBranch> branches;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    std::optional<fsm::TimelineBranch> branch = read_branch(line);
    const bool goes_on = branch && (branches.empty() || branches.back().parent < branch->parent);
    if (!goes_on)
      return fail(Errc::kInvalid, "line '", safe(std::string(line)),
                  "' is none of a timeline's history");
    if (!branches.empty()) branches.back().timeline = branch->parent;
    branches.push_back(*branch);
  }
  if (branches.empty()) return branches;
  if (branches.back().parent >= timeline)
    return fail(Errc::kInvalid, "the history is not of timeline ", timeline);
  branches.back().timeline = timeline;
  return branches;
}

}  // namespace annals::lens
