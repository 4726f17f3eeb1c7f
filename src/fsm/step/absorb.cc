#include "fsm/step/absorb.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/concat.h"
#include "fsm/model/behaviour.h"
#include "fsm/step/absorb_looks.h"
#include "fsm/step/events.h"
#include "fsm/view/restore_permit.h"
#include "fsm/view/restore_progress.h"
#include "manifests/names.h"
#include "spec/changes.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirstRetry = 1s;
constexpr auto kLastRetry = 60s;
constexpr auto kLastRetryOfRefused = 10min;

// 1 s, 2 s, 4 s, ... and at last this long.
Duration retry_delay(int failures, Duration last) {
  const int doublings = std::min(failures - 1, 10);
  return std::min<Duration>(kFirstRetry * (1 << doublings), last);
}

// A process has started: whatever its predecessor had asked for may or may not have happened, and
// what it knew of the world is old. Intents are idempotent and the world is about to be listed, so
// the machines simply look again: until they are told Synced, what is known may be outdated.
void take(ClusterState& state, const OperatorStarted& started) {
  // What is there was made by others, as far as this journal knows.
  if (started.journal_reset) state.operator_changed = true;
  for (const auto& [id, action] : state.pending) state.written.erase(target_of(action));
  state.pending.clear();
  state.retries.clear();
  state.counters = {};
  state.foreign_from.reset();
  state.refused.clear();
  state.synced = false;
  if (!started.state_carried_over) {
    state.objects.clear();
    state.pods.clear();
  }
  state.members.reset();
  // What a predecessor was told of a source may be otherwise by now.
  if (state.standby) state.standby->promotion.clear();
  if (state.role.successor) state.role.successor->at = {};
  state.server_trouble.clear();  // of which this process has no experience yet
  state.rendered.reset();
}

// These rules begin: what was asked for by others is told apart from now on.
void take_up(ClusterState& state) {
  for (auto& [target, asked] : state.asked_before) {
    const auto written = state.written.find(target);
    if (written != state.written.end()) written->second.asked = std::move(asked);
  }
  state.asked_before.clear();
}

// Another version may render another pod; by itself that is no reason to restart one.
void take(ClusterState& state, const OperatorConfigured& config) {
  if (state.config && *state.config != config) state.operator_changed = true;
  state.config = config;
  if (config.behaviour == kBehaviour) take_up(state);
  state.rendered.reset();
}

std::string writer_of(const Actor& actor) {
  if (actor.manager.empty()) return {};
  return concat(actor.manager, " (", actor.operation, " at ", actor.time, ")");
}

// A list may come from a replica that is behind. After a start the first one counts, whatever it
// says: etcd may have been restored from a backup.
bool is_older(const ClusterState& state, const SpecObserved& spec) {
  return state.synced && state.spec && spec.generation < state.spec->generation;
}

// What the status says outlives a journal, or an older copy of it.
void take_proofs(ClusterState& state, const SpecObserved& spec) {
  for (const auto& [repo, verified] : spec.verified) {
    VerifiedBackup& known = state.verified[repo];
    if (known.at < verified.at) known = verified;
  }
  if (!state.drill && !spec.drilled.empty()) state.drill = Drill{.request = spec.drilled};
}

void take(ClusterState& state, const SpecObserved& spec) {
  take_proofs(state, spec);
  if (is_older(state, spec)) {
    state.gone = false;
    state.rendered.reset();
    return;
  }
  std::string changes;
  if (state.spec) changes = spec::changes_between(state.spec->resource, spec.resource);
  if (!changes.empty()) {
    state.changes = {.text = std::move(changes), .actor = writer_of(spec.actor)};
    state.operator_changed = false;
    for (const auto& [target, refusal] : state.refused) state.retries.erase(target);
    state.refused.clear();
  }
  state.spec = spec;
  state.gone = false;
  state.rendered.reset();
}

void take(ClusterState& state, const SpecGone&) {
  state.gone = true;
  state.rendered.reset();
}

