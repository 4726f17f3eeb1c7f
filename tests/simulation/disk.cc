#include "tests/simulation/disk.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "base/assert.h"
#include "base/concat.h"
#include "tests/simulation/manifest_text.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view kJournalId = "0123456789abcdef";

}  // namespace

std::vector<journal::Record> Disk::write(journal::Batch batch, Timestamp time) {
  last_time_ = std::max(last_time_, time);
  std::vector<journal::Record> records;
  const Sequence first(frames_.size() + 1);
  for (journal::Entry& entry : batch.entries) {
    const Digest previous = hashes_.empty() ? journal::genesis(kJournalId) : hashes_.back();
    auto [record, frame] =
        journal::frame(std::move(entry), Sequence(frames_.size() + 1), first, last_time_, previous);
    frames_.push_back(std::move(frame));
    hashes_.push_back(record.hash);
    if (record.kind == journal::Kind::kIntent) {
      const int id = number_member(record.payload, "id", 0);
      ANNALS_ASSERT(id > 0, "an intent has a number");
      intents_.emplace(record.cluster.value(), static_cast<std::uint64_t>(id),
                       record.epoch.value());
    }
    records.push_back(std::move(record));
  }
  for (std::string& blob : batch.blobs) blobs_.insert(std::move(blob));
  std::ranges::move(batch.snapshots, std::back_inserter(snapshots_));
  return records;
}

Result<std::vector<journal::Record>> Disk::read(std::size_t from) const {
  std::vector<journal::Record> records;
  records.reserve(frames_.size() - from);
  Digest previous = from == 0 ? journal::genesis(kJournalId) : hashes_[from - 1];
  for (std::size_t i = from; i < frames_.size(); ++i) {
    Result<journal::Decoded> decoded = journal::decode(frames_[i]);
    if (!decoded) return fail(std::move(decoded).error());
    if (decoded->record.seq != Sequence(i + 1))
      return fail(Errc::kCorrupt, "record ", decoded->record.seq, " is out of order");
    if (decoded->link(previous) != decoded->record.hash)
      return fail(Errc::kCorrupt, "record ", decoded->record.seq, " does not follow");
    previous = decoded->record.hash;
    records.push_back(std::move(decoded->record));
  }
  return records;
}

void Disk::wipe() {
  const std::uint64_t next = generation_ + 1;
  *this = Disk();
  generation_ = next;
}

void Disk::roll_back(std::size_t records) {
  if (records >= frames_.size()) return;
  frames_.resize(records);
  hashes_.resize(records);
  std::erase_if(snapshots_, [&](const journal::Snapshot& snapshot) {
    return snapshot.seq > Sequence(records);
  });
  acknowledged_ = std::min(acknowledged_, records);
  generation_ += 1;
}

MemoryJournal::MemoryJournal(Disk& disk, const FaultState& fault_state, Random random,
                             JournalHooks hooks)
    : disk_(disk), fault_state_(fault_state), random_(random), hooks_(std::move(hooks)) {}

Result<void> MemoryJournal::append(journal::Batch batch, Durable durable) {
  const Result<void> checked = journal::check(batch);
  if (!checked) hooks_.failed(to_string(checked.error()));
  if (!checked || !hooks_.boundary("append")) return {};
  waiting_.push_back({std::move(batch), std::move(durable)});
  if (syncing_) return {};
  syncing_ = true;
  const Duration slow = fault_state_.disk_slow ? random_.between(200ms, 3s) : Duration::zero();
  hooks_.later(random_.between(100us, 2ms) + slow, [this] { sync(); });
  return {};
}

// One sync makes durable all that waits; the acknowledgement is another event.
void MemoryJournal::sync() {
  syncing_ = false;
  if (broken_) return hooks_.failed("the disk has failed: EIO");
  std::vector<std::pair<Durable, std::vector<journal::Record>>> done;
  for (Waiting& each : waiting_)
    done.emplace_back(std::move(each.durable), disk_.write(std::move(each.batch), hooks_.now()));
  waiting_.clear();
  if (!hooks_.boundary("synced")) return;
  // Told in the order of the appends, whatever the delays.
  told_at_ = std::max(told_at_, hooks_.steady() + random_.between(10us, 500us));
  hooks_.later(told_at_ - hooks_.steady(), [this, done = std::move(done)]() mutable {
    for (auto& [durable, records] : done) {
      disk_.acknowledge(records.size());
      if (!hooks_.boundary("acknowledged")) return;
      durable(std::move(records));
    }
  });
}

void MemoryJournal::crash(std::size_t kept) {
  for (std::size_t i = 0; i < std::min(kept, waiting_.size()); ++i)
    disk_.write(std::move(waiting_[i].batch), hooks_.now());
  waiting_.clear();
}

}  // namespace annals::simulation
