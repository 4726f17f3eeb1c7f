#include "manifests/pgbackrest/restore_jobs.h"

#include <utility>
#include <vector>

#include "base/concat.h"
#include "manifests/containers.h"
#include "manifests/data_volumes.h"
#include "manifests/images.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/object.h"
#include "manifests/pgbackrest/clone_source.h"
#include "manifests/pgbackrest/pgbackrest_config.h"
#include "manifests/pgbackrest/restore_permit.h"
#include "manifests/pgbackrest/restore_pod.h"
#include "manifests/pgbackrest/restore_scripts.h"
#include "manifests/pgbackrest/restore_settings.h"
#include "spec/restore_target.h"

namespace annals::manifests {
namespace {

// Further words of `pgbackrest restore`.
std::vector<std::string> words_of(const spec::RestoreOptions& options) {
  std::vector<std::string> words;
  for (const std::string& name : options.db_include) words.push_back("--db-include=" + name);
  for (const std::string& name : options.db_exclude) words.push_back("--db-exclude=" + name);
  words.insert(words.end(), options.others.begin(), options.others.end());
  return words;
}

Json variables_of(const spec::PostgresCluster& cluster, const spec::InstanceSet& set,
                  const std::string& repo, const std::string& stanza) {
  const int major = cluster.spec.postgres_version;
  Json variables =
      Json::array({variable("data", paths::data(major)), variable("major", std::to_string(major)),
                   variable("repo", index_of(repo)), variable("stanza", stanza),
                   variable("wal", paths::wal(major, set.wal_volume_claim_spec.has_value()))});
  append(variables, nss_wrapper_variables());
  return variables;
}

Json restore_variables(const spec::PostgresCluster& cluster, const RestoreJob& job) {
  const spec::RestoreTarget& target = job.options.target;
  return Json::array(
      {variable("archive", job.archive), variable("backup", job.options.set),
       variable("inclusive", target.exclusive ? "off" : "on"),
       variable("least", spec::lsn_text(job.least_lsn)), variable("least_wal", job.least_wal),
       variable("level", "info"), variable("patience", std::to_string(kPatienceSeconds)),
       variable("restored", paths::restored(cluster.spec.postgres_version)),
       variable("target", literal(target.text)), variable("timeline", job.options.timeline),
       variable("type", spec::to_string(target.type))});
}

Json mounts_of(const spec::InstanceSet& set) {
  Json mounts = data_mounts(set);
  mounts.push_back(read_only_mount("pgbackrest-config", paths::kPgBackRestConfig));
  mounts.push_back(permit_mount());
  mounts.push_back(tmp_mount());
  return mounts;
}

struct Work {
  std::string job;
  std::string hash;
  const char* container;
  Json command;
  Json variables;
  bool clone = false;
  bool has_source = false;
};

// Of what the script did not expect, the last lines of the log are the message.
Json pod_of(const spec::PostgresCluster& cluster, const Observed& observed,
            const InstancePlace& place, Work work) {
  const std::string image = postgres_image(cluster, observed);
  const spec::RestoreSource settings = restore_settings(cluster, place.set, work.clone);
  Json main = container(cluster, work.container, image, settings.resources);
  main["command"] = std::move(work.command);
  main["env"] = std::move(work.variables);
  main["terminationMessagePolicy"] = "FallbackToLogsOnError";
  main["volumeMounts"] = mounts_of(place.set);
  Json volumes = Json::array(
      {data_volume(observed, place.instance),
       work.has_source ? clone_source_volume(cluster, observed)
                       : pgbackrest_config_volume(cluster, kInstanceConf, ServerFiles::kNo),
       permit_volume(cluster, work.hash), tmp_volume()});
  append(volumes, further_data_volumes(observed, place.set, place.instance));
  return restore_pod(cluster, observed, settings, std::move(main), std::move(volumes));
}

Json job_of(const spec::PostgresCluster& cluster, const Observed& observed,
            const InstancePlace& place, const std::string& id, Work work) {
  const spec::Metadata* component = pgbackrest_metadata(cluster);
  const Labels labels{{label::kCluster, cluster.name},
                      {label::kPgBackRest, ""},
                      {label::kPgBackRestRestore, ""},
                      {label::kStartupInstance, place.instance.name}};
  Json object = owned_object(kJob, cluster, observed, work.job, labels, component);
  Json& annotations = object["metadata"]["annotations"];
  annotations[annotation::kPgBackRestHash] = work.hash;
  annotations[annotation::kPgBackRestRestore] = id;
  const Labels of_pod{{kDefaultContainer, work.container}};
  object["spec"] = {{"backoffLimit", 0},
                    {"template",
                     {{"metadata", pod_metadata(cluster, component, labels, of_pod)},
                      {"spec", pod_of(cluster, observed, place, std::move(work))}}}};
  return object;
}

}  // namespace

std::string hash_of(const ArchiveJob& job) {
  return hash_of_parts({"archive", job.id, job.instance, job.repo, std::to_string(job.attempt)});
}

std::string hash_of(const RestoreJob& job) {
  const spec::RestoreTarget& target = job.options.target;
  std::vector<std::string> parts{"restore",
                                 job.id,
                                 job.instance,
                                 job.repo,
                                 job.options.set,
                                 job.options.timeline,
                                 job.archive,
                                 spec::to_string(target.type),
                                 target.text,
                                 target.exclusive ? "exclusive" : "",
                                 spec::lsn_text(job.least_lsn),
                                 job.least_wal,
                                 std::to_string(job.attempt)};
  for (std::string& word : words_of(job.options)) parts.push_back(std::move(word));
  if (job.clone) parts.push_back("clone of " + job.source);
  if (job.stanza != kStanza) parts.push_back("stanza " + job.stanza);
  return hash_of_parts(parts);
}

Json archive_job(const spec::PostgresCluster& cluster, const Observed& observed,
                 const ArchiveJob& job) {
  const InstancePlace place = place_of_instance(cluster, observed, job.instance);
  return job_of(cluster, observed, place, job.id,
                {.job = names::archive_job(cluster.name),
                 .hash = hash_of(job),
                 .container = kArchiveContainer,
                 .command = bash_command(kArchiveContainer, archive_script()),
                 .variables = variables_of(cluster, place.set, job.repo, kStanza)});
}

Json restore_job(const spec::PostgresCluster& cluster, const Observed& observed,
                 const RestoreJob& job) {
  const InstancePlace place = place_of_instance(cluster, observed, job.instance);
  std::vector<std::string> words;
  for (const std::string& word : words_of(job.options)) words.push_back(literal(word));
  Json variables = variables_of(cluster, place.set, job.repo, job.stanza);
  append(variables, restore_variables(cluster, job));
  if (job.clone)
    variables.push_back(variable("cloning", paths::cloning(cluster.spec.postgres_version)));
  return job_of(cluster, observed, place, job.id,
                {.job = names::restore_job(cluster.name),
                 .hash = hash_of(job),
                 .container = kRestoreContainer,
                 .command = bash_command(kRestoreContainer, restore_script(), words),
                 .variables = std::move(variables),
                 .clone = job.clone,
                 .has_source = !job.source.empty()});
}

std::string archive_job_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                                 const ArchiveJob& job) {
  return canonical(archive_job(cluster, observed, job));
}

std::string restore_job_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                                 const RestoreJob& job) {
  return canonical(restore_job(cluster, observed, job));
}

}  // namespace annals::manifests
