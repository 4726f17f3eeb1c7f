#include "manifests/pgbackrest/repository_reader.h"

#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "manifests/containers.h"
#include "manifests/images.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/object.h"
#include "manifests/pgbackrest/clone_source.h"
#include "manifests/pgbackrest/pgbackrest_config.h"
#include "manifests/pgbackrest/restore_pod.h"
#include "manifests/pgbackrest/restore_settings.h"

namespace annals::manifests {
namespace {

// Ends at once when it is asked to; the shell is the container's first process.
constexpr const char* kWait = "trap 'exit 0' TERM; while true; do sleep 3600 & wait $!; done";

// No instance has so many behind the name of its set, which may be `reader`.
constexpr std::size_t kDigits = 6;

Labels labels_of(const spec::PostgresCluster& cluster, const std::string& configuration) {
  return {{label::kCluster, cluster.name},
          {label::kPgBackRest, ""},
          {label::kPgBackRestRestore, ""},
          {label::kRepositoryReader, configuration}};
}

std::string digest_of_configuration(const spec::PostgresCluster& cluster,
                                    const Observed& observed) {
  const std::string text = observed.source
                               ? concat(observed.source->conf, observed.source->configuration.json)
                               : concat(instance_conf_text(cluster, observed),
                                        pgbackrest_of(cluster).configuration.json);
  return sha256_hex(text).substr(0, kDigits);
}

Json config_volume(const spec::PostgresCluster& cluster, const Observed& observed) {
  return observed.source ? clone_source_volume(cluster, observed)
                         : pgbackrest_config_volume(cluster, kInstanceConf, ServerFiles::kNo);
}

Json pod_of(const spec::PostgresCluster& cluster, const Observed& observed) {
  const std::string image = postgres_image(cluster, observed);
  const spec::RestoreSource settings = restore_settings(cluster, cluster.spec.instances.front(),
                                                        cluster.spec.data_source.has_value());
  Json main = container(cluster, kPgBackRestContainer, image, settings.resources);
  main["command"] = bash_command(kPgBackRestContainer, kWait);
  main["env"] = nss_wrapper_variables();
  main["volumeMounts"] =
      Json::array({read_only_mount("pgbackrest-config", paths::kPgBackRestConfig), tmp_mount()});
  Json pod = restore_pod(cluster, observed, settings, std::move(main),
                         Json::array({config_volume(cluster, observed), tmp_volume()}));
  pod["restartPolicy"] = "Always";
  return pod;
}

}  // namespace

std::string repository_reader_name(const spec::PostgresCluster& cluster, const Observed& observed) {
  return concat(names::repository_reader(cluster.name), digest_of_configuration(cluster, observed));
}

bool is_repository_reader(const std::string& cluster, const std::string& name) {
  const std::string begin = names::repository_reader(cluster);
  return name.starts_with(begin) && name.size() == begin.size() + kDigits;
}

Json repository_reader(const spec::PostgresCluster& cluster, const Observed& observed) {
  const spec::Metadata* component = pgbackrest_metadata(cluster);
  const Labels labels = labels_of(cluster, digest_of_configuration(cluster, observed));
  Json object = owned_object(kStatefulSet, cluster, observed,
                             repository_reader_name(cluster, observed), labels, component);
  object["spec"] = {{"podManagementPolicy", "Parallel"},
                    {"replicas", 1},
                    {"revisionHistoryLimit", 0},
                    {"selector", match_labels(labels)},
                    {"serviceName", names::pods(cluster.name)},
                    {"updateStrategy", {{"type", "RollingUpdate"}}},
                    {"template",
                     {{"metadata", pod_metadata(cluster, component, labels,
                                                {{kDefaultContainer, kPgBackRestContainer}})},
                      {"spec", pod_of(cluster, observed)}}}};
  return object;
}

}  // namespace annals::manifests
