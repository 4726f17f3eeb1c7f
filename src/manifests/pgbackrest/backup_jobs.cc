#include "manifests/pgbackrest/backup_jobs.h"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "base/concat.h"
#include "manifests/containers.h"
#include "manifests/images.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/object.h"
#include "manifests/pgbackrest/pgbackrest_config.h"
#include "manifests/standby.h"

namespace annals::manifests {
namespace {

// All nodes on which these pods can run have one value of it.
constexpr const char* kOperatingSystem = "kubernetes.io/os";
constexpr const char* kItsValue = "linux";

// Exit status 50: something else holds the lock of this stanza, in PostgreSQL or in this pod. It is
// no Job of ours, which exclude each other: somebody backs up by hand, or the pod of a Job that was
// lost left it behind. That passes. A stanza needs the lock that the primary takes to archive, and
// may end with 56 instead, as if there were no primary. pgBackRest is told to stop when the pod is.
constexpr const char* kPatienceOfBackup = "again=' 50 ' patience=${LOCK_SECONDS:-3600}";
constexpr const char* kPatienceOfStanza = "again=' 50 56 ' patience=${LOCK_SECONDS:-150}";
constexpr const char* kWaitForLock = R"bash(
child=
run() {
  local status=0
  "$@" & child=$!
  wait "$child" || status=$?
  child=
  return "$status"
}
end() {
  [[ -z $child ]] || { kill "$child" || true; wait "$child" || true; }
  exit 143
}
trap end TERM
while true; do
  status=0
  run command_once || status=$?
  [[ $again == *" $status "* ]] && ((SECONDS < patience)) || exit "$status"
  echo "another pgBackRest command holds the lock: trying again" >&2
  run sleep "${LOCK_PAUSE:-10}"
done
)bash";

// What it has in the background ends with it.
constexpr const char* kBeginOfCommand = R"bash(command_once() {
trap '[[ -z ${!:-} ]] || { kill "$!" || true; wait "$!" || true; }' TERM
)bash";

// A store that cannot be reached, or refuses, is told by its own words. stanza-create alone would
// first wait for the lock that the primary holds while it tries to archive there, and others would
// wait for it.
constexpr const char* kIfReadable = R"bash( --output=text 2>&1) || true
case $said in *'status: error (other)'*)
  echo "$said" >&2
  sed -n '/^ *\[[A-Za-z]*Error\]/{s/^ */ERROR: /p;q}' <<<"$said" >&2
  exit 1;;
esac
)bash";

// For a person to read its log; there may be more of these.
constexpr int kKeptSeconds = 24 * 3600;

Labels job_labels(const spec::PostgresCluster& cluster, const std::string& repo,
                  const char* purpose) {
  return {{label::kCluster, cluster.name},
          {label::kPgBackRest, ""},
          {label::kPgBackRestRepo, repo},
          {label::kPgBackRestBackup, purpose}};
}

// What pgBackRest is to do.
struct Command {
  const char* name;
  std::string options;
  const char* patience = kPatienceOfBackup;
  std::string first{};  // what is done before it, in the same shell
};

const char* purpose_word(BackupPurpose purpose) {
  switch (purpose) {
    case BackupPurpose::kStanza:
      return "stanza";
    case BackupPurpose::kManual:
      return "manual";
    case BackupPurpose::kReplicaCreate:
      return "replica-create";
    case BackupPurpose::kExpire:
      return "expire";
    case BackupPurpose::kMissingWal:
      return label::kOfMissingWal;
  }
  return "";
}

// The user's options are words of a shell, quotes and all.
std::string backup_options(const spec::Repository& repo, const std::vector<std::string>& options) {
  std::string words = concat("--stanza=", kStanza, " --repo=", repo.index());
  for (const std::string& option : options) words += concat(" ", option);
  return words;
}

// Words of the user's options that the command expire needs as well.
std::string retention_words(const std::vector<std::string>& options) {
  std::string words;
  for (const std::string& option : options) {
    std::istringstream text(option);
    for (std::string word; text >> word;)
      if (word.starts_with("--repo") && word.contains("-retention-")) words += concat(" ", word);
  }
  return words;
}

