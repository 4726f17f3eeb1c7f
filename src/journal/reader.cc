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
Result<Decoded> decode_at(const Store& store, Sequence seq, std::string_view frame) {
  Result<Decoded> decoded = decode(frame);
  if (!decoded) return fail(std::move(decoded).error().while_doing(named(store, seq)));
  if (decoded->record.seq != seq) {
    return fail(Errc::kCorrupt, named(store, seq), ": it contains record ", decoded->record.seq);
  }
  return decoded;
}

std::unique_ptr<rocksdb::Iterator> iterate(const Store& store, Family family) {
  return std::unique_ptr<rocksdb::Iterator>(store.db().NewIterator({}, store.family(family)));
}

// Walks contiguous records and holds each against the one before.
class ChainWalk {
 public:
  ChainWalk(const Reader& reader, Sequence from) : reader_(&reader), expected_(from) {}

  Sequence expected() const { return expected_; }

  Result<Record> step(Sequence seq, std::string_view frame) {
    const Store& store = reader_->store();
    Result<Decoded> decoded = decode_at(store, seq, frame);
    if (!decoded) return fail(std::move(decoded).error());
    if (seq != expected_ || !previous_) {
      Result<void> entered = enter(seq);
      if (!entered) return fail(std::move(entered).error());
    }
    if (decoded->link(*previous_) != decoded->record.hash) {
      return fail(Errc::kCorrupt, named(store, seq), ": its hash does not follow record ",
                  seq.value() - 1, "; one of the two was altered");
    }
    previous_ = decoded->record.hash;
    expected_ = seq.next();
    return std::move(decoded->record);
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
      : store_(&store), records_(iterate(store, Family::kRecords)) {}

  Result<Record> read(Sequence seq) {
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
    Result<Decoded> decoded = decode_at(*store_, seq, records_->value().ToStringView());
    if (!decoded) return fail(std::move(decoded).error());
    return std::move(decoded->record);
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
  Result<Decoded> decoded = decode_at(*store_, seq, *frame);
  if (!decoded) return fail(std::move(decoded).error());
  return std::move(decoded->record);
}

Result<void> Reader::scan(Sequence from, Sequence to, const Visit& visit) const {
  Result<std::optional<Sequence>> begin = first();
  if (!begin) return fail(std::move(begin).error());
  Result<std::optional<Sequence>> end = last();
  if (!end) return fail(std::move(end).error());
  if (!*begin || !*end) return {};
  const Sequence until = std::min(to, **end);
  ChainWalk walk(*this, std::max(from, **begin));
  const std::unique_ptr<rocksdb::Iterator> records = iterate(*store_, Family::kRecords);
  for (records->Seek(sequence_key(walk.expected())); records->Valid(); records->Next()) {
    const std::optional<Sequence> seq = sequence_of(records->key().ToStringView());
    if (!seq) return fail(Errc::kCorrupt, named(*store_, walk.expected()), ": a malformed key");
    if (*seq > until) break;
    Result<Record> record = walk.step(*seq, records->value().ToStringView());
    if (!record) return fail(std::move(record).error());
    if (!visit(std::move(*record))) return {};
  }
  if (!records->status().ok()) {
    return fail(to_error(records->status(), named(*store_, walk.expected())));
  }
  if (walk.expected() <= until && !head_.excerpt) {
    return fail(Errc::kCorrupt, named(*store_, walk.expected()), ": it is missing");
  }
  return {};
}

Result<void> Reader::scan(const ClusterUid& cluster, Sequence from, Sequence to,
                          const Visit& visit) const {
  const std::unique_ptr<rocksdb::Iterator> places = iterate(*store_, Family::kStreams);
  Cursor records(*store_);  // made after the places: whatever they name, it sees
  for (places->Seek(stream_key(cluster, from)); places->Valid(); places->Next()) {
    const std::optional<StreamPlace> place = stream_place_of(places->key().ToStringView());
    if (!place || place->cluster != cluster || place->seq > to) break;
    Result<Record> record = records.read(place->seq);
    if (!record) return fail(std::move(record).error());
    if (record->cluster != cluster) {
      return fail(Errc::kCorrupt, named(*store_, place->seq), ": it belongs to ", record->cluster,
                  ", not to ", cluster);
    }
    if (!visit(std::move(*record))) return {};
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
  return scan(Sequence(head_.seq.value() - back), reached, [](Record&&) { return true; });
}

}  // namespace annals::journal
