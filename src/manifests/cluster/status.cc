#include "manifests/cluster/status.h"

#include <concepts>
#include <string_view>
#include <utility>

#include "manifests/json.h"

namespace annals::manifests {
namespace {

// Canonical JSON, written as it comes: a status follows nearly every fact, and a tree of values
// for each was a fifth of a replay's time. Members stand in the order of their names.
class Text {
 public:
  Text() { text_.reserve(kUsualLength); }

  std::string take() && { return std::move(text_); }

  Text& open(char bracket) {
    separate();
    text_ += bracket;
    first_ = true;
    return *this;
  }
  Text& close(char bracket) {
    text_ += bracket;
    first_ = false;
    return *this;
  }
  // The name of a member, which is as it stands in JSON; its value follows.
  Text& name(std::string_view name) {
    separate();
    text_ += '"';
    text_ += name;
    text_ += "\":";
    first_ = true;
    return *this;
  }
  Text& value(std::string_view text) {
    separate();
    append_quoted(text_, text);
    return *this;
  }
  Text& value(const char* text) { return value(std::string_view(text)); }
  Text& value(bool flag) {
    separate();
    text_ += flag ? "true" : "false";
    return *this;
  }
  template <std::signed_integral Number>
  Text& value(Number number) {
    separate();
    text_ += std::to_string(number);
    return *this;
  }

 private:
  void separate() {
    if (!first_) text_ += ',';
    first_ = false;
  }

  static constexpr std::size_t kUsualLength = 2048;