// Objects that others look up when they are rendered; see observed_world().
bool is_rendered_from(const ObjectRef& ref) {
  return ref.kind == "Job" || ref.kind == "Service" || ref.kind == "StatefulSet" ||
         ref.kind == "Endpoints" || ref.kind == "PersistentVolumeClaim" || ref.kind == "CronJob" ||
         (ref.kind == "ConfigMap" && ref.name.ends_with("-ha-config")) || is_restore_permit(ref);
}

// The answer to a write that took long may be older than what a watch has told meanwhile. After a
// start what is listed counts, as with specs.
bool is_older(const ClusterState& state, const ObjectObserved& look, const ObjectObserved& than) {
  return state.synced && look.uid == than.uid && look.version != 0 && look.version < than.version;
}

void take(ClusterState& state, const ObjectObserved& object) {
  const auto known = state.objects.find(object.ref);
  if (known != state.objects.end() && is_older(state, object, known->second)) return;
  const bool same_fields = known != state.objects.end() && known->second.fields == object.fields;
  if (is_rendered_from(object.ref) && !same_fields) state.rendered.reset();
  state.rendered.disturb(object.ref.name);
  state.objects[object.ref] = object;
}

// What a write of this object will answer is older than what happened to it since.
void forget_writes(ClusterState& state, const ObjectRef& ref) {
  std::erase_if(state.pending, [&](const auto& entry) {
    const auto* apply = std::get_if<ApplyObject>(&entry.second);
    const auto* secret = std::get_if<EnsureSecret>(&entry.second);
    return (apply != nullptr && apply->ref == ref) || (secret != nullptr && secret->ref == ref);
  });
}

void take(ClusterState& state, const ObjectGone& object) {
  const auto known = state.objects.find(object.ref);
  // A namesake that was made meanwhile is another object.
  if (known != state.objects.end() && known->second.uid != object.uid) return;
  forget_writes(state, object.ref);
  if (known == state.objects.end()) return;
  state.objects.erase(known);
  state.rendered.disturb(object.ref.name);
  if (is_rendered_from(object.ref)) state.rendered.reset();
}

void take(ClusterState& state, const PodObserved& pod) {
  // Whether any pod is left decides when a stopped cluster's repository host stops.
  // Of a Job's, when a volume is free again.
  if (!state.stopped.empty() || !pod.job.empty()) state.rendered.reset();
  const auto known = state.pods.find(pod.name);
  // Kubernetes takes no deletion back: who says that it is not deleted any more is behind.
  const bool is_ending = state.synced && known != state.pods.end() &&
                         known->second.uid == pod.uid && known->second.deleting;
  PodObserved& now = state.pods[pod.name];
  now = pod;
  now.deleting = pod.deleting || is_ending;
}

void take(ClusterState& state, const PodGone& pod) {
  const auto known = state.pods.find(pod.name);
  if (known == state.pods.end() || known->second.uid != pod.uid) return;
  if (!state.stopped.empty() || !known->second.job.empty()) state.rendered.reset();
  state.pods.erase(known);
}

void take(ClusterState& state, const ServerSeen& server) { state.server_trouble = server.trouble; }

void take(ClusterState& state, const RivalsSeen& seen) {
  state.rivals = seen.rivals;
  state.rendered.reset();
}

void take(ClusterState& state, const Synced&) { state.synced = true; }

void take(ClusterState&, const TimerFired&) {}  // its time is the news, and every event brings that

// The API server's answer to a write is as good as a watch event, and comes sooner.
void see_written(ClusterState& state, const ObjectRef& ref, const Outcome& outcome) {
  if (outcome.uid.empty()) return;
  ObjectObserved object{.ref = ref,
                        .uid = outcome.uid,
                        .digest = outcome.digest,
                        .fields = outcome.fields,
                        .actor = {},
                        .version = outcome.version};
  take(state, object);
}

