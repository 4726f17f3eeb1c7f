#include "runtime/shell.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/assert.h"
#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/codec/codec.h"
#include "fsm/text/sentence.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/standing_look.h"
#include "history/history.h"
#include "spec/redaction.h"

namespace annals::runtime {

namespace {

journal::Entry entry_of(Epoch epoch, const ClusterUid& uid, fsm::Encoded encoded,
                        journal::Cause cause) {
  return {.epoch = epoch,
          .cluster = uid,
          .kind = history::journal_kind(encoded.kind),
          .type = std::move(encoded.type),
          .cause = cause,
          .blobs = {},
          .payload = std::move(encoded.payload)};
}

std::string_view result_of(fsm::OutcomeStatus status) {
  switch (status) {
    case fsm::OutcomeStatus::kDone:
      return "done";
    case fsm::OutcomeStatus::kFailed:
      return "failed";
    case fsm::OutcomeStatus::kUnknown:
      break;
  }
  return "unknown";
}

// Only of what would be lost if it was taken for absent.
bool is_target_known(const CachedState& kept, const fsm::Intent& intent) {
  const auto* secret = std::get_if<fsm::EnsureSecret>(&intent.action);
  return secret == nullptr || kept.look([&](const fsm::ClusterState& state) {
    return state.objects.contains(secret->ref);
  });
}

// As after the answer to a write that a watch then tells again.
bool is_known(const fsm::ClusterState& state, const fsm::ObjectObserved& object) {
  const auto seen = state.objects.find(object.ref);
  return seen != state.objects.end() && seen->second.uid == object.uid &&
         seen->second.digest == object.digest && seen->second.fields == object.fields;
}

// What others say of an error may quote what they were given; it goes into the journal.
void redact(fsm::Input& input) {
  if (auto* pod = std::get_if<fsm::PodObserved>(&input))
    pod->problem = spec::redacted_text(std::move(pod->problem));
}

}  // namespace

Shell::Shell(Parts parts) : parts_(std::move(parts)) {}

void Shell::recover(fsm::ClusterState state, const history::Tail& tail) {
  journal_was_empty_ = false;
  const ClusterUid uid = state.uid;
  if (state.gone) {
    if (state.spec) used_names_.emplace(state.spec->name_space, state.spec->name);
    Cluster& past = past_.try_emplace(uid, std::move(state)).first->second;
    past.tail = tail;
    past.state.evict();
    return;
  }
  if (state.spec) by_name_[{state.spec->name_space, state.spec->name}] = uid;
  InitialSyncDiff initial_sync_diff(state);
  Cluster& known = clusters_.try_emplace(uid, std::move(state)).first->second;
  known.rivals = known.state.look([](const fsm::ClusterState& its) { return its.rivals; });
  known.initial_sync_diff = std::move(initial_sync_diff);
  known.arrival = ++arrivals_;
  known.tail = tail;
  touch(known);
}

void Shell::start(Epoch epoch, std::string identity, fsm::OperatorConfigured config) {
  epoch_ = epoch;
  identity_ = std::move(identity);
  config_ = std::move(config);
  started_ = true;
}

// For people, beside the UID.
std::string Shell::name_of(const ClusterUid& uid) const {
  const auto known = clusters_.find(uid);
  if (known == clusters_.end() || known->second.state.summary().name.empty()) return {};
  const Summary& its = known->second.state.summary();
  return concat(its.name_space, "/", its.name);
}

Shell::Cluster& Shell::cluster(const ClusterUid& uid) {
  // A list that is behind tells again of one that has gone: its history goes on.
  if (!past_.empty() && !clusters_.contains(uid)) clusters_.insert(past_.extract(uid));
  const auto known = clusters_.find(uid);
  if (known != clusters_.end()) return known->second;
  Cluster& made = clusters_.try_emplace(uid, fsm::initial_state(uid)).first->second;
  made.arrival = ++arrivals_;
  touch(made);
  return made;
}

// A cluster's stream says which process decides from here on, and with which images.
void Shell::introduce(const ClusterUid& uid) {
  Cluster& known = cluster(uid);
  if (known.told_of_operator) return;
  known.told_of_operator = true;
  const bool reset = journal_was_empty_ && !listed_;
  feed(uid, fsm::OperatorStarted{.identity = identity_,
                                 .journal_reset = reset,
                                 .state_carried_over = known.initial_sync_diff.has_value()});
  feed(uid, config_);
}

// A thousand evicted clusters are none of them news.
void Shell::server_is(std::string trouble) {
  const bool recovers = trouble.empty() && !server_trouble_.empty();
  if (trouble.empty() != server_trouble_.empty()) {
    parts_.log.info("api-server", {{"steady", trouble.empty()}, {"trouble", trouble}});
  }
  server_trouble_ = std::move(trouble);
  if (!recovers) return;
  std::vector<ClusterUid> told;
  for (const auto& [uid, known] : clusters_) {
    if (known.told_of_trouble) told.push_back(uid);
  }
  for (const ClusterUid& uid : told) tell_of_server(uid);
}

void Shell::tell_of_server(const ClusterUid& uid) {
  Cluster& known = cluster(uid);
  if (known.told_of_trouble == !server_trouble_.empty()) return;
  known.told_of_trouble = !server_trouble_.empty();
  feed(uid, fsm::ServerSeen{.trouble = spec::redacted_text(server_trouble_)});
}

void Shell::observe(ClusterUid uid, fsm::SpecObserved fact, const std::string& created) {
  ANNALS_ASSERT(started_, "a watch before start()");
  const std::string name_space = fact.name_space;
  const std::string name = fact.name;
  const ClusterUid before = std::exchange(by_name_[{name_space, name}], uid);
  const bool is_new = before != uid;
  if (is_new && !before.value().empty()) used_names_.emplace(name_space, name);
  Cluster& known = cluster(uid);
  known.seen = true;
  claim_places(uid, fact, created, before);
  if (!is_as_known(known, fact)) feed(uid, std::move(fact));
  if (is_new && clusters_.contains(before)) release_unowned(before);
  for (fsm::Input& its : orphans_.claim(name_space, name, uid)) feed(uid, std::move(its));
  if (is_new) {
    for (fsm::Input& each : orphans_.shared(name_space)) feed(uid, std::move(each));
  }
  // One that appears later has no objects that were listed before it.
  if (listed_ && !known.initial_sync_diff) feed(uid, fsm::Synced{});
}

// Pods and what Patroni keeps find their cluster by its name alone, and are told once: what was
// told to one that has lost the name may be its namesake's, or have to go before that can begin.
void Shell::release_unowned(const ClusterUid& uid) {
  const Cluster& known = cluster(uid);
  known.state.look([&](const fsm::ClusterState& state) {
    if (!state.spec) return;
    release_kept(state);
    for (const auto& [name, pod] : state.pods) {
      const bool is_only_remembered =
          known.initial_sync_diff && known.initial_sync_diff->is_missing(pod);
      if (is_only_remembered) continue;
      orphans_.keep(state.spec->name_space, state.spec->name, pod, {});
    }
    for (const fsm::ObjectRef& store :
         fsm::patroni_stores(state.spec->name_space, state.spec->name)) {
      const auto found = state.objects.find(store);
      if (found == state.objects.end()) continue;
      if (known.initial_sync_diff && known.initial_sync_diff->is_missing(found->second)) continue;
      orphans_.keep(state.spec->name_space, state.spec->name, found->second, {});
    }
  });
}

void Shell::observe_gone(const ClusterUid& uid) {
  const auto known = clusters_.find(uid);
  if (known == clusters_.end()) return;
  const Summary& its = known->second.state.summary();
  if (!its.name.empty()) {
    used_names_.emplace(its.name_space, its.name);
    const auto name = by_name_.find({its.name_space, its.name});
    if (name != by_name_.end() && name->second == uid) {
      by_name_.erase(name);
      release_unowned(uid);
    }
  }
  forget_places(uid);
  feed(uid, fsm::SpecGone{});
}

void Shell::observe(const std::string& name_space, const std::string& name, fsm::Input fact,
                    const std::string& owner) {
  if (name.empty()) return observe_shared(name_space, fact);
  observe_kept(name_space, name, fact);
  const auto known = by_name_.find({name_space, name});
  // Of a cluster that is not known yet, or an orphan of one that is gone.
  if (known == by_name_.end() || (!owner.empty() && owner != known->second.value()))
    return orphans_.keep(name_space, name, std::move(fact), owner);
  orphans_.forget_gone(name_space, name, fact);
  Cluster& its = cluster(known->second);
  if (is_as_known(its, fact)) return;
  // What an outcome told already is no news; but what is on the way may make it news again.
  const auto* object = std::get_if<fsm::ObjectObserved>(&fact);
  if (object != nullptr && its.on_the_way == 0 &&
      its.state.look([&](const fsm::ClusterState& state) { return is_known(state, *object); }))
    return;
  feed(known->second, std::move(fact));
}

// What belongs to all clusters of a namespace is told to each of them. Each adds itself to the
// owners of such an object, so among N clusters there would be N * N facts, if that were news.
void Shell::observe_shared(const std::string& name_space, const fsm::Input& fact) {
  orphans_.keep_shared(name_space, fact);
  for (auto at = by_name_.lower_bound({name_space, {}});
       at != by_name_.end() && at->first.first == name_space; ++at) {
    Cluster& its = cluster(at->second);
    const auto* object = std::get_if<fsm::ObjectObserved>(&fact);
    if (object != nullptr && its.on_the_way == 0 && its.state.knows_as_ours(*object)) {
      if (its.initial_sync_diff) its.initial_sync_diff->note_news(fact);
      continue;
    }
    observe(name_space, at->first.second, fact);
  }
}

void Shell::all_listed() {
  if (listed_) return;
  listed_ = true;
  tell_all_of_rivals();
  tell_synced({});
}

// A few at a time: a step of each is a rendering, and the lease has to be renewed in between.
void Shell::tell_synced(const ClusterUid& after) {
  constexpr int kClustersAtOnce = 25;
  auto at = clusters_.upper_bound(after);
  for (int count = 0; at != clusters_.end() && count < kClustersAtOnce; ++count, ++at) {
    auto& [uid, known] = *at;
    introduce(uid);
    end_initial_sync(uid, known);
    // One that the journal knows and nobody listed was deleted while no operator looked.
    if (!known.seen) feed(uid, fsm::SpecGone{});
    if (known.seen || keeps_claims(uid)) feed(uid, fsm::Synced{});
  }
  if (at == clusters_.end()) return;
  // What was told of these is durable before an empty batch is.
  const auto next = [this, last = std::prev(at)->first](const auto&) { tell_synced(last); };
  const Result<void> taken = parts_.journal.append({}, next);
  ANNALS_ASSERT(taken.has_value(), "a batch without content is refused");
}

// While things are listed, what is as the journal left it needs no record.
bool Shell::is_as_known(Cluster& known, const fsm::Input& fact) {
  if (!known.initial_sync_diff) return false;
  if (known.initial_sync_diff->is_as_known(fact)) return true;
  known.initial_sync_diff->note_news(fact);
  return false;
}

// Whatever the lists did not name has gone; also of a cluster that only seems to have gone, since
// the list of clusters was behind.
void Shell::end_initial_sync(const ClusterUid& uid, Cluster& known) {
  const std::optional<InitialSyncDiff> initial_sync_diff =
      std::exchange(known.initial_sync_diff, std::nullopt);
  if (!initial_sync_diff || initial_sync_diff->is_complete()) return;
  const std::vector<fsm::Input> missing = known.state.look(
      [&](const fsm::ClusterState& state) { return initial_sync_diff->missing(state); });
  for (const fsm::Input& gone : missing) feed(uid, gone);
}

void Shell::append(const ClusterUid& uid, journal::Batch batch, JournalSink::Durable durable) {
  const Result<void> taken = parts_.journal.append(std::move(batch), std::move(durable));
  if (!taken) quarantine(uid, taken.error());
}

// As after a crash before that record; but only for this cluster.
void Shell::quarantine(const ClusterUid& uid, const Error& why) {
  Cluster& known = cluster(uid);
  known.quarantined = true;
  due_.erase({std::exchange(known.due, Timestamp{}), uid});
  parts_.log.error("quarantined",
                   {{"alias", "held"},  // the event's name before; dashboards may look for it
                    {"cluster", uid},
                    {"name", name_of(uid)},
                    {"error", to_string(why)},
                    {"cure", "remove what the journal rejects, then restart the operator"}});
}

std::size_t Shell::quarantined() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(clusters_, [](const auto& entry) { return entry.second.quarantined; }));
}