// pgBackRest expires at the end of a backup, and counts one with damaged pages as any other: the
// last good one would go. So expire is a command of its own, and waits while any backup has an
// `error`. A backup that somebody makes by hand meanwhile (50) expires by itself. To be put behind
// `pgbackrest backup OPTIONS`, or behind `exec` and that, as some images have it: in the background
// both come back to the shell.
std::string then_expire(const spec::Repository& repo, const std::vector<std::string>& options) {
  const std::string common = concat("--stanza=", kStanza, " --repo=", repo.index());
  return concat(R"bash( --no-expire-auto & wait $! && {
said=$(pgbackrest info )bash",
                common, R"bash( --output=json)
case $said in
*\"error\":true*)
  echo "a backup has pages with wrong checksums: nothing expires while it is there" >&2;;
*\"error\":false*) pgbackrest expire )bash",
                common, retention_words(options),
                R"bash( || { status=$?; [ "$status" = 50 ] || exit "$status"; };;
*) echo "the new backup cannot be read: nothing expires" >&2;;
esac
})bash");
}

// A person may expire by himself.
bool expires_by_itself(const spec::PostgresCluster& cluster,
                       const std::vector<std::string>& options) {
  const bool is_told = std::ranges::any_of(
      options, [](const std::string& option) { return option.contains("expire-auto"); });
  return !is_told && !pgbackrest_of(cluster).global.contains("expire-auto");
}

Command backup_command(const spec::PostgresCluster& cluster, const spec::Repository& repo,
                       const std::vector<std::string>& options) {
  std::string words = backup_options(repo, options);
  if (expires_by_itself(cluster, options)) words += then_expire(repo, options);
  return {"backup", std::move(words)};
}

// One that was interrupted leaves archive.info alone, which no later one accepts (55), and nobody
// finishes. Where there is nothing else, and nobody is at work in this minute, it is begun anew.
// WAL may have been archived meanwhile: that is for a person to remove. What cannot be listed is
// not known to be empty.
std::string then_mend(const std::string& options) {
  const std::string listed = concat("pgbackrest repo-ls ", options, " --recurse ");
  return concat(R"bash( & wait $! || { status=$?
[ "$status" = 55 ] || exit "$status"
backups=$()bash",
                listed, "backup/", kStanza, ") && archive=$(", listed, "archive/", kStanza,
                R"bash() || exit "$status"
[[ $backups$archive =~ ^archive\.info($'\n'archive\.info\.copy)?$ ]] || exit "$status"
seen=$()bash",
                listed, "--output=json archive/", kStanza, R"bash( |
  sed -n 's/.*"archive[.]info":{[^}]*"time":\([0-9]*\).*/\1/p')
[ -n "$seen" ] && [ $(($(date +%s) - seen)) -gt 60 ] || exit "$status"
echo "an earlier stanza-create was interrupted: beginning anew" >&2
for file in archive.info archive.info.copy; do pgbackrest repo-rm )bash",
                options, " archive/", kStanza, R"bash(/$file; done
pgbackrest stanza-create --stanza=)bash",
                kStanza, " ", options, "\n}");
}

// pgBackRest's stanza-create has no --repo: it takes all repositories of its configuration, in
// their order, and ends with the first that it does not reach. So its configuration has this one
// alone. Options of the others are left out line by line, also of the user's files: pgBackRest
// would take any of them for a repository.
std::string stanza_options(const spec::PostgresCluster& cluster, const spec::Repository& repo) {
  const std::string own = repo.name + "-";
  const std::string others = "/^[[:space:]]*repo[0-9]+-/{/^[[:space:]]*" + own + "/!d}";
  std::string words =
      concat("--config=<(sed --regexp-extended '", others, "' /etc/pgbackrest/conf.d/*.conf)");
  // By default a server that does not answer is told after four to nine minutes.
  if (!pgbackrest_of(cluster).global.contains("io-timeout")) words += " --io-timeout=5";
  return words;
}

Command stanza_command(const spec::PostgresCluster& cluster, const spec::Repository& repo) {
  const std::string options = stanza_options(cluster, repo);
  const std::string ours = concat("--stanza=", kStanza, " ", options);
  return {"stanza-create", ours + then_mend(options), kPatienceOfStanza,
          concat("said=$(pgbackrest info ", ours, kIfReadable)};
}

std::string repo_host_selector(const spec::PostgresCluster& cluster) {
  return concat(label::kCluster, "=", cluster.name, ",", label::kPgBackRest, "=,",
                label::kPgBackRestDedicated, "=");
}