// The API server has accepted it; what a finalizer still holds is told by a later fact.
void forget_deleted(ClusterState& state, const DeleteObject& deleted) {
  // A pod takes its time to end.
  const auto pod = deleted.ref.kind == "Pod" ? state.pods.find(deleted.ref.name) : state.pods.end();
  if (pod != state.pods.end() && pod->second.uid == deleted.digest) pod->second.deleting = true;
  const std::string target = to_string(deleted.ref);
  if (deleted.digest.empty()) {
    state.written[target] = {.asked = kDeletedByName, .result = {}};
  } else {
    take(state, ObjectGone{.ref = deleted.ref, .uid = deleted.digest});
    state.written.erase(target);
  }
  state.rendered.disturb(deleted.ref.name);
}

// It is canonical JSON.
bool follows_another_by(const std::string& configuration) {
  return configuration.contains("\"standby_cluster\":{");
}

std::optional<std::string> kept_by(const std::string& configuration) {
  const std::string key = concat("\"", manifests::kKeepTimeline, "\":\"");
  const std::size_t at = configuration.find(key);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = at + key.size();
  return configuration.substr(begin, configuration.find('"', begin) - begin);
}

// What was read after the write is what Patroni keeps; the watch tells it again, or has told what
// is newer.
void see_configured(ClusterState& state, const ObjectRef& ref, const std::string& configuration,
                    const Outcome& outcome) {
  const auto store = state.objects.find(ref);
  if (store == state.objects.end()) return;
  if (outcome.version != 0 && outcome.version < store->second.version) return;
  store->second.version = std::max(store->second.version, outcome.version);
  PatroniFields& kept = store->second.fields.patroni.edit();
  kept.config = outcome.digest;
  const bool was_standby = kept.standby.has_value();
  if (!follows_another_by(configuration)) kept.standby.reset();
  const std::optional<std::string> timeline = kept_by(configuration);
  if (was_standby != kept.standby.has_value() || kept.kept != timeline) state.rendered.reset();
  kept.kept = timeline;
}

void see_configuration_written(ClusterState& state, const WriteConfiguration& action,
                               const Outcome& outcome) {
  see_configured(state, action.ref, action.configuration, outcome);
  const auto store = state.objects.find(action.ref);
  if (store == state.objects.end() || !follows_another_by(action.configuration)) return;
  store->second.fields.patroni.edit().standby = "true";
  state.rendered.reset();
}

// "replica streaming 0", as AskPatroni writes it: role, state in one or several words, and how many
// bytes behind, or "-".
MemberSeen member_of(const std::string& text) {
  const std::size_t first = text.find(' ');
  const std::size_t last = text.rfind(' ');
  if (first == std::string::npos || first == last) return {};
  MemberSeen member{
      .role = text.substr(0, first), .state = text.substr(first + 1, last - first - 1), .lag = {}};
  std::int64_t lag = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + last + 1, end, lag);
  if (error == std::errc() && stop == end) member.lag = lag;
  return member;
}

void see_members(ClusterState& state, const Outcome& outcome) {
  MembersSeen seen{.at = state.now, .members = {}};
  for (const auto& [pod, text] : outcome.members) seen.members[pod] = member_of(text);
  state.members = std::move(seen);
}

void see_source(ClusterState& state, const ReadSource& action, const Outcome& outcome) {
  if (!outcome.source) return;
  state.source = SourceSeen{.at = state.now,
                            .cluster = *outcome.source,
                            .contents = outcome.contents.value_or(RepositoryContents{}),
                            .pod = action.pod};
}

// One for a restore that was given up or replaced meanwhile is too early for another one.
void see_restore_point(ClusterState& state, const MakeRestorePoint& action,
                       const Outcome& outcome) {
  if (!state.restore || state.restore->phase != RestorePhase::kChecking) return;
  if (outcome.restore_point && action.name == restore_point_name(state))
    state.restore->point = outcome.restore_point;
}

void see_archive(ClusterState& state, const Outcome& outcome) {
  if (!state.restore || !outcome.archive) return;
  state.restore->archived = outcome.archive;
  state.restore->archived_at = state.now;
}

void see_script_run(ClusterState& state, const RunInitSql& script) {
  state.init_sql_ran.reset();
  if (!script.forget) state.init_sql_ran = script.config_map;
}