void Shell::feed(const ClusterUid& uid, fsm::Input input, Sequence cause) {
  introduce(uid);
  // A process that has just started has no experience of the server, and so says that it has none.
  const bool is_introduction = std::holds_alternative<fsm::OperatorStarted>(input) ||
                               std::holds_alternative<fsm::OperatorConfigured>(input);
  if (!is_introduction) tell_of_server(uid);
  if (cluster(uid).quarantined) return;
  redact(input);
  journal::Batch batch;
  batch.entries.push_back(entry_of(epoch_, uid, fsm::encode(input), journal::Cause::of(cause)));
  cluster(uid).on_the_way += 1;
  append(uid, std::move(batch),
         [this, uid, input = std::move(input)](std::vector<journal::Record> records) mutable {
           recorded(uid, std::move(input), records.front());
         });
}

void Shell::recorded(const ClusterUid& uid, fsm::Input input, const journal::Record& record) {
  Cluster& known = cluster(uid);
  known.on_the_way -= 1;
  if (known.quarantined) return;
  const fsm::Event event{
      .seq = record.seq, .time = record.time, .epoch = record.epoch, .input = std::move(input)};
  fsm::Step step{.state = known.state.take(), .decisions = {}, .intents = {}, .waits_ended = {}};
  fsm::advance(step, event, parts_.renderings);
  for (const fsm::WaitEnded& wait : step.waits_ended)
    parts_.metrics.waited(wait.machine, wait.goal, wait.waited);
  known.state.replace(std::move(step.state));
  touch(known);
  known.tail.last = record.seq;
  known.tail.records += 1 + static_cast<int>(step.decisions.size() + step.intents.size());
  set_timer(uid, known, record.seq);
  if (!step.decisions.empty() || is_snapshot_due(known))
    record_step(uid, record.seq, std::move(step));
  note_stanzas(uid, known);
}

