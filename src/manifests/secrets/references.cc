#include "manifests/secrets/references.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/concat.h"
#include "manifests/json.h"

namespace annals::manifests {
namespace {

bool is_optional(const Json& source) {
  const Json* optional = source.find("optional");
  return optional != nullptr && optional->is_boolean() && optional->get<bool>();
}

void add_tls(std::vector<Reference>& all, const std::optional<spec::TlsSecret>& secret,
             const char* field) {
  if (secret && !secret->optional.value_or(false))
    all.push_back({.object = concat("Secret/", secret->name), .field = field});
}

void add_projections(std::vector<Reference>& all, const spec::Opaque& projections,
                     std::string_view field) {
  constexpr std::array<std::pair<const char*, const char*>, 2> kKinds{
      {{"secret", "Secret"}, {"configMap", "ConfigMap"}}};
  for (const Json& projection : list_of(projections)) {
    for (const auto& [source, kind] : kKinds) {
      const Json* its = projection.find(source);
      if (its == nullptr || is_optional(*its)) continue;
      const Json* name = its->find("name");
      if (name == nullptr || !name->is_string()) continue;
      all.push_back({.object = concat(kind, "/", name->text()), .field = std::string(field)});
    }
  }
}

}  // namespace

std::vector<Reference> needed_references(const spec::PostgresCluster& cluster) {
  std::vector<Reference> all;
  add_tls(all, cluster.spec.custom_tls_secret, "spec.customTLSSecret");
  add_tls(all, cluster.spec.custom_replication_tls_secret, "spec.customReplicationTLSSecret");
  add_projections(all, cluster.spec.config.files, "spec.config.files");
  if (spec::has_backups(cluster)) {
    add_projections(all, cluster.spec.backups->pgbackrest->configuration,
                    "spec.backups.pgbackrest.configuration");
  }
  return all;
}

}  // namespace annals::manifests
