#include "fsm/view/restore_plan.h"

#include <algorithm>
#include <string_view>

#include "base/concat.h"
#include "fsm/text/say.h"
#include "fsm/view/backup_sets.h"
#include "fsm/view/wal_gaps.h"
#include "spec/quantity.h"
#include "spec/restore_target.h"

namespace annals::fsm {
namespace {

constexpr const char* kUnreadable = "RepositoryUnreadable";
constexpr const char* kNoUsableBackup = "NoBackupToRestore";
constexpr const char* kOutOfReach = "RestoreTargetOutOfReach";
constexpr const char* kTooSmall = "NoRoomForRestore";

std::string optional_time(const std::optional<Timestamp>& time) {
  return time ? spec::point_in_time_text(*time) : std::string();
}

class RestoreChoice {
 public:
  RestoreChoice(const std::string& repo, const RepositoryContents& contents,
                const RestorableDatabase& database)
      : repo_(repo), contents_(contents), database_(database) {
    planned_.plan.repo = repo;
  }

  PlannedRestore choose(const spec::RestoreOptions& options, Timestamp now) && {
    planned_.plan.options = options;
    if (target().zone_assumed) planned_.notes.push_back(say::restore_zone_assumed(target().text));
    if (is_usable() && has_timeline() && is_past(now) && take_set()) finish();
    return std::move(planned_);
  }

  PlannedRestore choose_end_of(const LeftTimeline& left) && {
    planned_.plan.least_lsn = left.lsn;
    planned_.plan.least_wal = left.last_wal;
    timeline_ = left.timeline;
    if (is_usable() && take_newest(on_timeline())) finish();
    return std::move(planned_);
  }

 private:
  const spec::RestoreTarget& target() const { return planned_.plan.options.target; }
  bool has_type(spec::TargetType type) const { return target().type == type; }

  bool refuse(const char* reason, Message text, Message waits_for = {}) {
    planned_.refusal = {
        .reason = reason, .text = std::move(text), .waits_for = std::move(waits_for)};
    return false;
  }

  bool is_usable() {
    const bool is_missing = contents_.code == kNoStanzaPath || contents_.code == kNoStanzaData;
    if (is_missing) return refuse(kNoUsableBackup, say::restore_stanza_missing(repo_));
    if (contents_.code != kRepositoryOk && contents_.code != kNoBackup) {
      return refuse(kUnreadable, say::restore_repository_unreadable(repo_, contents_.trouble),
                    say::restore_repository_to_be_readable(repo_, contents_.trouble));
    }
    return is_of_this_database() && has_backups();
  }

  bool is_of_this_database() {
    if (contents_.databases.empty()) {
      return refuse(kNoUsableBackup, say::restore_without_backup(repo_));
    }
    own_ = own_database(contents_, database_);
    if (own_ == nullptr) {
      const std::string& found =
          std::ranges::max(contents_.databases, {}, &RepositoryDatabase::id).system_id;
      return refuse(kNoUsableBackup,
                    say::restore_from_other_database(repo_, found, database_.system_id));
    }
    if (database_.version == 0 || own_->version == concat(database_.version)) return true;
    return refuse(kNoUsableBackup,
                  say::restore_from_other_version(repo_, own_->version, database_.version));
  }

  bool has_backups() {
    all_ = sets_of(contents_, *own_);
    sound_ = without_faults(all_);
    if (all_.empty()) return refuse(kNoUsableBackup, say::restore_without_backup(repo_));
    if (!sound_.empty() || names_set()) return true;
    return refuse(kNoUsableBackup, say::restore_of_faulty_backups(repo_, labels_of(all_)));
  }

  bool names_set() const {
    const std::string& set = planned_.plan.options.set;
    return !set.empty() && set != spec::kLatest;
  }

  // Of kCurrent and of --type=immediate only the backup tells it.
  bool has_timeline() {
    const std::string& given = planned_.plan.options.timeline;
    if (given == spec::kCurrent || has_type(spec::TargetType::kImmediate)) return true;
    if (database_.timeline == 0) {
      return refuse(kUnreadable, say::restore_timeline_unknown_yet(),
                    say::restore_timeline_to_be_known());
    }
    timeline_ = database_.timeline;
    if (given.empty() && has_type(spec::TargetType::kTime)) {
      timeline_ = timeline_at(target().time, database_);
    }
    if (given.empty() || given == spec::kLatest) return true;
    timeline_ = std::stoll(given);
    if (timeline_ <= database_.timeline) return true;
    return refuse(kOutOfReach, say::restore_timeline_unknown(timeline_, database_.timeline));
  }