// One that is gone has hardly any more records, and its last ones must not hold retention back.
bool Shell::is_snapshot_due(const Cluster& known) const {
  return known.tail.records >= parts_.records_per_snapshot || known.state.summary().gone;
}

void Shell::log_decision(const ClusterUid& uid, Sequence seq, const fsm::Decision& decision) const {
  if (!parts_.log.writes(LogLevel::kInfo)) return;
  parts_.log.info("decision", {{"cluster", uid},
                               {"name", name_of(uid)},
                               {"seq", seq},
                               {"machine", decision.machine},
                               {"transition", decision.transition},
                               {"reason", fsm::sentence(decision.reason)}});
}

void Shell::log_outcome(const ClusterUid& uid, Sequence seq, const fsm::Outcome& outcome) const {
  if (!parts_.log.writes(LogLevel::kWarn)) return;
  if (outcome.status == fsm::OutcomeStatus::kDone) {
    parts_.log.info(
        "outcome",
        {{"cluster", uid}, {"name", name_of(uid)}, {"seq", seq}, {"target", outcome.target}});
  } else {
    parts_.log.warn("outcome", {{"cluster", uid},
                                {"name", name_of(uid)},
                                {"seq", seq},
                                {"target", outcome.target},
                                {"error", outcome.detail}});
  }
}

