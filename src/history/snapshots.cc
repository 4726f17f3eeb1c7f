#include "history/snapshots.h"

#include <algorithm>
#include <ranges>
#include <utility>
#include <vector>

#include "fsm/model/behaviour.h"
#include "history/history.h"

namespace annals::history {
namespace {

// None when the snapshot has a form that this program does not read.
Result<std::optional<Start>> read(const journal::Reader& reader, const ClusterUid& cluster,
                                  Sequence seq) {
  Result<std::optional<journal::Snapshot>> found = reader.snapshot(cluster, seq);
  if (!found) return fail(std::move(found).error());
  if (!*found || (*found)->seq != seq) return std::nullopt;
  Result<fsm::DecodedSnapshot> decoded = fsm::decode_snapshot((*found)->content);
  if (decoded) {
    return Start{.after = seq, .behaviour = decoded->behaviour, .state = std::move(decoded->state)};
  }
  if (decoded.error().code == Errc::kInvalid) return std::nullopt;
  return fail(
      std::move(decoded).error().while_doing(concat("read the state of ", cluster, " at ", seq)));
}

Result<Sequence> first_record(const journal::Reader& reader, const ClusterUid& cluster) {
  Sequence first = kNewest;
  const Result<void> scanned =
      reader.scan(cluster, Sequence(1), kNewest, [&first](journal::Record&& record) {
        first = record.seq;
        return false;
      });
  if (!scanned) return fail(scanned.error());
  return first;
}

// The records before the oldest snapshot are no longer whole: retention takes facts up to the
// newest snapshot below its mark, and a bundle of a range begins behind one.
Result<bool> lost_its_beginning(const journal::Reader& reader, const ClusterUid& cluster,
                                const std::vector<Sequence>& snapshots) {
  if (snapshots.empty()) return false;
  const Result<journal::RetentionMark> mark = reader.retention();
  if (!mark) return fail(mark.error());
  if (snapshots.front() < mark->expired_before) return true;
  const Result<Sequence> first = first_record(reader, cluster);
  if (!first) return fail(first.error());
  return *first > snapshots.front();
}

std::unexpected<Error> no_start(const ClusterUid& cluster) {
  return fail(Errc::kInvalid, "cluster ", cluster,
              ": its oldest records were removed by retention, and this version cannot read its "
              "snapshots: use the version that wrote it");
}

}  // namespace

journal::Snapshot snapshot_of(const fsm::ClusterState& state, Sequence seq) {
  return {.cluster = state.uid, .seq = seq, .content = fsm::encode_snapshot(state)};
}

Result<std::optional<Start>> newest_start(const journal::Reader& reader, const ClusterUid& cluster,
                                          Sequence to) {
  Result<std::vector<Sequence>> snapshots = reader.snapshots(cluster);
  if (!snapshots) return fail(std::move(snapshots).error());
  std::optional<Start> of_other_behaviour;
  for (const Sequence seq : *snapshots | std::views::reverse) {
    if (seq > to) continue;
    Result<std::optional<Start>> start = read(reader, cluster, seq);
    if (!start) return start;
    if (!*start) continue;
    if ((*start)->behaviour == fsm::kBehaviour) return start;
    if (!of_other_behaviour) of_other_behaviour = std::move(*start);
  }
  const Result<bool> lost = lost_its_beginning(reader, cluster, *snapshots);
  if (!lost) return fail(lost.error());
  if (!*lost) return std::nullopt;
  if (of_other_behaviour) return of_other_behaviour;
  if (snapshots->front() <= to) return no_start(cluster);
  return fail(Errc::kNotFound, "cluster ", cluster, ": records at or before ", to,
              " were removed by retention; the oldest available state is after record ",
              snapshots->front());
}

Result<std::optional<Start>> earliest_start(const journal::Reader& reader,
                                            const ClusterUid& cluster) {
  Result<std::vector<Sequence>> snapshots = reader.snapshots(cluster);
  if (!snapshots) return fail(std::move(snapshots).error());
  const Result<bool> lost = lost_its_beginning(reader, cluster, *snapshots);
  if (!lost) return fail(lost.error());
  if (!*lost) return std::nullopt;
  for (const Sequence seq : *snapshots) {
    Result<std::optional<Start>> start = read(reader, cluster, seq);
    if (!start || *start) return start;
  }
  return no_start(cluster);
}

}  // namespace annals::history
