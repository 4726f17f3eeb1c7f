#include "manifests/pgbackrest/drill_job.h"

#include <optional>
#include <utility>

#include "base/concat.h"
#include "manifests/containers.h"
#include "manifests/images.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/object.h"
#include "manifests/pgbackrest/drill_script.h"
#include "manifests/pgbackrest/pgbackrest_config.h"
#include "manifests/pgbackrest/restore_pod.h"
#include "manifests/pgbackrest/restore_settings.h"
#include "spec/quantity.h"

namespace annals::manifests {
namespace {

constexpr const char* kVolume = "drill";
constexpr int kSecondsMax = 86'400;

Labels drill_labels(const spec::PostgresCluster& cluster) {
  return {{label::kCluster, cluster.name}, {label::kPgBackRest, ""}, {label::kRestoreDrill, ""}};
}

const spec::InstanceSet& first_set(const spec::PostgresCluster& cluster) {
  return cluster.spec.instances.front();
}

std::string storage_of(const spec::VolumeClaim& claim) {
  const Json wanted = value_of(claim.json);
  const Json* place = &wanted;
  for (const char* name : {"resources", "requests", "storage"}) {
    place = place == nullptr ? nullptr : place->find(name);
  }
  if (place == nullptr) return {};
  return place->is_string() ? place->text() : place->dump();
}

// Of the first set; one volume as it stands there, several as a number of bytes.
std::string room_needed(const spec::InstanceSet& set) {
  std::string storage = storage_of(set.data_volume_claim_spec);
  if (!set.wal_volume_claim_spec && set.tablespace_volumes.empty()) return storage;
  const auto bytes = [](const spec::VolumeClaim& claim) {
    return spec::quantity_value(storage_of(claim)).value_or(0);
  };
  std::int64_t all = bytes(set.data_volume_claim_spec);
  if (set.wal_volume_claim_spec) all += bytes(*set.wal_volume_claim_spec);
  for (const spec::TablespaceVolume& volume : set.tablespace_volumes)
    all += bytes(volume.data_volume_claim_spec);
  return std::to_string(all);
}

// All on one volume.
Json variables_of(const spec::PostgresCluster& cluster, const DrillJob& job) {
  const int major = cluster.spec.postgres_version;
  Json variables = Json::array(
      {variable("data", paths::data(major)), variable("major", std::to_string(major)),
       variable("repo", index_of(job.repo)), variable("stanza", kStanza),
       variable("wal", paths::wal(major, false)), variable("archive", job.archive),
       variable("backup", job.set), variable("inclusive", "on"), variable("least", "0/0"),
       variable("least_wal", ""), variable("level", "info"),
       variable("patience", std::to_string(kPatienceSeconds)),
       variable("restored", paths::restored(major)), variable("target", ""),
       variable("timeline", job.timeline), variable("type", "default"),
       variable("database", literal(job.database)), variable("query", literal(job.query)),
       variable("age_query", literal(job.age_query))});
  append(variables, nss_wrapper_variables());
  return variables;
}

Json container_of(const spec::PostgresCluster& cluster, const std::string& image,
                  const spec::Resources& resources, const DrillJob& job) {
  Json main = container(cluster, kDrillContainer, image, resources);
  main["command"] = bash_command(kDrillContainer, drill_script(),
                                 {concat("--tablespace-map-all=", paths::kDrillTablespaces)});
  main["env"] = variables_of(cluster, job);
  main["terminationMessagePolicy"] = "FallbackToLogsOnError";
  main["volumeMounts"] =
      Json::array({mount(kVolume, "/pgdata"),
                   read_only_mount("pgbackrest-config", paths::kPgBackRestConfig), tmp_mount()});
  return main;
}

Json pod_of(const spec::PostgresCluster& cluster, const Observed& observed, const DrillJob& job) {
  const std::string image = postgres_image(cluster, observed);
  const spec::RestoreSource settings = restore_settings(cluster, first_set(cluster), false);
  Json volumes = Json::array({claim_volume(kVolume, names::restore_drill(cluster.name)),
                              pgbackrest_config_volume(cluster, kInstanceConf, ServerFiles::kNo),
                              tmp_volume()});
  return restore_pod(cluster, observed, settings,
                     container_of(cluster, image, settings.resources, job), std::move(volumes));
}

}  // namespace

std::string hash_of(const DrillJob& job) {
  return hash_of_parts({"drill", job.id, job.repo, job.set, job.timeline, job.archive, job.database,
                        job.query, job.age_query});
}

Json drill_claim(const spec::PostgresCluster& cluster, const Observed& observed,
                 const std::string& storage_class) {
  const spec::InstanceSet& set = first_set(cluster);
  Json claim = owned_object(kVolumeClaim, cluster, observed, names::restore_drill(cluster.name),
                            drill_labels(cluster), &pgbackrest_of(cluster).metadata);
  Json& wanted = claim["spec"];
  wanted = value_of(set.data_volume_claim_spec.json);
  // What would make it another volume than an empty one of its own.
  for (const char* of_one_volume : {"volumeName", "selector", "dataSource", "dataSourceRef"})
    wanted.erase(of_one_volume);
  wanted["resources"]["requests"]["storage"] = room_needed(set);
  if (!storage_class.empty()) wanted["storageClassName"] = storage_class;
  return claim;
}

Json drill_job(const spec::PostgresCluster& cluster, const Observed& observed,
               const DrillJob& job) {
  const spec::Metadata* component = &pgbackrest_of(cluster).metadata;
  const Labels labels = drill_labels(cluster);
  Json object =
      owned_object(kJob, cluster, observed, names::restore_drill(cluster.name), labels, component);
  Json& annotations = object["metadata"]["annotations"];
  annotations[annotation::kPgBackRestHash] = hash_of(job);
  annotations[annotation::kRestoreDrill] = job.id;
  const Labels of_pod{{kDefaultContainer, kDrillContainer}};
  object["spec"] = {{"activeDeadlineSeconds", kSecondsMax},
                    {"backoffLimit", 0},
                    {"template",
                     {{"metadata", pod_metadata(cluster, component, labels, of_pod)},
                      {"spec", pod_of(cluster, observed, job)}}}};
  return object;
}

std::string drill_claim_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                                 const std::string& storage_class) {
  return canonical(drill_claim(cluster, observed, storage_class));
}

std::string drill_job_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                               const DrillJob& job) {
  return canonical(drill_job(cluster, observed, job));
}

}  // namespace annals::manifests