// The world is told of by facts; here is only what an outcome itself says.
void see_done(ClusterState& state, const Action& action, const Outcome& outcome) {
  if (const auto* apply = std::get_if<ApplyObject>(&action))
    see_written(state, apply->ref, outcome);
  if (const auto* secret = std::get_if<EnsureSecret>(&action))
    see_written(state, secret->ref, outcome);
  if (const auto* kept = std::get_if<KeepClaim>(&action)) see_written(state, kept->ref, outcome);
  if (const auto* configured = std::get_if<ConfigurePatroni>(&action))
    see_configured(state, configured->ref, configured->configuration, outcome);
  if (const auto* written = std::get_if<WriteConfiguration>(&action))
    see_configuration_written(state, *written, outcome);
  if (const auto* finalizer = std::get_if<SetFinalizer>(&action); finalizer && state.spec)
    state.spec->finalized = finalizer->present;
  if (std::holds_alternative<AskPatroni>(action)) see_members(state, outcome);
  if (const auto* script = std::get_if<RunInitSql>(&action)) see_script_run(state, *script);
  if (const auto* reading = std::get_if<ReadRepository>(&action))
    see_contents(state, *reading, outcome);
  if (const auto* point = std::get_if<MakeRestorePoint>(&action))
    see_restore_point(state, *point, outcome);
  if (std::holds_alternative<CheckArchived>(action)) see_archive(state, outcome);
  if (const auto* reading = std::get_if<ReadSource>(&action)) see_source(state, *reading, outcome);
  if (std::holds_alternative<ReadVolumes>(action))
    state.existing_volumes = VolumesSeen{.at = state.now, .volumes = outcome.volumes};
  if (const auto* reading = std::get_if<ReadCollations>(&action))
    see_collations(state, *reading, outcome);
  if (const auto* reading = std::get_if<ReadArchiver>(&action))
    see_archiver(state, *reading, outcome);
  if (const auto* reading = std::get_if<ReadStandby>(&action))
    see_standby(state, *reading, outcome);
  if (const auto* withdrawn = std::get_if<WithdrawReceipt>(&action))
    state.stale_receipts.erase(withdrawn->repo);
  if (std::holds_alternative<SwitchOver>(action)) state.members.reset();
  if (const auto* event = std::get_if<EmitEvent>(&action)) mark_delivered(state, *event);
}

// A question, a word to people and another leader are no state of the world that would last; of the
// user's script something else is remembered.
bool is_remembered(const Action& action) {
  return !std::holds_alternative<AskPatroni>(action) &&
         !std::holds_alternative<ReadRepository>(action) &&
         !std::holds_alternative<MakeRestorePoint>(action) &&
         !std::holds_alternative<CheckArchived>(action) &&
         !std::holds_alternative<ReadSource>(action) &&
         !std::holds_alternative<ReadVolumes>(action) &&
         !std::holds_alternative<ReadCollations>(action) &&
         !std::holds_alternative<ReadArchiver>(action) &&
         !std::holds_alternative<ReadStandby>(action) &&
         !std::holds_alternative<WithdrawReceipt>(action) &&
         !std::holds_alternative<RunInitSql>(action) &&
         !std::holds_alternative<SwitchOver>(action) && !std::holds_alternative<EmitEvent>(action);
}

// A right that is missing, or a field that may not change: by code and field, since words differ
// between versions of Kubernetes. Records from before these were kept have the words alone.
bool is_forbidden(const Outcome& outcome) {
  if (outcome.code == 0) return outcome.detail.contains("orbidden");
  return outcome.code == 403 || (outcome.code == 422 && outcome.field.starts_with("spec"));
}

// A volume that is there and may not become another one, until its StorageClass or our rights are
// others. The cluster goes on with the volume that it has.
bool is_refusal(const ClusterState& state, const Action& action, const Outcome& outcome) {
  const auto* apply = std::get_if<ApplyObject>(&action);
  return apply != nullptr && apply->ref.kind == "PersistentVolumeClaim" &&
         outcome.status == OutcomeStatus::kFailed && is_forbidden(outcome) &&
         state.objects.contains(apply->ref);
}

