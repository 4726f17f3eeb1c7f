#include "manifests/cluster/move_jobs.h"

#include <utility>

#include "base/concat.h"
#include "manifests/containers.h"
#include "manifests/data_volumes.h"
#include "manifests/images.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/object.h"
#include "manifests/pgbackrest/pgbackrest_config.h"
#include "manifests/pgbackrest/restore_permit.h"
#include "manifests/pgbackrest/restore_pod.h"

namespace annals::manifests {
namespace {

constexpr const char* kMoveDataContainer = "pgdata-move-job";
constexpr const char* kMoveRepositoryContainer = "repo-move-job";

// move FROM TO: also where it was killed after it.
constexpr const char* kMovePrelude = R"bash(
fail() { printf '%s\n' "$1" | tee /dev/termination-log >&2; exit 1; }
move() {
  [[ -e $1 ]] || { [[ -e $2 ]] && return || fail "there is no $1 in the volume, which has: $(ls -m "$(dirname "$1")")"; }
  [[ ! -e $2 ]] || fail "there is $1 and $2: remove the one that is not wanted"
  mv --no-target-directory "$1" "$2"
  echo "moved $1 to $2"
}
)bash";

// What the server has left running, in its last place.
constexpr const char* kMoveData = R"bash(
found=$data
if [[ -n $data_directory && ! -e $data/PG_VERSION ]]; then
  move "/pgdata/$data_directory" "$restored"
  found=$restored
fi
if [[ -n $may_be_empty && ! -e $found/PG_VERSION && ! -e $restored/PG_VERSION ]]; then
  echo 'empty yes' | tee /dev/termination-log
  exit 0
fi
[[ -e $found/PG_VERSION ]] || fail "the volume has no database in $found, but: $(ls -m /pgdata)"
read -r version <"$found/PG_VERSION"
[[ $version == "$major" ]] || fail "the database in the volume is of PostgreSQL $version, and spec.postgresVersion is $major"
rm --force "$found/postmaster.pid" "$found/patroni.dynamic.json"
if [[ -n $wal_directory ]]; then
  link=$(readlink "$found/pg_wal") || fail "$found/pg_wal is no link to a WAL volume: remove spec.dataSource.volumes.pgWALVolume"
  [[ -d $link ]] || move "/pgwal/$wal_directory" "$link"
fi
)bash";

constexpr const char* kMoveRepository = R"bash(
for part in archive backup; do move "$repository/$repository_directory/$part" "$repository/$part"; done
)bash";

struct MoveWork {
  std::string job;
  std::string id;
  std::string hash;
  const char* label;
  const char* container;
  std::string image;
  spec::Resources resources;
  spec::Scheduling scheduling;
  const char* script;
  Json variables;
  Json mounts;
  Json volumes;
};

Json move_job(const spec::PostgresCluster& cluster, const Observed& observed, MoveWork work) {
  const Labels labels{{label::kCluster, cluster.name},
                      {label::kMoveJob, ""},
                      {label::kPgBackRestRestore, ""},
                      {work.label, ""}};
  Json main = container(cluster, work.container, work.image, work.resources);
  main["command"] = bash_command(work.container, concat(kMovePrelude, work.script));
  main["env"] = std::move(work.variables);
  main["volumeMounts"] = std::move(work.mounts);
  main["volumeMounts"].push_back(permit_mount());
  Json pod = pod_defaults(cluster, observed);
  pod["automountServiceAccountToken"] = false;
  pod["restartPolicy"] = "Never";
  set_given(pod, "affinity", value_of(work.scheduling.affinity));
  set_given(pod, "tolerations", list_of(work.scheduling.tolerations));
  set_given(pod, "priorityClassName", work.scheduling.priority_class_name);
  pod["volumes"] = std::move(work.volumes);
  pod["volumes"].push_back(permit_volume(cluster, work.hash));
  pod["containers"] = Json::array({std::move(main)});
  Json object = owned_object(kJob, cluster, observed, work.job, labels);
  Json& annotations = object["metadata"]["annotations"];
  annotations[annotation::kPgBackRestHash] = work.hash;
  annotations[annotation::kPgBackRestRestore] = work.id;
  object["spec"] = {
      {"backoffLimit", 0},
      {"template",
       {{"metadata", pod_metadata(cluster, nullptr, labels, {{kDefaultContainer, work.container}})},
        {"spec", std::move(pod)}}}};
  return object;
}

}  // namespace

std::string hash_of(const MoveDataJob& job) {
  return hash_of_parts({"move-data", job.id, job.instance, job.directory, job.wal_directory,
                        job.may_be_empty ? "may be empty" : "", std::to_string(job.attempt)});
}

std::string hash_of(const MoveRepositoryJob& job) {
  return hash_of_parts({"move-repository", job.id, job.directory, std::to_string(job.attempt)});
}

Json move_data_job(const spec::PostgresCluster& cluster, const Observed& observed,
                   const MoveDataJob& job) {
  const InstancePlace place = place_of_instance(cluster, observed, job.instance);
  const int major = cluster.spec.postgres_version;
  Json volumes = Json::array({data_volume(observed, place.instance)});
  append(volumes, further_data_volumes(observed, place.set, place.instance));
  return move_job(
      cluster, observed,
      {.job = names::move_data_job(cluster.name),
       .id = job.id,
       .hash = hash_of(job),
       .label = label::kMoveData,
       .container = kMoveDataContainer,
       .image = postgres_image(cluster, observed),
       .resources = place.set.resources,
       .scheduling = place.set.scheduling,
       .script = kMoveData,
       .variables = Json::array({variable("data", paths::data(major)),
                                 variable("data_directory", job.directory),
                                 variable("major", std::to_string(major)),
                                 variable("may_be_empty", job.may_be_empty ? "yes" : ""),
                                 variable("restored", paths::restored(major)),
                                 variable("wal_directory", job.wal_directory)}),
       .mounts = data_mounts(place.set),
       .volumes = std::move(volumes)});
}

Json move_repository_job(const spec::PostgresCluster& cluster, const Observed& observed,
                         const MoveRepositoryJob& job) {
  const spec::RepoHost host = pgbackrest_of(cluster).repo_host.value_or(spec::RepoHost{});
  const std::string repo = spec::repositories(cluster).front().name;
  const std::string path = "/pgbackrest/" + repo;
  return move_job(cluster, observed,
                  {.job = names::move_repository_job(cluster.name),
                   .id = job.id,
                   .hash = hash_of(job),
                   .label = label::kMoveRepository,
                   .container = kMoveRepositoryContainer,
                   .image = pgbackrest_image(cluster, observed),
                   .resources = host.resources,
                   .scheduling = host.scheduling,
                   .script = kMoveRepository,
                   .variables = Json::array({variable("repository", path),
                                             variable("repository_directory", job.directory)}),
                   .mounts = Json::array({mount(repo, path)}),
                   .volumes = Json::array({claim_volume(
                       repo, claim_for(observed, names::repo_volume(cluster.name, repo)))})});
}

std::string move_data_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                               const MoveDataJob& job) {
  return canonical(move_data_job(cluster, observed, job));
}

std::string move_repository_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                                     const MoveRepositoryJob& job) {
  return canonical(move_repository_job(cluster, observed, job));
}

}  // namespace annals::manifests