  // What is after the last commit stops no recovery.
  bool is_past(Timestamp now) {
    if (!has_type(spec::TargetType::kTime)) return true;
    const RestorableTimes times = restorable_times(contents_, database_);
    if (target().time >= now) {
      return refuse(kOutOfReach, say::restore_target_in_future(
                                     target().text, spec::point_in_time_text(now),
                                     optional_time(times.oldest), optional_time(times.newest)));
    }
    const std::optional<Timestamp> left = left_at(timeline_, database_);
    if (!left || target().time < *left) return true;
    return refuse(kOutOfReach, say::restore_target_after_timeline(
                                   target().text, timeline_, spec::point_in_time_text(*left),
                                   optional_time(times.oldest), optional_time(times.newest)));
  }

  Sets on_timeline() const {
    Sets sets = sound_;
    if (timeline_ == 0) return sets;
    std::erase_if(
        sets, [&](const BackupSet* set) { return !leads_to(*set, timeline_, database_.branches); });
    return sets;
  }

  // False: recovery from it would begin after the target.
  bool ends_before_target(const BackupSet& set) const {
    if (has_type(spec::TargetType::kTime)) return oldest_time_of(set) <= target().time;
    if (has_type(spec::TargetType::kLsn)) return set.stop_lsn <= target().lsn;
    return true;
  }

  bool take_set() {
    if (names_set()) return take_named_set();
    const Sets sets = on_timeline();
    if (!planned_.plan.options.set.empty()) return take_newest(sets) && fits_target();
    // Names and transactions have no time.
    const bool is_told = !has_type(spec::TargetType::kName) && !has_type(spec::TargetType::kXid);
    if (!is_told && sets.size() > 1) {
      return refuse(kOutOfReach, say::restore_set_needed(target().text, labels_of(sets)));
    }
    return take_newest_before_target(sets);
  }

  bool take_newest(const Sets& sets) {
    if (sets.empty()) {
      return refuse(kNoUsableBackup, say::restore_timeline_without_backup(repo_, timeline_));
    }
    set_ = sets.back();
    return true;
  }

  bool take_newest_before_target(Sets sets) {
    if (sets.empty()) return take_newest(sets);
    const BackupSet& first = *sets.front();
    std::erase_if(sets, [&](const BackupSet* set) { return !ends_before_target(*set); });
    if (!sets.empty()) return take_newest(sets);
    const RestorableTimes times = restorable_times(contents_, database_);
    const bool is_lsn = has_type(spec::TargetType::kLsn);
    return refuse(kOutOfReach,
                  say::restore_target_too_early(
                      repo_, target().text, is_lsn ? spec::lsn_text(first.stop_lsn) : "",
                      optional_time(times.oldest), optional_time(times.newest)));
  }

  bool take_named_set() {
    const std::string& label = planned_.plan.options.set;
    const auto found = std::ranges::find(all_, label, &BackupSet::label);
    if (found == all_.end()) {
      return refuse(kOutOfReach, say::restore_set_unknown(repo_, label, labels_of(all_)));
    }
    set_ = *found;
    if (timeline_ == 0 || leads_to(*set_, timeline_, database_.branches)) return fits_target();
    return refuse(kOutOfReach, say::restore_set_off_timeline(label, timeline_of(*set_), timeline_,
                                                             labels_of(on_timeline())));
  }

  bool fits_target() {
    if (ends_before_target(*set_)) return true;
    Sets others = on_timeline();
    std::erase_if(others, [&](const BackupSet* set) { return !ends_before_target(*set); });
    const RestorableTimes times = restorable_times(contents_, database_);
    const bool is_lsn = has_type(spec::TargetType::kLsn);
    return refuse(kOutOfReach, say::restore_set_too_new(
                                   set_->label,
                                   is_lsn ? spec::lsn_text(set_->stop_lsn)
                                          : spec::point_in_time_text(set_->stop),
                                   target().text, labels_of(others), optional_time(times.oldest),
                                   optional_time(times.newest)));
  }

  // Where it is, names and transactions do not say.
  bool is_before(const WalGap& gap) const {
    if (has_type(spec::TargetType::kTime)) return target().time < gap.after;
    if (!has_type(spec::TargetType::kLsn)) return !has_type(spec::TargetType::kDefault);
    const std::optional<std::uint64_t> begin = begin_of(gap, *set_);
    return !begin || target().lsn < *begin;
  }

