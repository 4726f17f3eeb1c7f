#include "fsm/model/object_fields.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/concat.h"
#include "fsm/codec/codec.h"
#include "fsm/codec/state_codec.h"
#include "fsm/machine.h"

namespace annals::fsm {
namespace {

std::map<std::string, std::string> texts_of(const ObjectFields& fields) {
  std::map<std::string, std::string> texts;
  each_field(fields, [&](std::string_view name, std::string_view text) {
    EXPECT_TRUE(texts.emplace(name, text).second) << name << " is told twice";
  });
  return texts;
}

// Each name with a text that it can have.
std::map<std::string, std::string> every_field() {
  std::map<std::string, std::string> texts;
  for (const char* name :
       {"authority", "capacity",   "clusterIP", "completionTime", "config",    "failed",
        "failsafe",  "initialize", "instance",  "instance-set",   "keptFor",   "keptUntil",
        "leader",    "ledFor",     "repo",      "request",        "requested", "resize",
        "restore",   "revision",   "schedule",  "standby",        "standsFor", "keptTimeline",
        "startTime", "volume"})
    texts[name] = concat("a ", name);
  for (const char* name : {"active", "failures", "succeeded"}) texts[name] = "-7";
  texts["complete"] = "true";
  return texts;
}

constexpr const char* kObject =
    R"({"ref":{"apiVersion":"v1","kind":"Service","namespace":"ns","name":"a"},"uid":"u",)"
    R"("digest":"d","fields":FIELDS,"actor":{"manager":"","operation":"","time":""},"version":7})";

ObjectObserved object_with(const std::string& fields) {
  std::string text = kObject;
  text.replace(text.find("FIELDS"), 6, fields);
  return std::get<ObjectObserved>(decode_input("object-observed", text).value());
}

Outcome outcome_with(const std::string& fields) {
  const std::string text = concat(
      R"({"intent":1,"detail":"","uid":"","digest":"","status":"done","fields":)", fields, "}");
  return std::get<Outcome>(decode_input("outcome", text).value());
}

TEST(ObjectFields, EachHasItsNameInRecords) {
  ObjectFields fields;
  for (const auto& [name, text] : every_field()) EXPECT_TRUE(set_field(fields, name, text)) << name;
  EXPECT_EQ(texts_of(fields), every_field());
  EXPECT_EQ(count(fields), std::tuple_size_v<decltype(kObjectFields)>)
      << "a new field has to be read for ever: name it here";
  EXPECT_EQ(fields.service->cluster_ip, "a clusterIP");
  EXPECT_EQ(fields.instance->set, "a instance-set");
  EXPECT_EQ(fields.instance->name, "a instance");
  EXPECT_EQ(fields.job->failures, -7);
  EXPECT_TRUE(fields.job->complete);
}

TEST(ObjectFields, WithNothingInThemEqualThoseThatWereNeverMade) {
  ObjectFields fields;
  EXPECT_EQ(fields.job->request, std::nullopt);
  fields.job.edit();
  EXPECT_EQ(fields, ObjectFields());
  EXPECT_EQ(count(fields), 0U);
  fields.job.edit().active = 0;
  EXPECT_NE(fields, ObjectFields()) << "nought is more than nothing";
  const ObjectFields copy = fields;
  fields.job.edit().active = 1;
  EXPECT_EQ(copy.job->active, 0) << "a copy is another one";
}

// Thousands of clusters hold dozens of objects each, and most of those have no field.
TEST(ObjectFields, TakeAPointerForEachKindThatAnObjectIsNot) {
  EXPECT_EQ(sizeof(ObjectFields), 7 * sizeof(void*));
}

TEST(ObjectFields, TakeNoNumberFromWhatIsNone) {
  ObjectFields fields;
  for (const char* text : {"", "x", "1x", " 1", "99999999999999999999"})
    EXPECT_FALSE(set_field(fields, "active", text)) << text;
  EXPECT_EQ(fields, ObjectFields());
}

TEST(ObjectFields, AreRedactedWhereTheyAreTexts) {
  ObjectFields fields;
  for (const auto& [name, text] : every_field()) set_field(fields, name, text);
  change_texts(fields, [](std::string text) { return "no longer " + text; });
  std::map<std::string, std::string> expected = every_field();
  const std::set<std::string> others{"active", "complete", "failures", "succeeded"};
  for (auto& [name, text] : expected)
    if (!others.contains(name)) text = "no longer " + text;
  EXPECT_EQ(texts_of(fields), expected);
}

TEST(ObjectFields, OfRecordsKeepTheirBytes) {
  const std::string fields = R"({"active":"1","clusterIP":"10.0.0.7","complete":"true"})";
  const ObjectObserved object = object_with(fields);
  EXPECT_EQ(object.fields.service->cluster_ip, "10.0.0.7");
  EXPECT_NE(encode(object).payload.find(concat("\"fields\":", fields)), std::string::npos);
}

TEST(ObjectFields, OfAnotherVersionAreLeftOut) {
  EXPECT_EQ(object_with(R"({"readyReplicas":"3","revision":"r"})").fields,
            (ObjectFields{.stateful_set = {{.revision = "r"}}}));
}

// Records have both in one place.
TEST(ObjectFields, OfAnOutcomeAreToldFromPatronisMembers) {
  const std::string told = R"({"clusterIP":"None","hippo-a-0":"leader running -"})";
  const Outcome outcome = outcome_with(told);
  EXPECT_EQ(texts_of(outcome.fields), (std::map<std::string, std::string>{{"clusterIP", "None"}}));
  EXPECT_EQ(outcome.members,
            (std::map<std::string, std::string>{{"hippo-a-0", "leader running -"}}));
  EXPECT_NE(encode(outcome).payload.find(concat("\"fields\":", told)), std::string::npos);
}

// As those of an object that has no others: so it stands in old snapshots.
TEST(ObjectFields, OfAManualBackupsJobKeepTheirBytes) {
  ClusterState state = initial_state(ClusterUid("uid"));
  ManualBackup backup;
  backup.id = "now";
  backup.seen = {.start_time = "2026-01-02T00:00:00Z", .active = 1, .complete = true};
  state.manual_backup = backup;
  const std::string text = encode_state(state);
  EXPECT_TRUE(text.contains(
      R"("seen":{"active":"1","complete":"true","startTime":"2026-01-02T00:00:00Z"})"))
      << text;
  const Result<DecodedSnapshot> read = decode_snapshot(encode_snapshot(state));
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->state.manual_backup, state.manual_backup);
}

// They stand among the fields, and under no name of their own.
TEST(ObjectFields, OfAnOutcomeStandBetweenItsMembersByName) {
  Outcome outcome;
  outcome.fields.job = {{.active = 1, .complete = true}};
  outcome.members = {{"a", "1"}, {"b", "2"}, {"z", "3"}};
  const std::string payload = encode(outcome).payload;
  EXPECT_TRUE(
      payload.contains(R"("fields":{"a":"1","active":"1","b":"2","complete":"true","z":"3"})"))
      << payload;
  EXPECT_FALSE(payload.contains("members")) << payload;
  EXPECT_EQ(std::get<Outcome>(decode_input("outcome", payload).value()), outcome);
}

}  // namespace
}  // namespace annals::fsm
