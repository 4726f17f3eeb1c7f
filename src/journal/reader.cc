#include "journal/reader.h"

#include <rocksdb/db.h>

#include <algorithm>
#include <set>
#include <utility>

#include "journal/bytes.h"
#include "journal/content.h"
#include "journal/layout.h"
#include "journal/status.h"
#include "journal/store.h"

namespace annals::journal {
namespace {

std::string named(const Store& store, Sequence seq) {
  return concat("record ", seq, " in ", store.file_of(Family::kRecords, sequence_key(seq)));
}

// A record that stands under the key of its own sequence number.
Result<Frame> frame_at(const Store& store, Sequence seq, std::string_view bytes) {
  Result<Frame> frame = frame_of(bytes);
  if (!frame) return fail(std::move(frame).error().while_doing(named(store, seq)));
  if (frame->seq != seq) {
    return fail(Errc::kCorrupt, named(store, seq), ": it contains record ", frame->seq);
  }
  return frame;
}

Result<void> check_payload(const Store& store, const Frame& frame) {
  if (frame.is_whole()) return {};
  return fail(Errc::kCorrupt, named(store, frame.seq), ": its payload does not match its header");
}

std::unique_ptr<rocksdb::Iterator> iterate(const Store& store, Family family) {
  return std::unique_ptr<rocksdb::Iterator>(store.db().NewIterator({}, store.family(family)));
}

// For whoever goes through a journal: no block of it is read again before the cache has lost it.
std::unique_ptr<rocksdb::Iterator> pass_through(const Store& store, Family family) {
  rocksdb::ReadOptions once;
  once.fill_cache = false;
  return std::unique_ptr<rocksdb::Iterator>(store.db().NewIterator(once, store.family(family)));
}

// Walks contiguous records and holds each against the one before.
class ChainWalk {
 public:
  ChainWalk(const Reader& reader, Sequence from) : reader_(&reader), expected_(from) {}

  Sequence expected() const { return expected_; }

  Result<Frame> step(Sequence seq, std::string_view bytes) {
    const Store& store = reader_->store();
    Result<Frame> frame = frame_at(store, seq, bytes);
    if (!frame) return frame;
    const Result<void> checked = check_payload(store, *frame);
    if (!checked) return fail(checked.error());
    if (seq != expected_ || !previous_) {
      Result<void> entered = enter(seq);
      if (!entered) return fail(std::move(entered).error());
    }
    const Digest hash = frame->link(*previous_);
    if (hash.view() != frame->hash) {
      return fail(Errc::kCorrupt, named(store, seq), ": its hash does not follow record ",
                  seq.value() - 1, "; one of the two was altered");
    }
    previous_ = hash;
    expected_ = seq.next();
    return frame;
  }

 private:
  // The start of the walk, or the first record behind a gap.
  Result<void> enter(Sequence seq) {
    if (seq != expected_) {
      Result<std::optional<Gap>> gap = reader_->gap_before(seq);
      if (!gap) return fail(std::move(gap).error());
      if (!*gap) {
        return fail(Errc::kCorrupt, named(reader_->store(), expected_),
                    ": it is missing; the next one is record ", seq);
      }
    }
    Result<Digest> before = reader_->hash_before(seq);
    if (!before) return fail(std::move(before).error());
    previous_ = *before;
    return {};
  }

  const Reader* reader_;
  Sequence expected_;
  std::optional<Digest> previous_;
};

// Reads records one by one, each behind the one before. Those of one cluster lie in groups, and a
// cursor keeps the block that it is in, where a look-up finds it, and checks and unpacks it, anew.
class Cursor {
 public:
  explicit Cursor(const Store& store)
      : store_(&store), records_(pass_through(store, Family::kRecords)) {}

  // There until the next call.
  Result<Frame> read(Sequence seq) {
    const std::string key = sequence_key(seq);
    if (seq == next_ && records_->Valid()) {
      records_->Next();
    } else {
      records_->Seek(key);
    }
    next_ = seq.next();
    if (!records_->status().ok()) return fail(to_error(records_->status(), named(*store_, seq)));
    if (!records_->Valid() || records_->key().ToStringView() != key)
      return fail(Errc::kNotFound, "record ", seq, " is not in ", store_->directory());
    return frame_at(*store_, seq, records_->value().ToStringView());
  }