  // Behind missing WAL there is only what a backup that began later leads to.
  bool meets_no_gap() {
    const std::int64_t timeline = timeline_ == 0 ? timeline_of(*set_) : timeline_;
    const WalGap* gap = first_gap_on_way(database_.gaps, *set_, timeline, database_.branches);
    if (gap == nullptr || is_before(*gap)) return true;
    const Message asked =
        has_type(spec::TargetType::kDefault) ? say::restore_end_of_wal() : literal(target().text);
    const std::string last = gap->last == gap->first ? std::string() : gap->last;
    const std::string before = spec::point_in_time_text(gap->after);
    const Sets sets = on_timeline();
    const auto next = std::ranges::find_if(sets, [&](const BackupSet* set) {
      return set->stop > set_->stop && !is_behind(*gap, *set);
    });
    return refuse(
        kOutOfReach,
        next == sets.end()
            ? say::restore_target_behind_gap(asked, repo_, gap->first, last, set_->label, before)
            : say::restore_target_in_gap(asked, repo_, gap->first, last, set_->label, before,
                                         (*next)->label,
                                         spec::point_in_time_text(oldest_time_of(**next))));
  }

  void finish() {
    const auto wal = std::ranges::find(contents_.archives, own_->id, &ArchivedWal::database);
    const bool has_wal = wal != contents_.archives.end() && !wal->first.empty();
    // Names of one timeline alone can be compared.
    const bool begins_later = has_wal &&
                              timeline_of(*set_) == spec::timeline_of_segment(wal->first) &&
                              wal->first > set_->first_wal;
    if (!has_wal || begins_later) {
      refuse(kOutOfReach,
             say::restore_wal_missing(repo_, set_->label, set_->first_wal,
                                      has_wal ? wal->first : "", has_wal ? wal->last : ""));
      return;
    }
    if (!meets_no_gap()) return;
    RestorePlan& plan = planned_.plan;
    plan.options.set = set_->label;
    plan.options.timeline = concat(timeline_ == 0 ? timeline_of(*set_) : timeline_);
    plan.size = set_->size;
    plan.set_stop = set_->stop;
    plan.archive = wal->id;
  }

  std::string repo_;
  const RepositoryContents& contents_;
  const RestorableDatabase& database_;
  PlannedRestore planned_;
  const RepositoryDatabase* own_ = nullptr;
  Sets all_;                   // of this database, in the order in which they ended
  Sets sound_;                 // those without faults
  std::int64_t timeline_ = 0;  // 0: that of the set
  const BackupSet* set_ = nullptr;
};

std::string mebibytes(std::uint64_t bytes) {
  constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20U;
  return concat(bytes / kMebibyte + (bytes % kMebibyte > 0 ? 1 : 0), "Mi");
}

}  // namespace

PlannedRestore plan_restore(const std::string& repo, const spec::RestoreOptions& options,
                            const RepositoryContents& contents, const RestorableDatabase& database,
                            Timestamp now) {
  return RestoreChoice(repo, contents, database).choose(options, now);
}

PlannedRestore plan_undo(const LeftTimeline& left, const RepositoryContents& contents,
                         const RestorableDatabase& database) {
  return RestoreChoice(left.repo, contents, database).choose_end_of(left);
}

RestoreRefusal beyond_restore_point(const RestorePlan& plan, std::int64_t timeline,
                                    std::uint64_t lsn) {
  const spec::RestoreTarget& target = plan.options.target;
  const bool is_compared =
      target.type == spec::TargetType::kLsn && lsn > 0 && plan.options.timeline == concat(timeline);
  if (!is_compared || target.lsn <= lsn) return {};
  return {.reason = kOutOfReach,
          .text = say::restore_target_not_written(target.text, timeline, spec::lsn_text(lsn))};
}

RestoreRefusal no_room(const RestorePlan& plan, const std::string& capacity,
                       const std::string& claim) {
  const std::optional<std::int64_t> room = spec::quantity_value(capacity);
  if (!room || *room < 0 || static_cast<std::uint64_t>(*room) >= plan.size) return {};
  return {
      .reason = kTooSmall,
      .text = say::restore_without_room(claim, capacity, plan.options.set, mebibytes(plan.size))};
}

}  // namespace annals::fsm
