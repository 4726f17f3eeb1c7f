#include "tests/integration/replay/recorder.h"

#include <chrono>

#include "base/assert.h"
#include "base/sha256.h"
#include "fsm/codec/codec.h"
#include "history/history.h"
#include "history/snapshots.h"

namespace annals::replay {
namespace {

using namespace std::chrono_literals;

journal::Entry entry_of(Epoch epoch, const ClusterUid& cluster, fsm::Encoded encoded,
                        journal::Cause cause) {
  return {.epoch = epoch,
          .cluster = cluster,
          .kind = history::journal_kind(encoded.kind),
          .type = std::move(encoded.type),
          .cause = cause,
          .blobs = {},
          .payload = std::move(encoded.payload)};
}

const std::string* manifest_of(const fsm::Action& action) {
  if (const auto* apply = std::get_if<fsm::ApplyObject>(&action)) return &apply->manifest;
  if (const auto* status = std::get_if<fsm::PatchStatus>(&action)) return &status->manifest;
  return nullptr;
}

journal::Batch batch_of(Epoch epoch, const ClusterUid& cluster, Sequence cause,
                        const fsm::Step& step) {
  journal::Batch batch;
  auto intent = step.intents.begin();
  for (const fsm::Decision& decision : step.decisions) {
    const std::size_t decided = batch.entries.size();
    batch.entries.push_back(
        entry_of(epoch, cluster, fsm::encode(decision), journal::Cause::of(cause)));
    for (std::size_t i = 0; i < decision.intents.size(); ++i, ++intent) {
      journal::Entry entry =
          entry_of(epoch, cluster, fsm::encode(*intent), journal::Cause::in_batch(decided));
      if (const std::string* manifest = manifest_of(intent->action)) {
        entry.blobs.push_back(sha256(*manifest));
        batch.blobs.push_back(*manifest);
      }
      batch.entries.push_back(std::move(entry));
    }
  }
  return batch;
}

}  // namespace

Recorder::Recorder(const std::string& directory)
    : clock_(std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}) {
  journal::Options options;
  options.directory = directory;
  options.clock = &clock_;
  Result<std::unique_ptr<journal::Journal>> opened = journal::Journal::open(std::move(options));
  ANNALS_ASSERT(opened.has_value(), to_string(opened.error()));
  journal_ = std::move(*opened);
}

std::vector<journal::Record> Recorder::append(journal::Batch batch) {
  Result<std::vector<journal::Record>> records = journal_->append_and_wait(std::move(batch));
  ANNALS_ASSERT(records.has_value(), to_string(records.error()));
  return std::move(*records);
}

// The input made durable and run; nothing of what follows is recorded.
Sequence Recorder::take_in(const ClusterUid& cluster, const fsm::Input& input, Sequence cause,
                           fsm::Step& step) {
  clock_.advance(1ms);
  journal::Batch batch;
  batch.entries.push_back(
      entry_of(Epoch(epoch_), cluster, fsm::encode(input), journal::Cause::of(cause)));
  const journal::Record record = append(std::move(batch)).front();
  Result<fsm::Event> event = history::event_of(record);
  ANNALS_ASSERT(event.has_value(), to_string(event.error()));
  Cluster& known = clusters_.at(cluster);
  step = fsm::step(std::move(known.state), *event);
  known.state = step.state;
  return record.seq;
}

Sequence Recorder::tell(const ClusterUid& cluster, fsm::Input input, Sequence cause) {
  fsm::Step step;
  const Sequence seq = take_in(cluster, input, cause, step);
  Cluster& known = clusters_.at(cluster);
  journal::Batch batch = batch_of(Epoch(epoch_), cluster, seq, step);
  known.since_snapshot += 1 + static_cast<int>(batch.entries.size());
  if (records_per_snapshot > 0 && known.since_snapshot >= records_per_snapshot) {
    known.since_snapshot = 0;
    batch.snapshots.push_back(history::snapshot_of(known.state, seq));
  }
  if (batch.entries.empty() && batch.snapshots.empty()) return seq;
  auto intent = step.intents.begin();
  for (const journal::Record& record : append(std::move(batch))) {
    if (record.kind == journal::Kind::kIntent)
      known.asked.emplace_back(std::move(*intent++), record.seq);
  }
  return seq;
}