// The record of each decision is caused by the event's, the record of each intent by its
// decision's.
void Shell::record_step(const ClusterUid& uid, Sequence cause, fsm::Step step) {
  journal::Batch batch;
  std::vector<fsm::Intent> intents;
  auto intent = step.intents.begin();
  for (const fsm::Decision& decision : step.decisions) {
    parts_.metrics.decided(decision.machine, decision.transition);
    log_decision(uid, cause, decision);
    const std::size_t decided = batch.entries.size();
    batch.entries.push_back(
        entry_of(epoch_, uid, fsm::encode(decision), journal::Cause::of(cause)));
    for (const fsm::IntentId id : decision.intents) {
      ANNALS_ASSERT(intent != step.intents.end() && intent->id == id,
                    "intents follow their decisions");
      journal::Entry entry =
          entry_of(epoch_, uid, fsm::encode(*intent), journal::Cause::in_batch(decided));
      if (const std::string* manifest = fsm::content_of(intent->action)) {
        entry.blobs.push_back(sha256(*manifest));
        batch.blobs.push_back(*manifest);
      }
      batch.entries.push_back(std::move(entry));
      intents.push_back(std::move(*intent++));
    }
  }
  if (Cluster& known = cluster(uid); is_snapshot_due(known)) {
    batch.snapshots.push_back(known.state.snapshot(cause));
    known.tail = {};
  }
  append(uid, std::move(batch),
         [this, uid, intents = std::move(intents)](std::vector<journal::Record> records) mutable {
           carry_out(uid, std::move(intents), records);
         });
}

