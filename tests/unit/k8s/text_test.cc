#include "k8s/text/text.h"

#include <gtest/gtest.h>

namespace annals::k8s {
namespace {

TEST(Text, JsonForYamlHasNothingThatYamlForbids) {
  const std::string fine = R"({"k":"é 漢字 🐘 \u0001 “€”"})";
  EXPECT_EQ(json_for_yaml(fine), fine);
  EXPECT_EQ(json_for_yaml("a\x7f\xc2\x80\xc2\x85\xc2\x9f\xc2\xa0."),
            "a\\u007f\\u0080\\u0085\\u009f\xc2\xa0.");
  EXPECT_EQ(json_for_yaml("\u2027\u2028\u2029\u202a\ufeff\uffff\ufffd"),
            "\u2027\\u2028\\u2029\u202a\\ufeff\\uffff\ufffd");
}

TEST(Text, Base64IsPaddedAndReadsBackAsItWas) {
  EXPECT_EQ(base64_encoded(""), "");
  EXPECT_EQ(base64_encoded("h"), "aA==");
  EXPECT_EQ(base64_encoded("hi"), "aGk=");
  std::string all;
  for (int byte = 255; byte >= 0; --byte) {
    all += static_cast<char>(byte);
    EXPECT_EQ(base64_decoded(base64_encoded(all)), all);
  }
}

TEST(Text, Base64IsStrictButForLineBreaks) {
  EXPECT_EQ(base64_decoded(""), "");
  EXPECT_EQ(base64_decoded("aGk="), "hi");
  EXPECT_EQ(base64_decoded("aGVs\nbG8h\n"), "hello!");
  for (const char* bad : {"aGk", "aGk==", "a", "aG*=", "a=k=", "===="}) {
    EXPECT_EQ(base64_decoded(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace annals::k8s
