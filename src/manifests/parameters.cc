#include "manifests/parameters.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/concat.h"
#include "manifests/names.h"

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

Json mandatory(const spec::PostgresCluster& cluster) {
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
    std::string restore = R"(pgbackrest --stanza=db archive-get %f "%p")";
    const std::optional<spec::Standby>& standby = cluster.spec.standby;
    if (standby && standby->enabled && !standby->repo_name.empty()) {
      restore += concat(" --repo=", standby->repo_name.back());
    }
    parameters["archive_command"] = kArchiveCommand;
    parameters["restore_command"] = restore;
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

Json postgres_parameters(const spec::PostgresCluster& cluster) {
  Json parameters = defaults(cluster);
  const Json dynamic = value_of(cluster.spec.patroni.dynamic_configuration);
  const Json given = dynamic.value("postgresql", Json()).value("parameters", Json());
  if (given.is_object()) parameters.update(given);
  for (const auto& [name, value] : cluster.spec.config.parameters) parameters[name] = value;
  const Json libraries = parameters.value(kPreload, Json());
  parameters.update(mandatory(cluster));
  parameters[kPreload] = preloaded(libraries);
  return parameters;
}

}  // namespace annals::manifests