// The object that is written; null where it is something else.
const ObjectRef* written_by(const Action& action) {
  if (const auto* apply = std::get_if<ApplyObject>(&action)) return &apply->ref;
  const auto* secret = std::get_if<EnsureSecret>(&action);
  return secret == nullptr ? nullptr : &secret->ref;
}

bool is_by_other_rules(const ClusterState& state) {
  return state.config && state.config->behaviour != kBehaviour;
}

// The intent that it is of: by its number, and of records of another behaviour, which numbered
// others, by its target.
std::map<IntentId, Action>::iterator intent_of(ClusterState& state, const Outcome& outcome) {
  const auto is_its = [&](const auto& entry) {
    return outcome.target.empty() || target_of(entry.second) == outcome.target;
  };
  const auto by_number = state.pending.find(outcome.intent);
  if (!is_by_other_rules(state) || (by_number != state.pending.end() && is_its(*by_number)))
    return by_number;
  return std::ranges::find_if(state.pending, is_its);
}

// What was asked for by other rules is as good as what these ask for, as long as those rules went
// on (a cluster that was settled then is settled); what is different is found when these begin.
void note_written(ClusterState& state, const std::string& target, const Action& action,
                  const Outcome& outcome) {
  const std::string now = asked_by(action);
  const std::string then = outcome.asked.empty() ? now : outcome.asked;
  const bool is_translated = is_by_other_rules(state) && then != now;
  state.written[target] = {.asked = is_translated ? now : then, .result = outcome.digest};
  if (is_translated) {
    state.asked_before[target] = then;
  } else {
    state.asked_before.erase(target);
  }
}

void take(ClusterState& state, const Outcome& outcome) {
  const auto found = intent_of(state, outcome);
  if (found == state.pending.end())
    return;  // of an earlier process; the world has been looked at since
  const Action action = std::move(found->second);
  state.pending.erase(found);
  // A volume that a Job was on its way to is free again, or the Job is known: may_run().
  if (const auto* apply = std::get_if<ApplyObject>(&action); apply && apply->ref.kind == "Job")
    state.rendered.reset();
  const std::string target = target_of(action);
  // By the rules of that time it was another intent: the world tells what came of it.
  if (!outcome.target.empty() && outcome.target != target) return;
  const bool refused = is_refusal(state, action, outcome);
  if (refused) {
    state.refused[target] = {.asked = asked_by(action), .error = outcome.detail};
    state.rendered.disturb();
  }
  if (outcome.status != OutcomeStatus::kDone) {
    // Nobody watches a status: which one stands there is not known any more.
    if (outcome.status == OutcomeStatus::kUnknown && std::holds_alternative<PatchStatus>(action))
      state.written.erase(target);
    Retry& retry = state.retries[target];
    retry.failures += 1;
    retry.due = state.now + retry_delay(retry.failures, refused ? kLastRetryOfRefused : kLastRetry);
    retry.error = literal(outcome.detail);
    return;
  }
  state.retries.erase(target);
  state.refused.erase(target);
  if (const auto* deleted = std::get_if<DeleteObject>(&action)) {
    forget_deleted(state, *deleted);
    return;
  }
  if (const ObjectRef* ref = written_by(action)) state.rendered.disturb(ref->name);
  if (!is_remembered(action)) return see_done(state, action, outcome);
  note_written(state, target, action, outcome);
  see_done(state, action, outcome);
}

}  // namespace

void absorb(ClusterState& state, const Event& event) {
  // A process knows nothing of clusters that were gone when it started; one that was only thought
  // to be gone is new to it.
  if (state.gone && std::holds_alternative<OperatorStarted>(event.input)) {
    ClusterState anew;
    anew.uid = std::move(state.uid);
    state = std::move(anew);
  }
  state.now = std::max(state.now, event.time);  // a clock that was set back does not make us forget
  state.requeue_at.reset();                     // each step says anew when it wants the next look
  std::visit([&](const auto& input) { take(state, input); }, event.input);
}

}  // namespace annals::fsm