  std::string text_;
  bool first_ = true;  // no comma before what comes next
};

void add(Text& text, const StatusCondition& condition, std::int64_t generation) {
  text.open('{').name("lastTransitionTime").value(condition.last_transition_time);
  text.name("message").value(condition.message);
  text.name("observedGeneration").value(generation);
  text.name("reason").value(condition.reason);
  text.name("status").value(condition.status ? "True" : "False");
  text.name("type").value(condition.type).close('}');
}

void add(Text& text, const InstanceSetStatus& set) {
  text.open('{').name("name").value(set.name);
  text.name("readyReplicas").value(set.ready_replicas);
  text.name("replicas").value(set.replicas).close('}');
}

void add_given(Text& text, const char* name, const std::string& value) {
  if (!value.empty()) text.name(name).value(value);
}

void add_given(Text& text, const char* name, std::int64_t value) {
  if (value != 0) text.name(name).value(value);
}

void add(Text& text, const BackupSetStatus& backup) {
  text.open('{');
  if (backup.faulty) text.name("faulty").value(true);
  text.name("label").value(backup.label);
  add_given(text, "size", backup.size);
  add_given(text, "startTime", backup.start_time);
  add_given(text, "stopTime", backup.stop_time);
  add_given(text, "type", backup.type);
  text.close('}');
}

void add(Text& text, const LastWalStatus& wal) {
  text.open('{').name("name").value(wal.name);
  add_given(text, "time", wal.time);
  text.close('}');
}

void add(Text& text, const MissingWalStatus& wal) {
  text.open('{');
  add_given(text, "after", wal.after);
  text.name("first").value(wal.first);
  text.name("last").value(wal.last);
  add_given(text, "restorableFrom", wal.restorable_from);
  text.close('}');
}

void add(Text& text, const RepositoryErrorStatus& error) {
  text.open('{').name("message").value(error.message);
  text.name("time").value(error.time).close('}');
}

void add(Text& text, const RepositoryContentsStatus& contents) {
  text.open('{').name("backups").open('[');
  for (const BackupSetStatus& backup : contents.backups) add(text, backup);
  text.close(']');
  add_given(text, "growthPerDay", contents.growth_per_day);
  if (contents.last_wal) {
    text.name("lastArchivedWAL");
    add(text, *contents.last_wal);
  }
  text.name("lookedAt").value(contents.looked_at);
  if (!contents.missing_wal.empty()) {
    text.name("missingWAL").open('[');
    for (const MissingWalStatus& wal : contents.missing_wal) add(text, wal);
    text.close(']');
  }
  add_given(text, "newestRestorableTime", contents.newest_restorable_time);
  add_given(text, "oldestRestorableTime", contents.oldest_restorable_time);
  add_given(text, "size", contents.size);
  add_given(text, "trouble", contents.trouble);
  text.close('}');
}

void add(Text& text, const VerifiedBackupStatus& backup) {
  text.open('{');
  add_given(text, "answer", backup.answer);
  add_given(text, "checks", backup.checks);
  add_given(text, "databases", backup.databases);
  text.name("label").value(backup.label);
  add_given(text, "lastTransaction", backup.last_transaction);
  if (backup.age) text.name("newestRowAgeSeconds").value(*backup.age);
  add_given(text, "rows", backup.rows);
  add_given(text, "seconds", backup.seconds);
  add_given(text, "tables", backup.tables);
  add_given(text, "type", backup.type);
  text.name("verifiedAt").value(backup.verified_at);
  add_given(text, "walEnd", backup.wal_end);
  text.close('}');
}

void add(Text& text, const RepositoryStatus& repo) {
  text.open('{');
  if (repo.volume) text.name("bound").value(!repo.volume->empty());
  if (repo.contents) {
    text.name("contents");
    add(text, *repo.contents);
  }
  if (repo.last_error) {
    text.name("lastError");
    add(text, *repo.last_error);
  }
  if (repo.verified) {
    text.name("lastVerifiedBackup");
    add(text, *repo.verified);
  }
  text.name("name").value(repo.name);
  text.name("replicaCreateBackupComplete").value(repo.replica_create_backup_complete);
  add_given(text, "repoOptionsHash", repo.repo_options_hash);
  text.name("stanzaCreated").value(repo.stanza_created);
  add_given(text, "volume", repo.volume.value_or(""));
  text.close('}');
}

// "2/3": what kubectl shows in one column.
std::string instances_ready(const std::vector<InstanceSetStatus>& sets) {
  int ready = 0;
  int replicas = 0;
  for (const InstanceSetStatus& set : sets) {
    ready += set.ready_replicas;
    replicas += set.replicas;
  }
  return std::to_string(ready) + "/" + std::to_string(replicas);
}

void add_patroni(Text& text, const StatusDocument& status) {
  if (status.primary.empty() && status.system_identifier.empty()) return;
  text.name("patroni").open('{');
  if (!status.primary.empty()) text.name("primary").value(status.primary);
  if (!status.system_identifier.empty())
    text.name("systemIdentifier").value(status.system_identifier);
  text.close('}');
}

void add(Text& text, const RequestedJobStatus& requested) {
  text.open('{');
  add_given(text, "active", requested.job.active);
  add_given(text, "completionTime", requested.job.completion_time);
  add_given(text, "failed", requested.job.failed);
  text.name("finished").value(requested.finished);
  text.name("id").value(requested.id);
  add_given(text, "startTime", requested.job.start_time);
  add_given(text, "succeeded", requested.job.succeeded);
  text.close('}');
}

void add(Text& text, const ScheduledBackupStatus& backup) {
  text.open('{');
  add_given(text, "active", backup.job.active);
  add_given(text, "completionTime", backup.job.completion_time);
  text.name("cronJobName").value(backup.cron_job);
  add_given(text, "failed", backup.job.failed);
  text.name("repo").value(backup.repo);
  add_given(text, "startTime", backup.job.start_time);
  add_given(text, "succeeded", backup.job.succeeded);
  text.name("type").value(backup.type).close('}');
}

void add_pgbackrest(Text& text, const StatusDocument& status) {
  if (status.repositories.empty()) return;
  text.name("pgbackrest").open('{');
  if (status.expire) {
    text.name("expire");
    add(text, *status.expire);
  }
  if (status.manual_backup) {
    text.name("manualBackup");
    add(text, *status.manual_backup);
  }
  if (status.has_repository_host) {
    text.name("repoHost").open('{').name("apiVersion").value("apps/v1");
    text.name("kind").value("StatefulSet");
    text.name("ready").value(status.repository_host_ready).close('}');
  }
  text.name("repos").open('[');
  for (const RepositoryStatus& repo : status.repositories) add(text, repo);
  text.close(']');
  if (status.restore) {
    text.name("restore");
    add(text, *status.restore);
  }
  if (status.drill) {
    text.name("restoreDrill");
    add(text, *status.drill);
  }
  if (!status.scheduled_backups.empty()) {
    text.name("scheduledBackups").open('[');
    for (const ScheduledBackupStatus& backup : status.scheduled_backups) add(text, backup);
    text.close(']');
  }
  text.close('}');
}

void add_standby(Text& text, const StatusDocument& status) {
  if (!status.standby) return;
  const StandbyStatus& its = *status.standby;
  text.name("standby").open('{');
  if (its.lag_bytes) text.name("lagBytes").value(*its.lag_bytes);
  add_given(text, "lastReceived", its.last_received);
  add_given(text, "lastTransaction", its.last_transaction);
  add_given(text, "receivedLSN", its.received_lsn);
  if (its.replay_lag_seconds) text.name("replayLagSeconds").value(*its.replay_lag_seconds);
  add_given(text, "replayedLSN", its.replayed_lsn);
  add_given(text, "source", its.source);
  add_given(text, "state", its.state);
  add_given(text, "systemIdentifier", its.system_identifier);
  add_given(text, "timeline", its.timeline);
  text.close('}');
}

void add(Text& text, const ShutdownReceiptStatus& receipt) {
  text.name("shutdownReceipt").open('{');
  text.name("checkpoint").value(receipt.checkpoint).name("end").value(receipt.end);
  text.name("repositories").open('[');
  for (const std::string& repo : receipt.repositories) text.value(repo);
  text.close(']').name("systemIdentifier").value(receipt.system_identifier);
  text.name("time").value(receipt.time).name("timeline").value(receipt.timeline).close('}');
}

}  // namespace

std::string status_manifest(const StatusDocument& status) {
  return status_manifest(status, status.conditions);
}

std::string status_manifest(const StatusDocument& status,
                            const std::vector<StatusCondition>& conditions) {
  Text text;
  text.open('{').name("apiVersion").value("postgres-operator.crunchydata.com/v1beta1");
  text.name("kind").value("PostgresCluster");
  text.name("metadata").open('{').name("name").value(status.name);
  text.name("namespace").value(status.name_space).close('}');
  text.name("status").open('{').name("conditions").open('[');
  for (const StatusCondition& condition : conditions)
    add(text, condition, status.observed_generation);
  text.close(']');
  add_given(text, "databaseInitSQL", status.database_init_sql);
  text.name("instances").open('[');
  for (const InstanceSetStatus& set : status.instances) add(text, set);
  text.close(']').name("instancesReady").value(instances_ready(status.instances));
  text.name("observedGeneration").value(status.observed_generation);
  add_patroni(text, status);
  add_pgbackrest(text, status);
  add_standby(text, status);
  if (status.shutdown_receipt) add(text, *status.shutdown_receipt);
  text.close('}').close('}');
  return std::move(text).take();
}

}  // namespace annals::manifests