 private:
  const Store* store_;
  std::unique_ptr<rocksdb::Iterator> records_;
  Sequence next_;
};

Result<std::unique_ptr<Reader>> open_at(const std::shared_ptr<rocksdb::Env>& env,
                                        const std::string& directory, Head head) {
  Result<std::shared_ptr<Store>> store = Store::open(env, directory, Store::Mode::kReadOnly);
  if (!store) return fail(std::move(store).error());
  auto reader = std::make_unique<Reader>(std::move(*store), std::move(head));
  Result<void> checked = reader->check_head();
  if (!checked) return fail(std::move(checked).error());
  return reader;
}

}  // namespace

Result<std::unique_ptr<Reader>> Reader::open(const std::string& directory,
                                             const std::shared_ptr<rocksdb::FileSystem>& files) {
  // A live journal may remove a file between our reading its name and opening it: look again, once
  // in any case, and as long as it moves.
  constexpr int kAttempts = 10;
  const std::shared_ptr<rocksdb::Env> env = Store::make_env(files);
  std::optional<Head> looked_at;
  std::optional<Error> error;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Result<Head> head = read_head(*env, directory);
    if (!head) return fail(std::move(head).error());
    if (attempt > 1 && looked_at == *head) break;
    looked_at = *head;
    Result<std::unique_ptr<Reader>> reader = open_at(env, directory, std::move(*head));
    if (reader) return reader;
    error = std::move(reader).error();
  }
  return fail(std::move(*error).while_doing("open the journal"));
}

Reader::Reader(std::shared_ptr<Store> store, Head head)
    : store_(std::move(store)), head_(std::move(head)) {}
Reader::~Reader() = default;

Result<std::optional<Sequence>> Reader::first() const {
  const std::unique_ptr<rocksdb::Iterator> records = iterate(*store_, Family::kRecords);
  records->SeekToFirst();
  if (!records->status().ok()) {
    return fail(to_error(records->status(), named(*store_, Sequence(1))));
  }
  if (!records->Valid()) return std::nullopt;
  return sequence_of(records->key().ToStringView());
}

Result<std::optional<Sequence>> Reader::last() const {
  Result<std::optional<std::string>> key = store_->last_key(Family::kRecords);
  if (!key) return fail(std::move(key).error());
  if (!*key) return std::nullopt;
  return sequence_of(**key);
}

Result<Record> Reader::read(Sequence seq) const {
  const std::string what = concat("record ", seq);
  Result<std::string> frame = store_->get(Family::kRecords, sequence_key(seq), what);
  if (!frame) return fail(std::move(frame).error());
  const Result<Frame> parts = frame_at(*store_, seq, *frame);
  if (!parts) return fail(parts.error());
  const Result<void> checked = check_payload(*store_, *parts);
  if (!checked) return fail(checked.error());
  return parts->record();
}

Result<void> Reader::scan(Sequence from, Sequence to, const Visit& visit) const {
  return walk(from, to, [&visit](const Frame& frame) { return visit(frame.record()); });
}

Result<void> Reader::check(Sequence from, Sequence to) const {
  return walk(from, to, [](const Frame&) { return true; });
}

Result<void> Reader::walk(Sequence from, Sequence to, const VisitFrame& visit) const {
  Result<std::optional<Sequence>> begin = first();
  if (!begin) return fail(std::move(begin).error());
  Result<std::optional<Sequence>> end = last();
  if (!end) return fail(std::move(end).error());
  if (!*begin || !*end) return {};
  const Sequence until = std::min(to, **end);
  ChainWalk chain(*this, std::max(from, **begin));
  const std::unique_ptr<rocksdb::Iterator> records = pass_through(*store_, Family::kRecords);
  for (records->Seek(sequence_key(chain.expected())); records->Valid(); records->Next()) {
    const std::optional<Sequence> seq = sequence_of(records->key().ToStringView());
    if (!seq) return fail(Errc::kCorrupt, named(*store_, chain.expected()), ": a malformed key");
    if (*seq > until) break;
    const Result<Frame> frame = chain.step(*seq, records->value().ToStringView());
    if (!frame) return fail(frame.error());
    if (!visit(*frame)) return {};
  }
  if (!records->status().ok()) {
    return fail(to_error(records->status(), named(*store_, chain.expected())));
  }
  if (chain.expected() <= until && !head_.excerpt) {
    return fail(Errc::kCorrupt, named(*store_, chain.expected()), ": it is missing");
  }
  return {};
}