void run_in_repo_host(Json& job, const spec::PostgresCluster& cluster, const Command& command) {
  job["command"] = Json::array({"/opt/crunchy/bin/pgbackrest"});
  job["env"] =
      Json::array({variable("COMMAND", command.name), variable("COMMAND_OPTS", command.options),
                   variable("COMPARE_HASH", "true"), variable("CONTAINER", kPgBackRestContainer),
                   variable("NAMESPACE", cluster.namespace_name),
                   variable("SELECTOR", repo_host_selector(cluster))});
}

std::string own_script(const Command& command) {
  return concat(kBeginOfCommand, command.first, "exec pgbackrest ", command.name, " ",
                command.options, "\n}\n", command.patience, kWaitForLock);
}

// Null or what nobody understands makes room: the API server would refuse that.
Json& object_in(Json& object, const char* name) {
  Json& member = object[name];
  if (!member.is_object()) member = Json::object();
  return member;
}

// Kubernetes begins Jobs of schedules by itself, and each Job of an object store has a pod, and
// with it a lock, of its own. So the scheduler places no pod of a backup while another one of this
// cluster has not ended, whoever has made it, also while the operator does not run.
void exclude_each_other(Json& affinity, const spec::PostgresCluster& cluster,
                        const std::string& topology_key) {
  Json selector = match_labels({{label::kCluster, cluster.name}});
  selector["matchExpressions"] =
      Json::array({Json{{"key", label::kPgBackRestBackup}, {"operator", "Exists"}}});
  Json& required =
      object_in(affinity, "podAntiAffinity")["requiredDuringSchedulingIgnoredDuringExecution"];
  if (!required.is_array()) required = Json::array();
  required.push_back({{"labelSelector", std::move(selector)}, {"topologyKey", topology_key}});
}

void place(Json& pod, const spec::PostgresCluster& cluster, const Observed& observed) {
  const std::string& key = observed.backup_topology_key;
  Json affinity = value_of(pgbackrest_of(cluster).jobs.scheduling.affinity);
  if (!affinity.is_object()) affinity = Json::object();
  if (key != kNoTopology)
    exclude_each_other(affinity, cluster, key.empty() ? kOperatingSystem : key);
  if (!affinity.empty()) pod["affinity"] = std::move(affinity);
  if (key.empty()) pod["nodeSelector"] = {{kOperatingSystem, kItsValue}};
}

Json backup_pod(const spec::PostgresCluster& cluster, const Observed& observed,
                const spec::Repository& repo, const Command& command) {
  const spec::BackupJobs& jobs = pgbackrest_of(cluster).jobs;
  Json job =
      container(cluster, kPgBackRestContainer, pgbackrest_image(cluster, observed), jobs.resources);
  if (repo.volume) {
    run_in_repo_host(job, cluster, command);
  } else {
    job["command"] = bash_command("pgbackrest", own_script(command));
  }
  // Why it fails is told in the status and by Events.
  job["terminationMessagePolicy"] = "FallbackToLogsOnError";
  job["volumeMounts"] =
      Json::array({read_only_mount("pgbackrest-config", paths::kPgBackRestConfig), tmp_mount()});
  Json pod = pod_defaults(cluster, observed);
  pod["restartPolicy"] = "Never";
  pod["serviceAccountName"] = names::pgbackrest_account(cluster.name);
  place(pod, cluster, observed);
  set_given(pod, "tolerations", list_of(jobs.scheduling.tolerations));
  set_given(pod, "priorityClassName", jobs.scheduling.priority_class_name);
  // In the same form as in the repository host, which refuses to work while the two differ.
  pod["volumes"] =
      Json::array({repo.volume ? pgbackrest_config_volume(cluster, kRepoHostConf, ServerFiles::kYes)
                               : pgbackrest_config_volume(cluster, kCloudConf, ServerFiles::kNo),
                   tmp_volume()});
  pod["containers"] = Json::array({job});
  return pod;
}

Json job_spec(const spec::PostgresCluster& cluster, const Labels& labels, const Labels& annotations,
              const Json& pod) {
  Labels pod_annotations = annotations;
  pod_annotations[kDefaultContainer] = kPgBackRestContainer;
  Json spec = {{"template",
                {{"metadata",
                  pod_metadata(cluster, &pgbackrest_of(cluster).metadata, labels, pod_annotations)},
                 {"spec", pod}}}};
  if (pgbackrest_of(cluster).jobs.ttl_seconds_after_finished) {
    spec["ttlSecondsAfterFinished"] = *pgbackrest_of(cluster).jobs.ttl_seconds_after_finished;
  }
  return spec;
}

