// History rewritten with RocksDB's own means: every checksum of the files holds, and the chain of
// hashes, the streams and the marks still tell. Each test names what somebody might try.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <functional>

#include "journal/layout.h"
#include "journal/store.h"
#include "journal/verify.h"
#include "tests/integration/journal/scratch.h"

namespace annals::journal {
namespace {

using ::testing::HasSubstr;

class TamperTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Options options;
    options.directory = directory_;
    options.clock = &clock_;
    const std::unique_ptr<Journal> journal = Journal::open(std::move(options)).value();
    for (int i = 1; i <= 6; ++i) {
      Batch made = batch(entry(i % 2 == 0 ? "a" : "b", Kind::kIntent, concat("payload ", i)));
      made.blobs = {concat("blob ", i)};
      made.entries[0].blobs = {sha256(made.blobs[0])};
      ASSERT_TRUE(journal->append_and_wait(std::move(made)));
    }
    Batch snapshots;
    snapshots.snapshots = {{ClusterUid("a"), Sequence(2), "two"},
                           {ClusterUid("a"), Sequence(4), "four"}};
    ASSERT_TRUE(journal->append_and_wait(std::move(snapshots)));
  }

  // The store as the journal opens it, written to without the journal.
  class Database {
   public:
    explicit Database(const std::string& directory)
        : store_(
              Store::open(Store::make_env(nullptr), directory, Store::Mode::kReadWrite).value()) {}

    std::string get(Family family, const std::string& key) {
      return store_->get(family, key, "what is tampered with").value();
    }
    void put(Family family, const std::string& key, const std::string& value) {
      const rocksdb::Status status = store_->db().Put({}, store_->family(family), key, value);
      ANNALS_ASSERT(status.ok(), status.ToString());
    }
    void erase(Family family, const std::string& key) {
      const rocksdb::Status status = store_->db().Delete({}, store_->family(family), key);
      ANNALS_ASSERT(status.ok(), status.ToString());
    }
    void exchange(Family family, const std::string& one, const std::string& other) {
      const std::string value = get(family, one);
      put(family, one, get(family, other));
      put(family, other, value);
    }

   private:
    std::shared_ptr<Store> store_;
  };

  // What verification says once this was done to the database behind our back.
  std::string said_after(const std::function<void(Database&)>& tamper) {
    {
      Database database(directory_);
      tamper(database);
    }
    Result<std::unique_ptr<Reader>> reader = Reader::open(directory_);
    if (!reader) return to_string(reader.error());
    const Result<Verified> verified = verify(**reader);
    return verified ? "nothing" : to_string(verified.error());
  }

  static std::string key(std::uint64_t seq) { return sequence_key(Sequence(seq)); }

  Scratch scratch_;
  std::string directory_ = scratch_ / "journal";
  ManualClock clock_{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
};

TEST_F(TamperTest, OpeningWithOtherMeansAloneIsNoTampering) {
  EXPECT_EQ(said_after([](Database&) {}), "nothing");
}

TEST_F(TamperTest, ExchangingAnyTwoRecordsIsFound) {
  for (std::uint64_t one = 1; one <= 6; ++one) {
    for (std::uint64_t other = one + 1; other <= 6; ++other) {
      const auto exchange = [&](Database& db) {
        db.exchange(Family::kRecords, key(one), key(other));
      };
      EXPECT_THAT(said_after(exchange), HasSubstr("it contains record"));
      EXPECT_EQ(said_after(exchange), "nothing") << "put back as it was";
    }
  }
}

TEST_F(TamperTest, RemovingARecordIsFound) {
  EXPECT_THAT(said_after([](Database& db) { db.erase(Family::kRecords, key(3)); }),
              HasSubstr("record 3 in " + directory_));
}

TEST_F(TamperTest, RemovingTheLastRecordIsFound) {
  EXPECT_THAT(said_after([](Database& db) { db.erase(Family::kRecords, key(6)); }),
              HasSubstr("the files end with record 5"));
}

TEST_F(TamperTest, RewritingARecordWithItsOwnHashesIsFound) {
  const auto rewrite = [](Database& db) {
    const Result<Decoded> before = decode(db.get(Family::kRecords, key(2)));
    Record record = decode(db.get(Family::kRecords, key(3)))->record;
    record.payload = "never happened";
    db.put(Family::kRecords, key(3), encode(record, before->record.hash));
  };
  EXPECT_THAT(said_after(rewrite), HasSubstr("its hash does not follow record 3"));
}

TEST_F(TamperTest, RewritingAllOfHistoryIsFoundByItsHead) {
  const auto rewrite = [](Database& db) {
    Digest hash = decode(db.get(Family::kRecords, key(1)))->record.hash;
    for (std::uint64_t seq = 2; seq <= 6; ++seq) {
      Record record = decode(db.get(Family::kRecords, key(seq)))->record;
      record.payload = "never happened";
      db.put(Family::kRecords, key(seq), encode(record, hash));
      hash = record.hash;
    }
  };
  EXPECT_THAT(said_after(rewrite), HasSubstr("HEAD has another hash for record 6"));
}

TEST_F(TamperTest, TakingAPayloadAwayOutsideOfRetentionIsFound) {
  const auto expire = [](Database& db) {
    db.put(Family::kRecords, key(3), encode_expired(db.get(Family::kRecords, key(3))));
  };
  EXPECT_THAT(said_after(expire),
              HasSubstr("its payload is missing, and retention did not remove it"));
}

TEST_F(TamperTest, AForgedMarkOfRetentionIsFound) {
  const auto forge = [](Database& db) {
    db.put(Family::kMeta, std::string(kRetentionKey),
           encode(RetentionMark{Sequence(6), Sequence(1), Sequence(5)}));
  };
  EXPECT_THAT(said_after(forge), HasSubstr("record 5 does not match the retention mark"));
}

TEST_F(TamperTest, HidingARecordFromItsStreamIsFound) {
  EXPECT_THAT(said_after([](Database& db) {
                db.erase(Family::kStreams, stream_key(ClusterUid("a"), Sequence(2)));
              }),
              HasSubstr("record 2: it is missing in the stream of a"));
}

TEST_F(TamperTest, MovingARecordIntoAnotherStreamIsFound) {
  EXPECT_THAT(said_after([](Database& db) {
                db.put(Family::kStreams, stream_key(ClusterUid("b"), Sequence(2)), "");
              }),
              HasSubstr("name 7 records, there are 6"));
}

TEST_F(TamperTest, ExchangingTwoBlobsIsFound) {
  EXPECT_THAT(said_after([](Database& db) {
                db.exchange(Family::kBlobs, std::string(sha256("blob 1").view()),
                            std::string(sha256("blob 2").view()));
              }),
              HasSubstr("content does not match its digest"));
}

TEST_F(TamperTest, ABlobThatIsGoneIsFound) {
  EXPECT_THAT(said_after([](Database& db) {
                db.erase(Family::kBlobs, std::string(sha256("blob 4").view()));
              }),
              HasSubstr("corrupt: verify: record 4: blob "));
}

TEST_F(TamperTest, ExchangingTwoSnapshotsIsFound) {
  EXPECT_THAT(said_after([](Database& db) {
                db.exchange(Family::kSnapshots, stream_key(ClusterUid("a"), Sequence(2)),
                            stream_key(ClusterUid("a"), Sequence(4)));
              }),
              HasSubstr("snapshot of a at 2 in "));
}

}  // namespace
}  // namespace annals::journal