void Recorder::tell_and_crash(const ClusterUid& cluster, fsm::Input input) {
  fsm::Step step;
  take_in(cluster, input, {}, step);
}

fsm::Outcome Recorder::end(const fsm::Intent& intent) const {
  fsm::Outcome outcome;
  outcome.intent = intent.id;
  const std::string target = fsm::target_of(intent.action);
  const auto failure = failures.find(target);
  if (failure != failures.end()) {
    outcome.status = fsm::OutcomeStatus::kFailed;
    outcome.detail = failure->second;
    return outcome;
  }
  outcome.uid = "uid-of-" + target;
  outcome.digest = sha256_hex(target);
  if (target.starts_with("Service/") && target.ends_with("-ha"))
    outcome.fields.service.edit().cluster_ip = "10.0.0.7";
  return outcome;
}

void Recorder::carry_out() {
  for (auto& [uid, cluster] : clusters_) {
    for (int rounds = 0; !cluster.asked.empty() && rounds < 100; ++rounds) {
      for (const auto& [intent, seq] : std::exchange(cluster.asked, {}))
        tell(uid, end(intent), seq);
    }
  }
}

void Recorder::introduce(const ClusterUid& cluster) {
  clusters_.at(cluster).asked.clear();
  tell(cluster, fsm::OperatorStarted{.identity = concat("pod-", epoch_), .journal_reset = false});
  tell(cluster, fsm::OperatorConfigured{.version = "test",
                                        .name_space = "operators",
                                        .images = {{"RELATED_IMAGE_POSTGRES_15", "postgres:15"},
                                                   {"RELATED_IMAGE_PGBACKREST", "pgbackrest"}},
                                        .behaviour = behaviour});
}

fsm::SpecObserved Recorder::spec_of(const std::string& name) const {
  return {
      .name_space = "ns",
      .name = name,
      .generation = 1,
      .deleting = false,
      .resource = concat(R"({"metadata":{"name":")", name,
                         R"(","namespace":"ns"},"spec":{"postgresVersion":15,"instances":[)",
                         R"({"name":"instance1","dataVolumeClaimSpec":{"accessModes":)",
                         R"(["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]}})"),
      .actor = {.manager = "kubectl", .operation = "Apply", .time = "2026-01-02T00:00:00Z"}};
}

ClusterUid Recorder::create(const std::string& name) {
  const ClusterUid cluster(concat("uid-", clusters_.size() + 1, "-of-", name));
  clusters_[cluster] = {
      .name = name, .state = fsm::initial_state(cluster), .since_snapshot = 0, .asked = {}};
  introduce(cluster);
  tell(cluster, spec_of(name));
  tell(cluster, fsm::Synced{});
  carry_out();
  return cluster;
}

void Recorder::start_operator() {
  epoch_ += 1;
  for (auto& [uid, cluster] : clusters_) {
    introduce(uid);
    tell(uid, spec_of(cluster.name));
    tell(uid, fsm::Synced{});
  }
  carry_out();
}

void Recorder::primary_is_ready(const ClusterUid& cluster) {
  fsm::PodObserved pod;
  pod.instance = state(cluster).instances.at("instance1").front();
  pod.name = pod.instance + "-0";
  pod.uid = "uid-of-pod";
  pod.phase = "Running";
  pod.role = "master";
  pod.ready = true;
  tell(cluster, pod);
  carry_out();
}

std::vector<ClusterUid> Recorder::clusters() const {
  std::vector<ClusterUid> all;
  for (const auto& [uid, cluster] : clusters_) all.push_back(uid);
  return all;
}

}  // namespace annals::replay
