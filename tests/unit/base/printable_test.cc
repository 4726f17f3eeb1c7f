#include "base/printable.h"

#include <gtest/gtest.h>

namespace annals {
namespace {

TEST(Printable, TextHasNoControlCharactersAndIsUtf8) {
  EXPECT_EQ(printable("a\x1b[31m\r\nb\x7f", 100), "a?[31m? b?");
  EXPECT_EQ(printable("\xff\xc0\x80 \xed\xa0\x80", 100), "??? ???");
  EXPECT_EQ(printable("éé", 3), "é") << "cut between characters";
  EXPECT_TRUE(is_utf8("漢字🐘"));
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));
}

}  // namespace
}  // namespace annals
