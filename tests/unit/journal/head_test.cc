#include "journal/head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "journal/bytes.h"
#include "journal/layout.h"

namespace annals::journal {
namespace {

using ::testing::HasSubstr;

Head sample_head() {
  Head head;
  head.journal_id = "0123456789abcdef";
  head.seq = Sequence(9);
  head.hash = sha256("nine");
  head.writes = 99;
  head.manifest = {5, 1234, sha256("manifest")};
  return head;
}

TEST(HeadFormat, GivesBackWhatWasEncoded) {
  EXPECT_EQ(decode_head(encode(sample_head())).value(), sample_head());
  EXPECT_EQ(encode(sample_head()).size(), 160U) << "within one sector of 512 bytes";
}

TEST(HeadFormat, EveryFlippedBitAndEveryTruncationIsFound) {
  const std::string bytes = encode(sample_head());
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(decode_head(damaged).error().code, Errc::kCorrupt) << bit;
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(decode_head(bytes.substr(0, size)).error().code, Errc::kCorrupt) << size;
  }
  EXPECT_EQ(decode_head(bytes + "x").error().code, Errc::kCorrupt);
}

// A HEAD of another version: the same first bytes and its own checksum at the end.
std::string of_version(std::uint32_t version) {
  const std::string content =
      Encoder().raw({"ANNALS\0J", 8}).u32(version).raw("whatever that version holds").take();
  return Encoder().raw(content).digest(sha256(content)).take();
}

TEST(HeadFormat, OfANewerVersionIsRefusedWithAClearMessage) {
  const Error error = decode_head(of_version(kFormatVersion + 1)).error();
  EXPECT_EQ(error.code, Errc::kInvalid);
  EXPECT_THAT(error.detail, HasSubstr("has format 2, this program reads format 1; a newer one"));
}

TEST(HeadFormat, OfAnOlderVersionIsRefusedWithAClearMessage) {
  const Error error = decode_head(of_version(0)).error();
  EXPECT_EQ(error.code, Errc::kInvalid);
  EXPECT_EQ(error.detail, "the journal has format 0, this program reads format 1");
}

}  // namespace
}  // namespace annals::journal
