#include "spec/backups.h"

#include "spec/fields.h"
#include "spec/pgbackrest_option_rules.h"

namespace annals::spec {
namespace {

constexpr std::int32_t kJobTtlMin = 60;

}  // namespace

void describe(Fields& fields, BackupJobs& jobs) {
  describe_resources(fields, jobs.resources);
  describe_scheduling(fields, jobs.scheduling, Spread::kNo);
  fields.number("ttlSecondsAfterFinished", jobs.ttl_seconds_after_finished);
  fields.check(!jobs.ttl_seconds_after_finished || *jobs.ttl_seconds_after_finished >= kJobTtlMin,
               "ttlSecondsAfterFinished", "give 60 or more");
  fields.not_yet("log", jobs.log);
  fields.not_yet("volumes", jobs.volumes);
}

void describe(Fields& fields, ManualBackup& manual) {
  fields.require("repoName", "choose from repo1 to repo4");
  describe_repo_name(fields, manual.repo_name);
  fields.texts("options", manual.options);
}

void describe(Fields& fields, RepoHost& host) {
  describe_resources(fields, host.resources);
  describe_scheduling(fields, host.scheduling, Spread::kYes);
  fields.not_yet("log", host.log);
  fields.not_yet("volumes", host.volumes);
  fields.not_yet("sshConfigMap", host.ssh_config_map);
  fields.not_yet("sshSecret", host.ssh_secret);
}

void describe(Fields& fields, BackupSidecars& sidecars) {
  fields.part("pgbackrest", sidecars.pgbackrest);
  fields.part("pgbackrestConfig", sidecars.pgbackrest_config);
}

void describe(Fields& fields, PgBackRest& pgbackrest) {
  fields.part("metadata", pgbackrest.metadata);
  fields.text("image", pgbackrest.image);
  fields.opaque("configuration", pgbackrest.configuration, Shape::kArray);
  fields.map("global", pgbackrest.global);
  fields.part("jobs", pgbackrest.jobs);
  fields.part("manual", pgbackrest.manual);
  fields.part("repoHost", pgbackrest.repo_host);
  fields.require("repos", "define at least one repository");
  fields.parts("repos", pgbackrest.repos, Keyed::kByName);
  fields.check(!fields.has_empty_list("repos"), "repos", "define at least one repository");
  fields.part("restore", pgbackrest.restore);
  fields.part("sidecars", pgbackrest.sidecars);
  fields.not_yet("log", pgbackrest.log);
  check_pgbackrest_options(fields, pgbackrest);
}

void describe(Fields& fields, Backups& backups) {
  fields.part("pgbackrest", backups.pgbackrest);
  fields.not_yet("snapshots", backups.snapshots);
}

}  // namespace annals::spec