Command command_of(const spec::PostgresCluster& cluster, const spec::Repository& repo,
                   const BackupJob& backup) {
  switch (backup.purpose) {
    case BackupPurpose::kStanza:
      return stanza_command(cluster, repo);
    case BackupPurpose::kExpire:
      return {"expire", backup_options(repo, backup.options)};
    case BackupPurpose::kManual:
    case BackupPurpose::kReplicaCreate:
    case BackupPurpose::kMissingWal:
      break;
  }
  return backup_command(cluster, repo, backup.options);
}

Json cron_job(const spec::PostgresCluster& cluster, const Observed& observed,
              const spec::Repository& repo, const std::string& type, const std::string& schedule) {
  Labels labels = job_labels(cluster, repo.name, "scheduled");
  labels[label::kPgBackRestCronJob] = type;
  const spec::Metadata* component = &pgbackrest_of(cluster).metadata;
  const Json pod =
      backup_pod(cluster, observed, repo, backup_command(cluster, repo, {concat("--type=", type)}));
  const bool has_no_primary = cluster.spec.shutdown || standby_of(cluster, observed) != nullptr;
  Json object =
      owned_object({observed.cron_job_api, "CronJob"}, cluster, observed,
                   names::backup_cron_job(cluster.name, repo.name, type), labels, component);
  object["spec"] = {{"schedule", schedule},
                    {"suspend", has_no_primary || observed.schedules_rest ||
                                    observed.repositories_without_stanza.contains(repo.name)},
                    {"concurrencyPolicy", "Forbid"},
                    {"jobTemplate",
                     {{"metadata", pod_metadata(cluster, component, labels, {})},
                      {"spec", job_spec(cluster, labels, {}, pod)}}}};
  return object;
}

}  // namespace

Json backup_job(const spec::PostgresCluster& cluster, const Observed& observed,
                const BackupJob& backup) {
  const std::vector<spec::Repository>& repos = spec::repositories(cluster);
  const auto repo = std::ranges::find(repos, backup.repo, &spec::Repository::name);
  ANNALS_ASSERT(repo != repos.end(), "no repository ", backup.repo, " in ", cluster.name);
  const Labels labels = job_labels(cluster, backup.repo, purpose_word(backup.purpose));
  Labels annotations;
  if (backup.purpose == BackupPurpose::kManual) {
    annotations[annotation::kPgBackRestBackup] = backup.id;
  } else if (backup.purpose == BackupPurpose::kExpire) {
    annotations[annotation::kPgBackRestExpire] = backup.id;
  } else {
    annotations[annotation::kPgBackRestConfig] =
        repo->volume ? kPgBackRestContainer : kDatabaseContainer;
    annotations[annotation::kPgBackRestHash] = external_repositories_hash(cluster);
  }
  Json object =
      owned_object(kJob, cluster, observed, backup.name, labels, &pgbackrest_of(cluster).metadata);
  for (const auto& [key, value] : annotations) object["metadata"]["annotations"][key] = value;
  const Command command = command_of(cluster, *repo, backup);
  const Json pod = backup_pod(cluster, observed, *repo, command);
  object["spec"] = job_spec(cluster, labels, annotations, pod);
  const bool is_repeated =
      backup.purpose == BackupPurpose::kExpire || backup.purpose == BackupPurpose::kMissingWal;
  if (is_repeated && !pgbackrest_of(cluster).jobs.ttl_seconds_after_finished)
    object["spec"]["ttlSecondsAfterFinished"] = kKeptSeconds;
  // The operator tries it again by itself, and says each time why.
  if (backup.purpose != BackupPurpose::kManual) object["spec"]["backoffLimit"] = 0;
  return object;
}

std::string backup_job_manifest(const spec::PostgresCluster& cluster, const Observed& observed,
                                const BackupJob& backup) {
  return canonical(backup_job(cluster, observed, backup));
}

std::vector<Json> backup_cron_jobs(const spec::PostgresCluster& cluster, const Observed& observed) {
  std::vector<Json> jobs;
  for (const spec::Repository& repo : spec::repositories(cluster)) {
    const auto add = [&](const char* type, const std::string& schedule) {
      if (!schedule.empty()) jobs.push_back(cron_job(cluster, observed, repo, type, schedule));
    };
    add("full", repo.schedules.full);
    add("diff", repo.schedules.differential);
    add("incr", repo.schedules.incremental);
  }
  return jobs;
}

}  // namespace annals::manifests
