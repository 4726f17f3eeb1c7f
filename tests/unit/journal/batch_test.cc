#include "journal/batch.h"

#include <gtest/gtest.h>

namespace annals::journal {
namespace {

Entry entry() {
  Entry made;
  made.cluster = ClusterUid("u");
  made.type = "Tested";
  made.payload = "{}";
  return made;
}

Errc refusal(Batch batch) {
  const Result<void> checked = check(batch);
  EXPECT_FALSE(checked.has_value());
  return checked ? Errc::kNotFound : checked.error().code;
}

TEST(Batch, WithinTheLimitsPasses) {
  EXPECT_TRUE(check(Batch{{entry(), entry()}, {"blob"}, {{ClusterUid("u"), Sequence(1), "s"}}}));
  EXPECT_TRUE(check(Batch{}));
}

TEST(Batch, OfTooManyEntriesIsRefused) {
  EXPECT_EQ(refusal({std::vector<Entry>(kMaxEntries + 1, entry()), {}, {}}), Errc::kInvalid);
}

TEST(Batch, SecretsAreRefusedInEveryPartOfIt) {
  const std::string secret = "https://user:word@host";
  Entry in_payload = entry();
  in_payload.payload = secret;
  EXPECT_EQ(refusal({{in_payload}, {}, {}}), Errc::kForbidden);
  EXPECT_EQ(refusal({{}, {secret}, {}}), Errc::kForbidden);
  EXPECT_EQ(refusal({{}, {}, {{ClusterUid("u"), Sequence(1), secret}}}), Errc::kForbidden);
}

TEST(Batch, AClusterIsAUidWithoutZeroBytes) {
  Entry odd = entry();
  odd.cluster = ClusterUid(std::string("a\0b", 3));
  EXPECT_EQ(refusal({{odd}, {}, {}}), Errc::kInvalid);
}

TEST(Cause, InABatchCountsFromItsFirstRecord) {
  EXPECT_EQ(Cause().resolve(Sequence(7)), Sequence(0));
  EXPECT_EQ(Cause::of(Sequence(3)).resolve(Sequence(7)), Sequence(3));
  EXPECT_EQ(Cause::in_batch(2).resolve(Sequence(7)), Sequence(9));
}

}  // namespace
}  // namespace annals::journal
