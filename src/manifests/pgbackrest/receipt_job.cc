#include "manifests/pgbackrest/receipt_job.h"

#include <utility>

#include "base/concat.h"
#include "manifests/containers.h"
#include "manifests/data_volumes.h"
#include "manifests/images.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/object.h"
#include "manifests/pgbackrest/pgbackrest_config.h"
#include "manifests/pgbackrest/receipt_file.h"
#include "manifests/pgbackrest/receipt_script.h"
#include "manifests/pgbackrest/restore_pod.h"
#include "manifests/pgbackrest/restore_settings.h"

namespace annals::manifests {
namespace {

// A file of some hundred bytes goes to a store that answers within a second or two.
constexpr const char* kStorePatience = "30";
// It has no more to do; on a node that was lost it would stay for ever.
constexpr int kReceiptSecondsMax = 300;

Labels receipt_labels(const spec::PostgresCluster& cluster, const std::string& instance) {
  return {{label::kCluster, cluster.name},
          {label::kPgBackRest, ""},
          {label::kShutdownReceipt, ""},
          {label::kStartupInstance, instance}};
}

// Numbers, and what is said to pgBackRest besides. By default a server that does not answer is told
// after minutes; who has chosen for all commands has chosen by himself.
std::vector<std::string> receipt_arguments(const spec::PostgresCluster& cluster,
                                           const std::vector<std::string>& repos) {
  std::vector<std::string> words;
  for (const std::string& repo : repos) words.push_back(index_of(repo));
  words.emplace_back("--");
  if (!repos.empty() && !pgbackrest_of(cluster).global.contains("io-timeout"))
    words.emplace_back("--io-timeout=5");
  return words;
}

Json receipt_variables(const spec::PostgresCluster& cluster) {
  Json variables =
      Json::array({variable("cluster", concat(cluster.namespace_name, "/", cluster.name)),
                   variable("data", paths::data(cluster.spec.postgres_version)),
                   variable("file", kReceiptFile), variable("patience", kStorePatience)});
  append(variables, nss_wrapper_variables());
  return variables;
}

// Without a repository to write to it needs no configuration, and waits for none.
Json pod_of_receipt(const spec::PostgresCluster& cluster, const Observed& observed,
                    const InstancePlace& place, const std::vector<std::string>& repos) {
  const std::string image = postgres_image(cluster, observed);
  const spec::RestoreSource settings = restore_settings(cluster, place.set, false);
  Json main = container(cluster, kReceiptContainer, image, settings.resources);
  main["command"] =
      bash_command(kReceiptContainer, receipt_script(), receipt_arguments(cluster, repos));
  main["env"] = receipt_variables(cluster);
  main["terminationMessagePolicy"] = "FallbackToLogsOnError";
  main["volumeMounts"] = Json::array({read_only_data_mount(), tmp_mount()});
  Json volumes = Json::array({data_volume(observed, place.instance), tmp_volume()});
  if (!repos.empty()) {
    main["volumeMounts"].push_back(read_only_mount("pgbackrest-config", paths::kPgBackRestConfig));
    volumes.push_back(pgbackrest_config_volume(cluster, kInstanceConf, ServerFiles::kNo));
  }
  return restore_pod(cluster, observed, settings, std::move(main), std::move(volumes));
}

}  // namespace

std::string hash_of(const ReceiptJob& job) {
  std::vector<std::string> parts{"receipt", job.id, job.instance, std::to_string(job.attempt)};
  parts.insert(parts.end(), job.repos.begin(), job.repos.end());
  return hash_of_parts(parts);
}

Json receipt_job(const spec::PostgresCluster& cluster, const Observed& observed,
                 const ReceiptJob& job) {
  const InstancePlace place = place_of_instance(cluster, observed, job.instance);
  const spec::Metadata* component = pgbackrest_metadata(cluster);
  const Labels labels = receipt_labels(cluster, job.instance);
  Json object =
      owned_object(kJob, cluster, observed, names::receipt_job(cluster.name), labels, component);
  object["metadata"]["annotations"][annotation::kPgBackRestHash] = hash_of(job);
  const Labels of_pod{{kDefaultContainer, kReceiptContainer}};
  object["spec"] = {{"activeDeadlineSeconds", kReceiptSecondsMax},
                    {"backoffLimit", 0},
                    {"template",
                     {{"metadata", pod_metadata(cluster, component, labels, of_pod)},
                      {"spec", pod_of_receipt(cluster, observed, place, job.repos)}}}};
  return object;
}

std::string receipt_job_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                                 const ReceiptJob& job) {
  return canonical(receipt_job(cluster, observed, job));
}

}  // namespace annals::manifests
