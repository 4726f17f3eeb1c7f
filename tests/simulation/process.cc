#include "tests/simulation/process.h"

#include <chrono>
#include <utility>

#include "base/concat.h"
#include "fsm/text/sentence.h"
#include "fsm/view/repository_writers.h"
#include "tests/simulation/deeds.h"
#include "tests/simulation/manifest_text.h"
#include "tests/simulation/renderings.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

constexpr Duration kLeaseDuration = 15s;
constexpr Duration kRenewDeadline = 10s;
// Runs are short; with this most of them have snapshots, and what is behind them.
constexpr int kRecordsPerSnapshot = 30;
// Of recoveries, by the journal's length: folded from the beginning as well.
constexpr std::size_t kFullCheckEvery = 4;

// A status is written for the version that its sender has just seen.
Version version_before(const ApiServer& server, const fsm::Action& action) {
  const auto* status = std::get_if<fsm::PatchStatus>(&action);
  const Snapshot object = status == nullptr ? nullptr : server.find(key_of(status->ref));
  return object == nullptr ? 0 : object->version;
}

bool is_overtaken(const ApiServer& server, const fsm::Action& action, Version seen) {
  return seen != 0 && version_before(server, action) != seen;
}

fsm::Outcome refused(fsm::IntentId intent, std::string why) {
  fsm::Outcome outcome;
  outcome.intent = intent;
  outcome.status = fsm::OutcomeStatus::kFailed;
  outcome.detail = std::move(why);
  return outcome;
}

}  // namespace

fsm::OperatorConfigured configuration() {
  return {.version = "simulated",
          .name_space = "operators",
          .images = {{"RELATED_IMAGE_POSTGRES_15", "postgres:15"},
                     {"RELATED_IMAGE_POSTGRES_16", "postgres:16"},
                     {"RELATED_IMAGE_PGBACKREST", "pgbackrest:2"},
                     {"RELATED_IMAGE_PGBOUNCER", "pgbouncer:1"}},
          .behaviour = fsm::kBehaviour,
          .served = {{"CronJob", "batch/v1"}, {"PodDisruptionBudget", "policy/v1"}}};
}

Process::Process(World& world, Disk& disk, Keeper& keeper, std::string identity, Random random)
    : world_(world),
      disk_(disk),
      keeper_(keeper),
      identity_(std::move(identity)),
      random_(random),
      clock_(world.schedule),
      journal_(disk, world.fault_state, random_.fork(), journal_hooks()),
      shell_({.journal = journal_,
              .runner = *this,
              .clock = clock_,
              .log = {},
              .may_write = [this] { return leads(); },
              .records_per_snapshot = kRecordsPerSnapshot,
              .records_of_evicted = kRecordsPerSnapshot,
              .renderings = &shared_renderings()}),
      watches_(world, shell_, random_.fork(), [this](Duration delay, std::function<void()> work) {
        later(delay, std::move(work));
      }) {}

Process::~Process() = default;

JournalHooks Process::journal_hooks() {
  return {.boundary = [this](const char* what) { return keeper_.boundary(*this, what); },
          .later = [this](Duration delay,
                          std::function<void()> work) { later(delay, std::move(work)); },
          .failed =
              [this](const std::string& why) {
                if (!alive_) return;
                keeper_.ended(*this, concat("the journal has failed: ", why));
              },
          .now = [this] { return clock_.now(); },
          .steady = [this] { return clock_.steady(); }};
}

// Work of a process happens while it lives, and not while it stands still.
void Process::later(Duration delay, std::function<void()> work) {
  world_.schedule.after(delay, [this, work = std::move(work)]() mutable {
    if (!alive_) return;
    const Timestamp now = world_.schedule.now();
    if (now < paused_until_) return later(paused_until_ - now, std::move(work));
    work();
    if (!alive_) return;
    set_timer();
    keeper_.turned(*this);
  });
}

void Process::start() {
  later(random_.between(50ms, 2s), [this] {
    if (!keeper_.boundary(*this, "boot")) return;
    recover();
    lead_when_free();
  });
}

void Process::recover() {
  Folded folded = fold(disk_, FoldFrom::kSnapshots);
  for (const std::string& trouble : folded.troubles) world_.accuse("I3", trouble);
  if (!folded.unreadable.empty()) world_.accuse("I5", folded.unreadable);
  if (disk_.frames().size() % kFullCheckEvery == 0) check_recovery(folded);
  if (disk_.frames().size() < disk_.acknowledged())
    world_.accuse("I5", "an acknowledged record is not there after a crash");
  epoch_ = folded.epoch;
  for (auto& [uid, state] : folded.states) shell_.recover(std::move(state));
}