void Shell::carry_out(const ClusterUid& uid, std::vector<fsm::Intent> intents,
                      const std::vector<journal::Record>& records) {
  auto intent = intents.begin();
  for (const journal::Record& record : records) {
    if (record.kind != journal::Kind::kIntent) continue;
    ANNALS_ASSERT(intent != intents.end(), "more records than intents");
    run_intent(uid, std::move(*intent++), record.seq);
  }
}

// What was seen of the objects of another one is a sign, and so is that there was one: what has
// gone may be there still for all that a watch has told.
bool Shell::has_namesake(const ClusterUid& uid, const Summary& its) const {
  return used_names_.contains({its.name_space, its.name}) ||
         orphans_.has_others(its.name_space, its.name, uid);
}

void Shell::run_intent(const ClusterUid& uid, fsm::Intent intent, Sequence record) {
  if (!parts_.may_write()) return;  // another process leads; its epoch fences this intent (I1)
  const Cluster& known = cluster(uid);
  const Summary& its = known.state.summary();
  if (its.name.empty()) return;
  actions::ClusterIdentity identity{.uid = uid,
                                    .name_space = its.name_space,
                                    .name = its.name,
                                    .has_namesake = has_namesake(uid, its),
                                    .arrival = known.arrival,
                                    .is_target_known = is_target_known(known.state, intent)};
  std::string target = fsm::target_of(intent.action);
  std::string asked = fsm::asked_by(intent.action);
  const bool stands = fsm::is_standing(intent.action);
  const auto end = [this, uid, target = std::move(target), asked = std::move(asked), record,
                    stands](fsm::Outcome outcome) {
    if (stands && goes_on(uid, record, outcome)) return;
    outcome.target = target;
    outcome.asked = asked;
    ended(uid, record, std::move(outcome));
  };
  parts_.runner.carry_out(std::move(intent), std::move(identity), end);
}

void Shell::ended(const ClusterUid& uid, Sequence record, fsm::Outcome outcome) {
  outcome.detail = spec::redacted_text(std::move(outcome.detail));
  fsm::change_texts(outcome.fields, spec::redacted_text);
  for (auto& [pod, member] : outcome.members) member = spec::redacted_text(std::move(member));
  parts_.metrics.ended(result_of(outcome.status));
  log_outcome(uid, record, outcome);
  feed(uid, std::move(outcome), record);
}

void Shell::set_timer(const ClusterUid& uid, Cluster& known, Sequence because) {
  const Timestamp due = known.state.look(fsm::next_due).value_or(Timestamp{});
  if (due == known.due) return;
  due_.erase({known.due, uid});
  known.due = due;
  known.because = because;
  if (known.due != Timestamp{}) due_.emplace(known.due, uid);
}

void Shell::fire_timers() {
  const Timestamp now = parts_.clock.now();
  while (!due_.empty() && due_.begin()->first <= now) {
    const ClusterUid uid = due_.begin()->second;
    due_.erase(due_.begin());
    Cluster& known = clusters_.at(uid);
    known.due = Timestamp{};
    feed(uid, fsm::TimerFired{.name = "due"}, known.because);
  }
  look_again();
}

std::optional<Timestamp> Shell::next_due() const {
  std::optional<Timestamp> next;
  if (!due_.empty()) next = due_.begin()->first;
  if (!looks_.empty()) next = std::min(next.value_or(Timestamp::max()), looks_.begin()->due);
  return next;
}

}  // namespace annals::runtime