Result<void> Reader::scan(const ClusterUid& cluster, Sequence from, Sequence to,
                          const Visit& visit) const {
  Result<void> checked;
  const auto check_and_visit = [&](const Frame& frame) {
    checked = check_payload(*store_, frame);
    return checked && visit(frame.record());
  };
  Result<void> scanned = scan_frames(cluster, from, to, check_and_visit);
  return checked ? scanned : checked;
}

Result<void> Reader::scan_frames(const ClusterUid& cluster, Sequence from, Sequence to,
                                 const VisitFrame& visit) const {
  const std::unique_ptr<rocksdb::Iterator> places = pass_through(*store_, Family::kStreams);
  Cursor records(*store_);  // made after the places: whatever they name, it sees
  const std::string stream = stream_of(cluster);
  for (places->Seek(stream_key(cluster, from)); places->Valid(); places->Next()) {
    const std::optional<Sequence> seq = sequence_in(stream, places->key().ToStringView());
    if (!seq || *seq > to) break;
    const Result<Frame> frame = records.read(*seq);
    if (!frame) return fail(frame.error());
    if (frame->cluster != cluster.value()) {
      return fail(Errc::kCorrupt, named(*store_, *seq), ": it belongs to ", frame->cluster,
                  ", not to ", cluster);
    }
    if (!visit(*frame)) return {};
  }
  if (!places->status().ok()) return fail(to_error(places->status(), store_->directory()));
  return {};
}

Result<std::vector<ClusterUid>> Reader::clusters() const {
  // One whose records are all cut still has its snapshot.
  std::set<ClusterUid> found;
  for (const Family family : {Family::kStreams, Family::kSnapshots}) {
    const std::unique_ptr<rocksdb::Iterator> places = iterate(*store_, family);
    places->SeekToFirst();
    while (places->Valid()) {
      const std::optional<StreamPlace> place = stream_place_of(places->key().ToStringView());
      if (!place) return fail(Errc::kCorrupt, store_->directory(), ": a malformed key of a stream");
      found.insert(place->cluster);
      places->Seek(stream_key(place->cluster, Sequence(~std::uint64_t{0})));
    }
    if (!places->status().ok()) return fail(to_error(places->status(), store_->directory()));
  }
  return std::vector<ClusterUid>(found.begin(), found.end());
}

Result<Digest> Reader::hash_before(Sequence seq) const {
  Result<std::optional<Gap>> gap = gap_before(seq);
  if (!gap) return fail(std::move(gap).error());
  if (*gap) return (*gap)->hash;
  if (seq == Sequence(1)) return genesis(head_.journal_id);
  Result<Record> before = read(Sequence(seq.value() - 1));
  if (before) return before->hash;
  Error error = std::move(before).error();
  if (error.code == Errc::kNotFound) error.code = Errc::kCorrupt;
  return fail(std::move(error).while_doing(concat("read the record before ", named(*store_, seq))));
}

Result<void> Reader::check_head() const {
  // How many records before the end are held against each other at every open.
  constexpr std::uint64_t kTail = 256;
  Result<void> manifest = store_->check_manifest(head_.manifest);
  if (!manifest) return manifest;
  Result<std::optional<Sequence>> end = last();
  if (!end) return fail(std::move(end).error());
  const Sequence reached = end->value_or(Sequence());
  if (reached < head_.seq || store_->writes() < head_.writes) {
    const std::string damage = store_->damage();
    return fail(Errc::kCorrupt, named(*store_, head_.seq), ": it and write ", head_.writes,
                " were durable (HEAD), but the files end with record ", reached, " and write ",
                store_->writes(), damage.empty() ? "" : "; ", damage);
  }
  if (head_.seq == Sequence()) return {};
  Result<Record> known = read(head_.seq);
  if (!known) return fail(std::move(known).error());
  if (known->hash != head_.hash) {
    return fail(Errc::kCorrupt, named(*store_, head_.seq), ": HEAD has another hash for record ",
                head_.seq, "; the files belong to different journals");
  }
  const std::uint64_t back = std::min(kTail, head_.seq.value() - 1);
  return check(Sequence(head_.seq.value() - back), reached);
}

}  // namespace annals::journal