// Without its snapshots the journal tells the same.
void Process::check_recovery(const Folded& folded) {
  const Folded whole = fold(disk_);
  for (const std::string& trouble : whole.troubles) world_.accuse("I3", trouble);
  if (whole.states.size() != folded.states.size())
    world_.accuse("I6", "snapshots lead to other clusters");
  for (const auto& [uid, state] : whole.states) {
    const auto same = folded.states.find(uid);
    const std::string where = same == folded.states.end() ? "" : difference(state, same->second);
    if (!where.empty())
      world_.accuse("I6", concat("the snapshot of ", to_string(uid), " leads elsewhere: ", where));
  }
}

// The lease is free when its holder gave no sign for its whole duration.
void Process::lead_when_free() {
  Lease& lease = world_.lease;
  const Timestamp now = world_.schedule.now();
  if (!lease.holder.empty() && !lease.last_renewal) {
    lease.waiting.emplace_back([this] { later(0us, [this] { lead_when_free(); }); });
    return;
  }
  const Timestamp free_at = lease.holder.empty() ? now : *lease.last_renewal + kLeaseDuration;
  if (now < free_at || world_.fault_state.api_down) {
    const Duration wait = std::max<Duration>(free_at - now, 2s);
    return later(wait, [this] { lead_when_free(); });
  }
  lease.holder = identity_;
  lease.epoch = std::max(lease.epoch, epoch_).next();
  lease.last_renewal.reset();
  epoch_ = lease.epoch;
  world_.note(identity_, " leads in epoch ", to_string(epoch_));
  fsm::OperatorConfigured configured = configuration();
  if (world_.followers.is_guarded()) configured.standby_promotion = fsm::kPromotionGuarded;
  shell_.start(epoch_, identity_, std::move(configured));
  if (!alive_) return;
  watches_.start();
}

bool Process::leads() const {
  const bool in_office = !renewed_ || world_.schedule.now() < *renewed_ + kRenewDeadline;
  return alive_ && world_.lease.holder == identity_ && world_.lease.epoch == epoch_ && in_office;
}

void Process::stop_renewing() {
  Lease& lease = world_.lease;
  if (lease.holder != identity_ || lease.epoch != epoch_ || lease.last_renewal) return;
  lease.last_renewal = renewed_ = world_.schedule.now();
  for (const auto& told : std::exchange(lease.waiting, {})) told();
}

void Process::crash(std::size_t kept) {
  stop_renewing();
  alive_ = false;
  journal_.crash(kept);
}

void Process::pause(Duration length) {
  paused_until_ = std::max(paused_until_, world_.schedule.now() + length);
  if (!leads()) return;
  // It cannot renew meanwhile. When it wakes up too late it finds that out and ends.
  stop_renewing();
  // And some time later: what came in meanwhile is handled before.
  later(length + random_.between(10ms, 400ms), [this] {
    if (!leads()) return keeper_.ended(*this, "the lease is lost");
    renewed_.reset();
    world_.lease.last_renewal.reset();
  });
}

void Process::changed(const std::string& kind) {
  if (alive_) watches_.changed(kind);
}

void Process::set_timer() {
  const std::optional<Timestamp> due = shell_.next_due();
  if (!due || (timer_ && *timer_ <= *due)) return;
  timer_ = due;
  const Duration wait = std::max<Duration>(*due - clock_.now(), 0us);
  later(wait + random_.between(0us, 100ms), [this, due = *due] {
    if (timer_ != due) return;  // an earlier one has taken its place
    timer_.reset();
    shell_.fire_timers();
  });
}

// By what it knows: of two that were begun by requests of a process that died the scheduler runs
// one at a time.
void Process::check_one_writer(const fsm::ApplyObject& job,
                               const actions::ClusterIdentity& cluster) const {
  shell_.each([&](const fsm::ClusterState& state) {
    if (state.uid != cluster.uid) return;
    const fsm::Wait wait = fsm::no_other_writer(state, job.ref.name);
    if (!wait.satisfied)
      world_.accuse("one writer", concat(job.ref.name, " is begun and has to wait for ",
                                         sentence(wait.waits_for)));
  });
}

void Process::check_before_sending(const fsm::Intent& intent,
                                   const actions::ClusterIdentity& cluster) {
  const std::string target = fsm::target_of(intent.action);
  if (!disk_.holds_intent(cluster.uid, intent.id, epoch_))
    world_.accuse("I1", concat(target, " is sent and its intent is not durable"));
  if (world_.lease.holder != identity_ || world_.lease.epoch != epoch_)
    world_.accuse("I1", concat(target, " is sent by a process that does not lead"));
  if (!watches_.all_listed())
    world_.accuse("I9", concat(target, " is sent before everything was listed"));
  const auto* apply = std::get_if<fsm::ApplyObject>(&intent.action);
  if (apply != nullptr && apply->ref.kind == "Job" &&
      !label(apply->manifest, "pgbackrest-backup").empty())
    check_one_writer(*apply, cluster);
}

