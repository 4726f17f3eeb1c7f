#include "manifests/instance/parameters.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/concat.h"
#include "manifests/names.h"
#include "manifests/standby.h"

namespace annals::manifests {
namespace {

constexpr const char* kPreload = "shared_preload_libraries";

// Huge pages are used where a set of instances has claimed some.
bool wants_huge_pages(const spec::PostgresCluster& cluster) {
  const auto claims = [](const spec::InstanceSet& set) {
    return set.resources.json.json.contains("\"hugepages-");
  };
  return std::ranges::any_of(cluster.spec.instances, claims);
}

Json defaults(const spec::PostgresCluster& cluster) {
  return {{"jit", "off"},
          {"password_encryption", "scram-sha-256"},
          {"archive_timeout", "60s"},
          {"huge_pages", wants_huge_pages(cluster) ? "try" : "off"}};
}

// A server that stops waits for its last segment, and who is to lead next waits for the server:
// Patroni looks once a second whether it has ended. The asynchronous push starts a process of its
// own and looks for its result after 0.1, 0.2, 0.4 and 0.7 s; the direct one takes half of the
// time. What it does not achieve goes the usual way.
constexpr const char* kArchiveCommand =
    "grep -qs ^stopping postmaster.pid && "
    R"(pgbackrest --stanza=db --no-archive-async --io-timeout=10 archive-push "%p" || )"
    R"(pgbackrest --stanza=db archive-push "%p")";

// An old leader archives what it wrote after a partition began as soon as it can: the segment in
// which the new leader's timeline forks, and those after it. A replica that replays one of them has
// left its leader's history for good. So a server that follows takes none of a timeline from where
// the newest one that it knows has forked: the leader streams that, or archives it as its own.
// pg_rewind, which reads what its own server wrote, comes without a server that runs. The end of a
// segment and the fork are places in the WAL; %% is a percent sign to whoever runs the command
// (PostgreSQL, pg_rewind, Patroni).
std::string restore_command(const std::string& followed) {
  return concat(
      R"(bash -c 'pgbackrest --stanza=db archive-get "$1" "$2")",
      followed.empty() ? std::string() : concat(" --repo=", followed),
      R"( || exit; [[ -e standby.signal && -e postmaster.pid && $1 =~ ^[0-9A-F]{24}$ ]] || exit 0; )",
      R"(histories=(pg_wal/*.history); )",
      R"(end=$(((16#${1:8:8} << 32) + (16#${1:16} + 1) * $(wc -c <"$2"))); )",
      R"(while read -r timeline fork _; do ((timeline == 16#${1:0:8} && )",
      R"((16#${fork%%/*} << 32) + 16#${fork#*/} < end)) && rm "$2" && exit 1; done )",
      R"(< <(grep -Es "^[0-9]+[[:space:]]+[0-9A-F]+/[0-9A-F]+" "${histories[-1]}"); :' )",
      R"(restore-segment %f "%p")");
}

Json mandatory(const spec::PostgresCluster& cluster, const Observed& observed) {
  const std::string certificates = paths::kCertificates;
  Json parameters = {
      {"wal_level", "logical"},
      {"archive_mode", "on"},  // on even without backups: changing it needs a restart
      {"archive_command", "true"},
      {"ssl", "on"},
      {"ssl_cert_file", certificates + "/tls.crt"},
      {"ssl_key_file", certificates + "/tls.key"},
      {"ssl_ca_file", certificates + "/ca.crt"},
      {"unix_socket_directories", paths::kSocket}};
  if (spec::has_backups(cluster)) {
    parameters["archive_command"] = kArchiveCommand;
    parameters["restore_command"] = restore_command(followed_repository(cluster, observed));
  }
  return parameters;
}

// "a, b" and the like; quotes belong to a name.
std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> items;
  std::string item;
  const auto end_item = [&] {
    if (!item.empty()) items.push_back(item);
    item.clear();
  };
  for (const char c : list) {
    if (c == ',') {
      end_item();
    } else if (c != ' ' && c != '\t') {
      item += c;
    }
  }
  end_item();
  return items;
}

// Citus insists on being the first.
std::string preloaded(const Json& asked_for) {
  std::vector<std::string> libraries{"pgaudit"};
  if (asked_for.is_string()) {
    for (const std::string& library : split(asked_for.text())) {
      if (std::ranges::find(libraries, library) != libraries.end()) continue;
      libraries.insert(library == "citus" ? libraries.begin() : libraries.end(), library);
    }
  }
  std::string list;
  for (const std::string& library : libraries) list += concat(list.empty() ? "" : ",", library);
  return list;
}

}  // namespace

Json postgres_parameters(const spec::PostgresCluster& cluster, const Observed& observed) {
  Json parameters = defaults(cluster);
  const Json dynamic = value_of(cluster.spec.patroni.dynamic_configuration);
  const Json given = dynamic.value("postgresql", Json()).value("parameters", Json());
  if (given.is_object()) parameters.update(given);
  for (const auto& [name, value] : cluster.spec.config.parameters) parameters[name] = value;
  const Json libraries = parameters.value(kPreload, Json());
  parameters.update(mandatory(cluster, observed));
  parameters[kPreload] = preloaded(libraries);
  return parameters;
}

}  // namespace annals::manifests
