#include "k8s/lens/owned.h"

#include <gtest/gtest.h>

#include "base/concat.h"

namespace annals::k8s {
namespace {

// A Service of which annals owns a label, the port 5432 with its name, and one finalizer.
std::string service(std::string_view label, std::string_view port_name,
                    std::string_view extra = {}) {
  return concat(R"({"metadata":{"name":"s","uid":"u","labels":{"ours":")", label,
                R"(","theirs":"x)", extra, R"("},"finalizers":["a","b"],)",
                R"("managedFields":[{"manager":"annals","operation":"Apply","fieldsV1":{)"
                R"("f:metadata":{"f:labels":{"f:ours":{}},)",
                R"("f:finalizers":{"v:\"a\"":{}}},"f:spec":{"f:ports":{"k:{\"port\":5432,)"
                R"(\"protocol\":\"TCP\"}":{".":{},"f:name":{},"f:port":{}}}},)",
                R"("f:status":{"f:x":{}}}},{"manager":"kubectl","operation":"Update",)"
                R"("fieldsV1":{"f:spec":{"f:type":{}}}}]},)",
                R"("spec":{"type":"ClusterIP)", extra,
                R"(","ports":[{"port":9187,"protocol":"TCP","name":"other)", extra, R"("},)",
                R"({"protocol":"TCP","name":")", port_name,
                R"(","port":5432,"nodePort":30000}]},"status":{"x":")", extra, R"("}})");
}

std::string digest(const std::string& object, Content content = Content::kOpen) {
  JsonReader reader;
  return owned_digest(reader, object, content).value();
}

TEST(OwnedDigests, ChangeWithOurFieldsAndWithNothingElse) {
  const std::string expected = digest(service("one", "postgres"));
  EXPECT_EQ(expected.size(), 64U);
  EXPECT_EQ(digest(service("one", "postgres", "changed by others")), expected);
  EXPECT_NE(digest(service("two", "postgres")), expected);
  EXPECT_NE(digest(service("one", "mysql")), expected);
}

TEST(OwnedDigests, AMissingFieldIsDrift) {
  const std::string expected = digest(service("one", "postgres"));
  std::string without = service("one", "postgres");
  without.replace(without.find("5432,\"nodePort\""), 4, "5433");
  EXPECT_NE(digest(without), expected);
  std::string finalizer = service("one", "postgres");
  finalizer.replace(finalizer.find(R"(["a","b"])"), 9, R"(["z","b"])");
  EXPECT_NE(digest(finalizer), expected);
}

TEST(OwnedDigests, DoNotDependOnTheOrderOfFields) {
  const std::string fields =
      R"("managedFields":[{"manager":"annals","operation":"Apply","fieldsV1":)";
  const std::string one =
      concat(R"({"metadata":{)", fields,
             R"({"f:data":{"f:a":{},"f:b":{}},"f:leaf":{}}}]},"data":{"a":"1","b":)"
             R"("2"},"leaf":{"x":1,"y":[2,3]}})");
  const std::string two =
      concat(R"({"leaf":{"y":[2,3],"x":1},"data":{"b":"2","a":"1"},"metadata":{)", fields,
             R"({"f:leaf":{},"f:data":{"f:b":{},"f:a":{}}}}]}})");
  EXPECT_EQ(digest(one), digest(two));
  std::string reordered = one;
  reordered.replace(reordered.find("[2,3]"), 5, "[3,2]");
  EXPECT_NE(digest(reordered), digest(one)) << "the order of a list is part of its value";
}

TEST(OwnedDigests, OfSecretsDoNotDependOnTheirValues) {
  const auto secret = [](std::string_view name, std::string_view value) {
    return concat(R"({"metadata":{"managedFields":[{"manager":"annals","operation":"Apply",)"
                  R"("fieldsV1":{"f:data":{"f:)",
                  name, R"(":{}},"f:type":{}}}]},"type":"Opaque","data":{")", name, R"(":")", value,
                  R"("}})");
  };
  EXPECT_EQ(digest(secret("password", "aGk="), Content::kSecret),
            digest(secret("password", "aG8="), Content::kSecret));
  EXPECT_NE(digest(secret("password", "aGk="), Content::kSecret),
            digest(secret("verifier", "aGk="), Content::kSecret));
}

TEST(OwnedDigests, OfWhatWeDoNotOwnAreEmpty) {
  EXPECT_EQ(digest(R"({"metadata":{"name":"x"}})"), "");
  EXPECT_EQ(digest(R"({"metadata":{"managedFields":[{"manager":"annals","operation":)"
                   R"("Update","fieldsV1":{"f:a":{}}}]},"a":1})"),
            "");
}

TEST(OwnedDigests, OfWhatCannotBeReadAreErrors) {
  JsonReader reader;
  EXPECT_FALSE(owned_digest(reader, "{"));
  EXPECT_FALSE(owned_digest(
      reader, R"({"metadata":{"managedFields":[{"manager":"annals","operation":"Apply"}]}})"));
  EXPECT_FALSE(owned_digest(
      reader, R"({"metadata":{"managedFields":[{"manager":"annals","operation":"Apply",)"
              R"("fieldsV1":{"f:a":{"k:{":{}}}}]},"a":[{}]})"));
}

}  // namespace
}  // namespace annals::k8s