void Process::carry_out(fsm::Intent intent, actions::ClusterIdentity cluster, Ended ended) {
  if (!keeper_.boundary(*this, "send")) return;
  check_before_sending(intent, cluster);
  // An object that vanishes while it is written is written again, and who is behind a long history
  // sees it vanish several times at once; more than that is a flood.
  const std::string target = concat(to_string(cluster.uid), " ", fsm::target_of(intent.action));
  if (++on_the_way_[target] > 5) world_.accuse("bounds", concat(target, " is written by many"));
  ended = [this, target, told = std::move(ended)](fsm::Outcome outcome) {
    on_the_way_[target] -= 1;
    const bool done = outcome.status == fsm::OutcomeStatus::kDone;
    Failures& failures = failures_[target];
    if (done) failures = {};
    if (failures.count++ == 0) failures.since = world_.schedule.now();
    const bool has_paused = world_.schedule.now() - failures.since > 20min;
    if (failures.count > 40 && !has_paused)
      world_.accuse("bounds", concat(target, " is tried again without a pause"));
    told(std::move(outcome));
  };
  const std::optional<RequestFault> fault = keeper_.next_request();
  send(intent, cluster, ended, fault);
  if (fault == RequestFault::kTwice) send(intent, cluster, [](const fsm::Outcome&) {}, {});
}

// The request travels on its own: it may arrive after its sender has died.
void Process::send(const fsm::Intent& intent, const actions::ClusterIdentity& cluster,
                   const Ended& ended, std::optional<RequestFault> fault) {
  Duration way = random_.between(1ms, 25ms);
  const Version seen = version_before(world_.server, intent.action);
  if (fault == RequestFault::kLate) {
    way = random_.between(10s, 40s);
    fsm::Outcome unknown{.intent = intent.id,
                         .status = fsm::OutcomeStatus::kUnknown,
                         .detail = "no answer within 5 s",
                         .uid = {},
                         .digest = {},
                         .fields = {},
                         .version = 0};
    answer(std::move(unknown), ended, 5s);
  }
  world_.schedule.after(way, [this, intent, cluster, ended, fault, seen] {
    fsm::Outcome outcome{.intent = intent.id,
                         .status = fsm::OutcomeStatus::kFailed,
                         .detail = {},
                         .uid = {},
                         .digest = {},
                         .fields = {},
                         .version = 0};
    Duration delay = random_.between(1ms, 25ms);
    if (fault && *fault <= RequestFault::kUnavailable) {
      outcome.detail = to_string(Fault{.kind = FaultKind::kRequest,
                                       .at = 0,
                                       .argument = static_cast<std::uint64_t>(*fault),
                                       .length_ms = 0});
      return answer(std::move(outcome), ended, delay);
    }
    if (fault == RequestFault::kLost || world_.fault_state.api_down) {
      outcome.status = fsm::OutcomeStatus::kUnknown;
      outcome.detail = "no answer within 5 s";
      return answer(std::move(outcome), ended, 5s);
    }
    outcome = is_overtaken(world_.server, intent.action, seen)
                  ? refused(intent.id, "409: the object has been modified")
                  : simulation::carry_out(world_, intent, cluster);
    world_.note(identity_, ": ", fsm::target_of(intent.action), " -> ",
                outcome.status == fsm::OutcomeStatus::kDone ? "done" : outcome.detail);
    if (fault == RequestFault::kLate) return;
    if (alive_ && !keeper_.boundary(*this, "done")) return;
    if (fault == RequestFault::kAnswerLost || fault == RequestFault::kGatewayTimeout) {
      outcome = {.intent = intent.id,
                 .status = fsm::OutcomeStatus::kUnknown,
                 .detail = "the answer is lost",
                 .uid = {},
                 .digest = {},
                 .fields = {},
                 .version = 0};
      delay = 5s;
    }
    if (fault == RequestFault::kSlow || world_.fault_state.api_slow)
      delay += random_.between(1s, 20s);
    if (outcome.standby && outcome.standby->source.state != fsm::SourceState::kNotAsked)
      delay += world_.network.delay();
    answer(std::move(outcome), ended, delay);
  });
}

void Process::answer(fsm::Outcome outcome, const Ended& ended, Duration delay) {
  later(delay, [this, ended, outcome = std::move(outcome)]() mutable {
    if (!keeper_.boundary(*this, "answer")) return;
    ended(std::move(outcome));
  });
}

}  // namespace annals::simulation
