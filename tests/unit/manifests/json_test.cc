// Json prints what the JSON library prints, byte for byte: digests of manifests and the journal's
// records hang on it.
#include "manifests/json.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "tests/unit/manifests/clusters.h"

namespace annals::manifests {
namespace {

std::string print_of_library(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

TEST(Json, PrintsEveryByteAsTheLibraryDoes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text{'a', static_cast<char>(first), static_cast<char>(second), 'z'};
      ASSERT_EQ(Json(text).dump(), print_of_library(text)) << first << " " << second;
    }
  }
}

// Text is looked at in words of eight bytes.
TEST(Json, PrintsAByteAtEachPlaceOfALongTextAsTheLibraryDoes) {
  for (int byte = 0; byte < 128; ++byte) {
    for (std::size_t place = 0; place < 20; ++place) {
      std::string text = "a long text\nof lines";
      text[place] = static_cast<char>(byte);
      ASSERT_EQ(Json(text).dump(), print_of_library(text)) << byte << " at " << place;
    }
  }
}

TEST(Json, PrintsNumbersAsTheLibraryDoes) {
  EXPECT_EQ(Json(std::numeric_limits<std::int64_t>::min()).dump(), "-9223372036854775808");
  EXPECT_EQ(Json(std::numeric_limits<std::uint64_t>::max()).dump(), "18446744073709551615");
  for (const double value : {0.0, -1.5, 1e300, 0.1, 1.0 / 3.0})
    EXPECT_EQ(Json(value).dump(), nlohmann::json(value).dump());
}

TEST(Json, EqualNumbersAreEqualWhateverTheirType) {
  EXPECT_EQ(Json(5), Json(std::uint64_t{5}));
  EXPECT_NE(Json(5), Json(true));
  EXPECT_NE(Json(5), Json("5"));
}

TEST(Json, SortsTheFieldsOfAnObject) {
  Json value = {{"b", 1}, {"a", {{"d", nullptr}, {"c", true}}}};
  value["aa"] = Json::array({"x", 2});
  EXPECT_EQ(value.dump(), R"({"a":{"c":true,"d":null},"aa":["x",2],"b":1})");
}

TEST(Json, OfTwoFieldsOfOneNameTheFirstCounts) {
  const Json value = {{"a", 1}, {"b", 2}, {"a", 3}};
  EXPECT_EQ(value.dump(), R"({"a":1,"b":2})");
}

TEST(Json, BracesAroundAValueAreThatValue) {
  const Json list = Json::array({1, 2});
  const Json same{list};
  EXPECT_EQ(same, list);
  const Json pair = {{"a", "b"}};
  EXPECT_TRUE(pair.is_object()) << "a pair of texts is a field, never a list";
}

TEST(Json, NullHasNothingInIt) {
  Json null;
  EXPECT_TRUE(null.empty());
  EXPECT_EQ(null.begin(), null.end());
  EXPECT_FALSE(null.contains("a"));
  EXPECT_EQ(null.value("a", 7), Json(7));
  null["a"]["b"] = 1;
  EXPECT_EQ(null.dump(), R"({"a":{"b":1}})");
}

TEST(Json, UpdatesAndErases) {
  Json value = {{"a", 1}, {"b", 2}};
  value.update({{"b", 3}, {"c", 4}});
  value.erase("a");
  value.erase("not there");
  EXPECT_EQ(value.dump(), R"({"b":3,"c":4})");
}

// Any value, of the same seed the same.
nlohmann::json some_value(std::mt19937& random, int depth) {
  switch (random() % (depth == 0 ? 5U : 7U)) {
    case 0:
      return nullptr;
    case 1:
      return random() % 2 == 0;
    case 2:
      return static_cast<std::int64_t>(random()) - (std::int64_t{1} << 31);
    case 3:
      return static_cast<double>(random()) / 7.0;
    case 4: {
      std::string text;
      for (std::size_t i = random() % 12; i > 0; --i) text += static_cast<char>(random() % 128);
      return text + (random() % 3 == 0 ? "ü€𝄞" : "");
    }
    case 5: {
      nlohmann::json list = nlohmann::json::array();
      for (std::size_t i = random() % 5; i > 0; --i) list.push_back(some_value(random, depth - 1));
      return list;
    }
    default: {
      nlohmann::json object = nlohmann::json::object();
      for (std::size_t i = random() % 5; i > 0; --i)
        object[std::to_string(random() % 20)] = some_value(random, depth - 1);
      return object;
    }
  }
}

TEST(Json, ReadsAndPrintsAnyDocumentAsTheLibraryDoes) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same values in each run
  for (int i = 0; i < 2'000; ++i) {
    const std::string text = some_value(random, 5).dump();
    ASSERT_EQ(Json::parse(text).dump(), text);
    ASSERT_EQ(Json::parse(text), Json::parse(text));
  }
}

}  // namespace
}  // namespace annals::manifests
