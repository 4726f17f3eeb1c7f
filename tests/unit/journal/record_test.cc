#include "journal/record.h"

#include <gtest/gtest.h>

namespace annals::journal {
namespace {

Record sample_record() {
  Record record;
  record.seq = Sequence(42);
  record.time = Timestamp(Duration(1'769'860'800'000'000));
  record.epoch = Epoch(3);
  record.cluster = ClusterUid("5f3c");
  record.kind = Kind::kIntent;
  record.type = "ApplyObject";
  record.cause = Sequence(41);
  record.blobs = {sha256("manifest")};
  record.payload = R"({"object":"hippo"})";
  return record;
}

const Digest kBefore = sha256("the record before");

TEST(RecordFrame, GivesBackWhatWasEncoded) {
  Record record = sample_record();
  const std::string frame = encode(record, kBefore);
  const Result<Decoded> decoded = decode(frame);
  ASSERT_TRUE(decoded.has_value()) << to_string(decoded.error());
  EXPECT_EQ(decoded->record, record);
  EXPECT_EQ(decoded->link(kBefore), record.hash);
}

// The bytes are the contract of docs/journal-format.md: this fails when they change.
TEST(RecordFrame, HasTheDocumentedBytes) {
  Record record = sample_record();
  const std::string frame = encode(record, kBefore);
  EXPECT_EQ(frame.size(), 1 + 1 + 1 + 4 * 8 + 1 + 4 + 1 + 11 + 1 + 32 + 4 + 32 + 18 + 32);
  EXPECT_EQ(frame.substr(0, 11), std::string_view("\0\1\3\0\0\0\0\0\0\0\x2a", 11));
  EXPECT_EQ(sha256_hex(frame), "409e1fdea1ccb994283daefafacb58ac50ac6a1a1abf9442f8f7fc052c79d669");
}

TEST(RecordFrame, TheDocumentedExampleIsTrue) {
  Record record;
  record.seq = Sequence(1);
  record.cluster = ClusterUid("u");
  record.type = "T";
  record.payload = "{}";
  const std::string frame = encode(record, genesis("0123456789abcdef"));
  EXPECT_EQ(decode(frame)->header.size(), 75U);
  EXPECT_EQ(to_string(record.hash),
            "2fcba2c6ef0953d1149d574c0e3b4c66b148831c0965ce27baec8779d99d6932");
}

TEST(RecordFrame, TheHashDependsOnTheRecordBefore) {
  Record record = sample_record();
  const std::string frame = encode(record, kBefore);
  EXPECT_NE(decode(frame)->link(sha256("another")), record.hash);
}

TEST(RecordFrame, OfAnExpiredRecordKeepsItsPlaceInTheChain) {
  Record record = sample_record();
  const std::string frame = encode_expired(encode(record, kBefore));
  const Result<Decoded> decoded = decode(frame);
  ASSERT_TRUE(decoded.has_value()) << to_string(decoded.error());
  EXPECT_TRUE(decoded->record.expired);
  EXPECT_EQ(decoded->record.payload, "");
  EXPECT_EQ(decoded->record.payload_digest, record.payload_digest);
  EXPECT_EQ(decoded->link(kBefore), record.hash);
}

TEST(RecordFrame, EveryFlippedBitIsFound) {
  Record record = sample_record();
  const std::string frame = encode(record, kBefore);
  for (std::size_t bit = 0; bit < 8 * frame.size(); ++bit) {
    std::string damaged = frame;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const Result<Decoded> decoded = decode(damaged);
    EXPECT_FALSE(decoded && decoded->link(kBefore) == decoded->record.hash) << "bit " << bit;
  }
}

TEST(RecordFrame, EveryTruncationAndEveryExtraByteIsFound) {
  Record record = sample_record();
  const std::string frame = encode(record, kBefore);
  for (std::size_t size = 0; size < frame.size(); ++size) {
    EXPECT_EQ(decode(std::string_view(frame).substr(0, size)).error().code, Errc::kCorrupt) << size;
  }
  EXPECT_FALSE(decode(frame + "x").has_value());
}

TEST(RecordFrame, OfAnotherVersionIsRefusedByName) {
  Record record = sample_record();
  std::string frame = encode(record, kBefore);
  frame[1] = 9;
  EXPECT_EQ(decode(frame).error().detail, "its frame has version 9, not 1");
}

TEST(RecordKind, EachHasAName) {
  for (int kind = 1; kind <= 7; ++kind) {
    EXPECT_NE(to_string(static_cast<Kind>(kind)), "unknown kind");
  }
}

TEST(Genesis, BindsTheChainToOneJournal) { EXPECT_NE(genesis("one"), genesis("two")); }

}  // namespace
}  // namespace annals::journal
