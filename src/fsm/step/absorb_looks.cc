#include "fsm/step/absorb_looks.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "fsm/view/other_cluster.h"
#include "fsm/view/repository_trouble.h"
#include "fsm/view/wal_gaps.h"

namespace annals::fsm {
namespace {

// One that was there and is not, or cannot be read, has gone wrong; one without a backup has not.
bool is_trouble(const RepositoryContents& contents) {
  return contents.code != kRepositoryOk && contents.code != kNoBackup && !contents.trouble.empty();
}

std::optional<Timestamp> later(std::optional<Timestamp> one, std::optional<Timestamp> other) {
  return one && other ? std::max(*one, *other) : one ? one : other;
}

// One that shuts down wrote a moment ago, whether anybody asked it then or not.
bool is_shutting_down(const SourceAnswer& source) {
  return source.state == SourceState::kRefuses && source.words.contains("shutting down");
}

std::optional<Timestamp> source_ceased_at(const StandbySeen& last, const SourceAnswer& source,
                                          Timestamp at) {
  const SourceState now = source.state;
  if (now == SourceState::kWrites || now == SourceState::kNotAsked) return std::nullopt;
  const bool wrote = last.its.source.state == SourceState::kWrites;
  return wrote || (is_shutting_down(source) && !last.ceased_at) ? at : last.ceased_at;
}

// Where nobody leads, the volume tells at the latest on which timeline the cluster is.
void see_other(ClusterState& state, const ReadStandby& action, StandbyAnswer answer) {
  OtherSeen seen{.at = state.now,
                 .its = std::move(answer),
                 .pod = action.pod,
                 .member = action.leader,
                 .asked = concat(action.source.host, ":", action.source.port)};
  (action.volume_only ? state.role.other : state.role.successor) = std::move(seen);
  if (action.volume_only && another_leads(state))
    state.role.timeline = state.role.other->its.timeline;
}

}  // namespace

// Without contents they are as they were.
void see_contents(ClusterState& state, const ReadRepository& action, const Outcome& outcome) {
  const auto known = state.repositories.find(action.repo);
  if (!outcome.contents && (action.known.empty() || known == state.repositories.end())) return;
  const RepositorySeen last = known == state.repositories.end() ? RepositorySeen() : known->second;
  const RepositoryContents& contents = outcome.contents ? *outcome.contents : last.contents;
  std::vector<WalGap> gaps = gaps_after_look(last, contents, state.now);
  const bool is_same = last.contents == contents && last.gaps == gaps &&
                       last.backup == action.backup && last.request == action.request &&
                       last.restored == action.restored;
  Timestamp since;
  if (is_same && last.at != Timestamp()) since = last.since == Timestamp() ? last.at : last.since;
  // The further lines have times, which differ each time.
  const std::string trouble = error_of_repository(contents.trouble);
  if (is_trouble(contents) && trouble != error_of_repository(last.contents.trouble)) {
    RepositoryError& error = state.repository_errors[action.repo];
    error.text = trouble;
    error.at = state.now;
  }
  state.repositories[action.repo] = {.at = state.now,
                                     .contents = contents,
                                     .since = since,
                                     .backup = action.backup,
                                     .request = action.request,
                                     .restored = action.restored,
                                     .gaps = std::move(gaps)};
}

// An answer without a word of them says that none differs.
void see_archiver(ClusterState& state, const ReadArchiver& action, const Outcome& outcome) {
  const ArchiverAnswer answer = outcome.archiver.value_or(ArchiverAnswer());
  ArchiverSeen seen{.at = state.now,
                    .its = answer,
                    .count_before = answer.count,
                    .since = {},
                    .pod = action.pod,
                    .trouble = action.trouble,
                    .request = action.request};
  if (seen.its.failure) {
    const bool is_same = state.archiver && state.archiver->pod == action.pod;
    seen.count_before = is_same ? state.archiver->count_before : 0;
    seen.since = is_same && state.archiver->since ? state.archiver->since : state.now;
  }
  state.archiver = std::move(seen);
}

// Of another pod only what was heard goes on.
void see_standby(ClusterState& state, const ReadStandby& action, const Outcome& outcome) {
  const StandbyAnswer answer = outcome.standby.value_or(StandbyAnswer());
  if (!action.source.host.empty()) return see_other(state, action, answer);
  const StandbySeen last = state.standby.value_or(StandbySeen());
  const bool is_same = last.pod == action.leader;
  StandbySeen seen{.at = state.now,
                   .its = answer,
                   .pod = action.leader,
                   .promotion = action.promotion,
                   .heard_at = last.heard_at,
                   .moved_at = is_same ? last.moved_at : std::nullopt,
                   .first_at = is_same ? last.first_at : state.now,
                   .ceased_at = source_ceased_at(last, answer.source, state.now)};
  if (answer.receiver) seen.heard_at = later(last.heard_at, answer.receiver->heard_at);
  if (is_same && answer.replayed_lsn > last.its.replayed_lsn) seen.moved_at = state.now;
  // By which it may be rewound again.
  if (seen.its.timeline != last.its.timeline) state.rendered.reset();
  state.standby = std::move(seen);
}

void see_collations(ClusterState& state, const ReadCollations& action, const Outcome& outcome) {
  state.collations = CollationsSeen{.at = state.now,
                                    .found = outcome.collations.value_or(DifferingCollations()),
                                    .pod = action.pod,
                                    .sql = action.sql,
                                    .request = action.request};
}

}  // namespace annals::fsm
