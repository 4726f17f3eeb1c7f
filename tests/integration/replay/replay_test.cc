// annals-replay on journals as the operator writes them: every command answers what a person asks
// in an incident, in both forms, and ends with the status that it promises.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "command_line.h"
#include "fsm/codec.h"
#include "journal/retention.h"
#include "run.h"
#include "tests/integration/journal/scratch.h"
#include "tests/integration/replay/recorder.h"

namespace annals::replay {
namespace {

using namespace std::chrono_literals;
using journal::Scratch;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

struct Answer {
  int status = 0;
  std::string out;
  std::string errors;

  json parsed() const { return json::parse(out); }
};

// As main() does it, with what would go to the terminal caught.
Answer ask(std::vector<std::string> arguments, const std::string& typed_in = {}) {
  Typed typed;
  const std::unique_ptr<CLI::App> app = make_app(typed);
  std::ranges::reverse(arguments);  // as CLI11 wants a vector
  std::ostringstream out;
  std::ostringstream errors;
  try {
    app->parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return {.status = app->exit(error, out, errors) == 0 ? kFine : kUsage,
            .out = out.str(),
            .errors = errors.str()};
  }
  const Out to{.text = &out, .json = typed.output == "json", .colour = false};
  std::istringstream in(typed_in);
  const int status = run(typed, *app, in, to, errors);
  return {.status = status, .out = out.str(), .errors = errors.str()};
}

fsm::ObjectRef ref(std::string kind, std::string name) {
  return {.api_version = kind == "StatefulSet" ? "apps/v1" : "v1",
          .kind = std::move(kind),
          .name_space = "ns",
          .name = std::move(name)};
}

class ReplayTest : public ::testing::Test {
 protected:
  void SetUp() override {
    recorder_ = std::make_unique<Recorder>(directory_);
    hippo_ = recorder_->create("hippo");
  }

  Answer ask_journal(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--journal", directory_});
    return ask(std::move(arguments));
  }
  // A fine answer's text.
  std::string told(std::vector<std::string> arguments) const {
    const Answer answer = ask_journal(std::move(arguments));
    EXPECT_EQ(answer.status, kFine) << answer.errors;
    return answer.out;
  }
  json told_json(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"-o", "json"});
    return json::parse(told(std::move(arguments)));
  }
  void lose(const std::string& kind, const std::string& name) {
    recorder_->tell(
        hippo_, fsm::ObjectGone{.ref = ref(kind, name), .uid = concat("uid-of-", kind, "/", name)});
  }

  Scratch scratch_;
  std::string directory_ = scratch_ / "journal";
  std::unique_ptr<Recorder> recorder_;
  ClusterUid hippo_;
};

TEST_F(ReplayTest, VerifyRecomputesEverythingIdentically) {
  recorder_->primary_is_ready(hippo_);
  const json verdict = told_json({"verify", "--hash"});
  EXPECT_EQ(verdict.at("differences").at("count"), 0);
  EXPECT_EQ(verdict.at("changed").at("count"), 0);
  EXPECT_EQ(verdict.at("records"), recorder_->journal().head().seq.value());
  EXPECT_GT(verdict.at("outputs").get<int>(), 40);
  EXPECT_EQ(verdict.at("states").at(hippo_.value()).at("hash").get<std::string>() + "\n",
            told({"state", "--hash"}));
  EXPECT_THAT(told({"verify"}), HasSubstr("\n0 differences\n"));
}

TEST_F(ReplayTest, VerifyCountsWhatWasNotDurableAtACrashAsCutOff) {
  recorder_->tell_and_crash(
      hippo_, fsm::ObjectGone{.ref = ref("Service", "hippo-ha"), .uid = "uid-of-Service/hippo-ha"});
  recorder_->start_operator();
  const json verdict = told_json({"verify"});
  EXPECT_EQ(verdict.at("cutOff"), 1);
  EXPECT_EQ(verdict.at("differences").at("count"), 0);
}

TEST_F(ReplayTest, VerifyTellsAnotherBehaviourApartFromABug) {
  // A decision that no machine of ours takes, written by an operator of another behaviour.
  recorder_->behaviour = fsm::kBehaviour + 1;
  recorder_->start_operator();
  journal::Batch batch;
  batch.entries.resize(1);
  batch.entries[0].cluster = hippo_;
  batch.entries[0].kind = journal::Kind::kDecision;
  batch.entries[0].type = "status";
  batch.entries[0].cause = journal::Cause::of(recorder_->journal().head().seq);
  batch.entries[0].payload = fsm::encode(fsm::Decision{.machine = "status",
                                                       .transition = "dance",
                                                       .reason = "other rules",
                                                       .inputs = {},
                                                       .intents = {}})
                                 .payload;
  ASSERT_TRUE(recorder_->journal().append_and_wait(batch));
  const Answer lenient = ask_journal({"verify"});
  EXPECT_EQ(lenient.status, kFine);
  EXPECT_THAT(lenient.out, HasSubstr("\n0 differences\n1 decisions of another behaviour"));
  EXPECT_EQ(ask_journal({"verify", "--strict"}).status, kDifferences);

  recorder_->behaviour = fsm::kBehaviour;
  recorder_->start_operator();
  batch.entries[0].cause = journal::Cause::of(recorder_->journal().head().seq);
  ASSERT_TRUE(recorder_->journal().append_and_wait(batch));
  const Answer strict = ask_journal({"verify"});
  EXPECT_EQ(strict.status, kDifferences) << strict.out;
  EXPECT_THAT(strict.out, HasSubstr("\n1 differences\n"));
}

TEST_F(ReplayTest, ARangeRestrictsWhatIsToldAndNotWhatItIsMadeFrom) {
  const Sequence before = recorder_->journal().head().seq;
  lose("Service", "hippo-primary");
  recorder_->carry_out();
  const json verdict = told_json({"verify", "--from", concat(before.next())});
  EXPECT_EQ(verdict.at("differences").at("count"), 0);
  EXPECT_LT(verdict.at("outputs").get<int>(), 10);
  const std::string lines = told({"timeline", "--from", concat(before.next()), "--kind", "fact"});
  EXPECT_EQ(std::ranges::count(lines, '\n'), 1) << lines;
  EXPECT_THAT(lines, HasSubstr("Service/hippo-primary is gone"));
}

TEST_F(ReplayTest, TimesSelectAsRecordsDo) {
  recorder_->pass(1h);
  lose("Service", "hippo-primary");
  const std::string by_time = told({"timeline", "--from", "2026-01-02T01:00", "--kind", "fact"});
  EXPECT_EQ(std::ranges::count(by_time, '\n'), 1) << by_time;
  EXPECT_EQ(told({"timeline", "--to", "2026-01-01"}), "");
}

TEST_F(ReplayTest, RecordsAreJsonLinesThatNameTheirClusterAndCause) {
  std::istringstream lines(told({"records", "--cluster", "ns/hippo"}));
  std::uint64_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const json record = json::parse(line);
    EXPECT_EQ(record.at("seq"), count + 1);
    EXPECT_EQ(record.at("name"), "ns/hippo");
    EXPECT_LT(record.at("cause"), record.at("seq"));
    EXPECT_TRUE(record.at("payload").is_object());
    EXPECT_EQ(record.at("hash").get<std::string>().size(), 64U);
  }
  EXPECT_EQ(count, recorder_->journal().head().seq.value());
}

TEST_F(ReplayTest, RecomputedRecordsAreTheRecordedOnes) {
  std::istringstream recorded(told({"records", "--kind", "decision", "--kind", "intent"}));
  std::istringstream recomputed(told({"records", "--recomputed"}));
  std::string was;
  std::string is;
  while (std::getline(recorded, was)) {
    ASSERT_TRUE(std::getline(recomputed, is));
    EXPECT_EQ(json::parse(was).at("payload"), json::parse(is).at("payload"));
    EXPECT_EQ(json::parse(was).at("type"), json::parse(is).at("type"));
  }
  EXPECT_FALSE(std::getline(recomputed, is));
}

TEST_F(ReplayTest, AStateIsToldAsOfAnyRecord) {
  const Sequence before = recorder_->journal().head().seq;
  recorder_->primary_is_ready(hippo_);
  EXPECT_EQ(told_json({"state"}).at("phase"), "Done");
  EXPECT_EQ(told_json({"state", "--at", concat(before), "--cluster", "ns/hippo"}).at("phase"),
            "Starting");
  EXPECT_THAT(told({"state"}), HasSubstr("ROLE"));
  const Answer too_early = ask_journal({"state", "--at", "0"});
  EXPECT_EQ(too_early.status, kNotFound);
}

TEST_F(ReplayTest, ADifferenceNamesEachValue) {
  const Sequence before = recorder_->journal().head().seq;
  recorder_->primary_is_ready(hippo_);
  const Answer diff = ask_journal({"diff", "--from", concat(before)});
  EXPECT_EQ(diff.status, kDifferences);
  EXPECT_THAT(diff.out, HasSubstr("/phase\n  - \"Starting\"\n  + \"Done\"\n"));
  EXPECT_EQ(ask_journal({"diff", "--from", concat(before), "--to", concat(before)}).status, kFine);
}

TEST_F(ReplayTest, WhyEndsInAPersonOrATool) {
  lose("Service", "hippo-primary");
  recorder_->carry_out();
  const std::string why = told({"why", "Service/hippo-primary"});
  EXPECT_THAT(why, HasSubstr("is missing: somebody has deleted it"));
  EXPECT_THAT(why, HasSubstr("fact  Service/hippo-primary is gone"));
  EXPECT_THAT(why, HasSubstr("asked for by kubectl (Apply at 2026-01-02T00:00:00Z)"));
  EXPECT_THAT(why, HasSubstr("ended as"));
  const json chains = told_json({"why", "Service/hippo-primary"});
  ASSERT_EQ(chains.size(), 2U) << "made once, mended once";
  EXPECT_EQ(chains[1].at("causes")[0].at("kind"), "decision");
  EXPECT_EQ(chains[1].at("causes").back().at("cause"), 0);
  EXPECT_EQ(ask_journal({"why", "Service/unknown"}).status, kNotFound);
}

TEST_F(ReplayTest, EveryWriteIsAskedForBySomebody) {
  lose("Service", "hippo-primary");
  recorder_->carry_out();
  recorder_->primary_is_ready(hippo_);
  recorder_->start_operator();
  std::istringstream lines(told({"records", "--kind", "intent"}));
  for (std::string line; std::getline(lines, line);) {
    const std::string target = json::parse(line).at("payload").at("target");
    for (const json& chain : told_json({"why", target}))
      EXPECT_THAT(chain.at("askedForBy"), HasSubstr("kubectl (Apply")) << target;
  }
}

TEST_F(ReplayTest, WhyNotTellsTheRefusalsAndThePredicates) {
  const std::string provision = told({"why-not", "primary-is-running"});
  EXPECT_THAT(provision, HasSubstr("not-yet-primary-is-running"));
  EXPECT_THAT(provision, HasSubstr("waits for a primary"));
  EXPECT_THAT(provision, HasSubstr("does not hold: primary-is-running"));
  recorder_->failures["ConfigMap/hippo-config"] = "403 Forbidden";
  lose("ConfigMap", "hippo-config");
  recorder_->carry_out();
  const std::string object = told({"why-not", "ConfigMap/hippo-config"});
  EXPECT_THAT(object, HasSubstr("NO   ConfigMap/hippo-config does not wait for a retry"));
  EXPECT_THAT(object, HasSubstr("403 Forbidden"));
  EXPECT_EQ(ask_journal({"why-not", "no-such-thing"}).status, kNotFound);
}

TEST_F(ReplayTest, BlockersSayUntilWhenAndWhatHelps) {
  const json blockers = told_json({"blockers"});
  ASSERT_EQ(blockers.size(), 1U);
  EXPECT_EQ(blockers[0].at("name"), "ns/hippo");
  EXPECT_THAT(blockers[0].at("blocker").at("waitsFor"), HasSubstr("a primary"));
  EXPECT_THAT(told({"blockers"}), HasSubstr("WHAT HELPS"));
  recorder_->primary_is_ready(hippo_);
  EXPECT_EQ(told({"blockers"}), "no cluster waits for anything\n");
}

TEST_F(ReplayTest, ABundleIsReadLikeAJournal) {
  recorder_->create("rhino");
  const std::string file = scratch_ / "hippo.annals";
  const Answer made = ask_journal({"export", file, "--cluster", "ns/hippo"});
  ASSERT_EQ(made.status, kFine) << made.errors;
  const Answer verdict = ask({"verify", "--journal", file});
  EXPECT_EQ(verdict.status, kFine) << verdict.errors;
  EXPECT_THAT(verdict.out, HasSubstr("\n0 differences\n"));
  EXPECT_EQ(ask({"state", "--hash", "--journal", file}).out,
            told({"state", "--hash", "--cluster", "ns/hippo"}));
  const Answer imported = ask({"import", file, scratch_ / "copy"});
  ASSERT_EQ(imported.status, kFine) << imported.errors;
  EXPECT_EQ(ask({"records", "--journal", scratch_ / "copy"}).out,
            told({"records", "--cluster", "ns/hippo"}));
  EXPECT_EQ(ask({"state", "--cluster", "ns/rhino", "--journal", file}).status, kNotFound);
}

TEST_F(ReplayTest, ACheckpointIsReadLikeAJournal) {
  ASSERT_TRUE(recorder_->journal().checkpoint(scratch_ / "checkpoint"));
  EXPECT_EQ(ask({"records", "--journal", scratch_ / "checkpoint"}).out, told({"records"}));
}

TEST_F(ReplayTest, OldRecordsMayHaveBeenRetired) {
  recorder_->records_per_snapshot = 20;
  recorder_->primary_is_ready(hippo_);
  for (int i = 0; i < 20; ++i) {
    lose("Service", "hippo-primary");
    recorder_->pass(10min);
    recorder_->carry_out();
  }
  recorder_->pass(std::chrono::days(500));
  recorder_->tell(hippo_, fsm::TimerFired{.name = "due"});
  const Timestamp now = recorder_->now();
  const Result<journal::RetentionReport> report =
      journal::apply_retention(recorder_->journal(), {}, now);
  ASSERT_TRUE(report.has_value()) << to_string(report.error());
  ASSERT_GT(report->expired + report->cut, 0U);
  const json verdict = told_json({"verify"});
  EXPECT_EQ(verdict.at("differences").at("count"), 0) << verdict.dump(2);
  EXPECT_EQ(verdict.at("notReadable").size(), 0U);
  EXPECT_THAT(told({"state"}), HasSubstr("Done"));
  lose("Service", "hippo-primary");
  recorder_->carry_out();
  EXPECT_EQ(told_json({"verify"}).at("differences").at("count"), 0);
  EXPECT_THAT(told({"why", "Service/hippo-primary"}), HasSubstr("Service/hippo-primary is gone"));
}

TEST_F(ReplayTest, WhatOnlyAnotherVersionCanReplayIsSaidToBeSo) {
  // Everything up to the end is covered by a snapshot of a format of the future, and goes.
  recorder_->pass(std::chrono::days(1));
  const Sequence end = recorder_->journal().head().seq;
  journal::Batch batch;
  batch.snapshots.push_back({.cluster = hippo_, .seq = end, .content = R"({"format":99})"});
  ASSERT_TRUE(recorder_->journal().append_and_wait(std::move(batch)));
  recorder_->pass(std::chrono::days(500));
  recorder_->tell(hippo_, fsm::TimerFired{.name = "due"});
  ASSERT_GT(journal::apply_retention(recorder_->journal(), {}, recorder_->now())->cut, 0U);
  const json verdict = told_json({"verify"});
  EXPECT_EQ(verdict.at("notReadable").size(), 1U);
  EXPECT_EQ(verdict.at("inputs"), 0);
  for (const char* command : {"state", "step"}) {
    const Answer answer = ask_journal({command});
    EXPECT_EQ(answer.status, kNotFound) << command;
    EXPECT_THAT(answer.errors, HasSubstr("use the version that wrote it")) << command;
  }
  EXPECT_EQ(ask_journal({"records", "--recomputed"}).status, kNotFound);
}

TEST_F(ReplayTest, ANameThatWasUsedAgainMeansTheNewestCluster) {
  recorder_->tell(hippo_, fsm::SpecGone{});
  const ClusterUid second = recorder_->create("hippo");
  EXPECT_EQ(told_json({"state", "--cluster", "ns/hippo"}).at("uid"), second.value());
  EXPECT_EQ(told_json({"state", "--cluster", hippo_.value()}).at("uid"), hippo_.value());
  EXPECT_THAT(told({"timeline", "--cluster", "ns/hippo"}),
              HasSubstr("the PostgresCluster is gone"));
}

TEST_F(ReplayTest, AHistoryIsSteppedThroughWithBreakpoints) {
  lose("Service", "hippo-primary");
  recorder_->carry_out();
  const Answer answer = ask({"step", "--journal", directory_},
                            "next\nbreak type object-gone\nrun\ninputs\nhash\nrun\nbad\nquit\n");
  ASSERT_EQ(answer.status, kFine) << answer.errors;
  EXPECT_THAT(answer.out, HasSubstr("operator pod-1 started"));
  EXPECT_THAT(answer.out, HasSubstr("desired-set restore: Service/hippo-primary is missing"));
  EXPECT_THAT(answer.out, HasSubstr("NO   in-place (Service/hippo-primary)"));
  EXPECT_THAT(answer.out, HasSubstr("the end\n"));
  EXPECT_THAT(answer.out, HasSubstr("no command 'bad'; there are:"));
  const Answer to_the_end = ask({"step", "--journal", directory_}, "run\nhash\n");
  EXPECT_THAT(to_the_end.out, HasSubstr(told({"state", "--hash"})));
  const Answer transition =
      ask({"step", "--journal", directory_}, "run transition objects-in-place\nstate\nq\n");
  EXPECT_THAT(transition.out, HasSubstr("\"phase\": \"Starting\""));
}

TEST_F(ReplayTest, AnotherVersionsDecisionsAreCompared) {
  EXPECT_EQ(ask_journal({"compare", ANNALS_REPLAY}).status, kFine);
  // A version that says less, and one that is none.
  const std::string silent = scratch_ / "silent";
  std::ofstream(silent) << "#!/bin/sh\n" ANNALS_REPLAY " \"$@\" | sed '/restore\\|create/d'\n";
  std::filesystem::permissions(silent, std::filesystem::perms::owner_all);
  const Answer answer = ask_journal({"compare", silent});
  EXPECT_EQ(answer.status, kDifferences) << answer.errors;
  EXPECT_THAT(answer.out, HasSubstr("ours    {"));
  const Answer none = ask_journal({"compare", "/bin/false"});
  EXPECT_EQ(none.status, kNotFound);
  EXPECT_THAT(none.errors, HasSubstr("it must be an annals-replay"));
  EXPECT_EQ(ask_journal({"compare", scratch_ / "nowhere"}).status, kNotFound);
}

TEST_F(ReplayTest, WhatIfTellsOnlyWhatAChangeMakesDifferent) {
  recorder_->primary_is_ready(hippo_);
  const Sequence at = recorder_->journal().head().seq;
  lose("Service", "hippo-primary");
  recorder_->carry_out();
  const std::string file = scratch_ / "patch.json";
  std::ofstream(file) << concat(R"({"at":)", at.next(),
                                R"(,"spec":{"users":[{"name":"rhino","databases":["zoo"]}]}})");
  const Answer answer = ask_journal({"what-if", "--patch", file});
  EXPECT_EQ(answer.status, kDifferences) << answer.errors;
  EXPECT_THAT(answer.out, HasSubstr("+ desired-set create: Secret/hippo-pguser-rhino"));
  EXPECT_THAT(answer.out, Not(HasSubstr("restore")))
      << "what is decided with and without the change is not told";
  std::ofstream(file) << concat(R"({"at":)", at.next(), R"(,"spec":{}})");
  EXPECT_EQ(ask_journal({"what-if", "--patch", file}).status, kFine);
  std::ofstream(file) << R"({"at":"soon","spec":{}})";
  EXPECT_THAT(ask_journal({"what-if", "--patch", file}).errors, HasSubstr("at: 'soon' is neither"));
}

TEST_F(ReplayTest, WhatIfChangesTheOperatorsImages) {
  const std::string file = scratch_ / "patch.json";
  std::ofstream(file)
      << R"({"at":1,"configuration":{"images":{"RELATED_IMAGE_POSTGRES_15":"postgres:15.9"}}})";
  const Answer answer = ask_journal({"what-if", "--patch", file, "-o", "json"});
  EXPECT_EQ(answer.status, kDifferences) << answer.errors;
  EXPECT_THAT(answer.out, HasSubstr("StatefulSet/hippo-instance1"));
  EXPECT_THAT(answer.out, Not(HasSubstr("Service/hippo-primary")));
}

// What is called wrongly is told with the argument, the value and the cure.

TEST_F(ReplayTest, WrongArgumentsAreNamedWithTheirCure) {
  const Answer at = ask_journal({"state", "--at", "yesterday"});
  EXPECT_EQ(at.status, kUsage);
  EXPECT_THAT(at.errors, HasSubstr("--at: 'yesterday' is neither"));
  const Answer kind = ask_journal({"timeline", "--kind", "rumour"});
  EXPECT_EQ(kind.status, kUsage);
  EXPECT_THAT(kind.errors, HasSubstr("--kind: 'rumour' is no kind of record: give one of fact"));
  EXPECT_EQ(ask({}).status, kUsage);
  EXPECT_EQ(ask({"dance"}).status, kUsage);
  EXPECT_EQ(ask_journal({"state", "-o", "yaml"}).status, kUsage);
  const Answer cluster = ask_journal({"state", "--cluster", "ns/rhino"});
  EXPECT_EQ(cluster.status, kNotFound);
  EXPECT_THAT(cluster.errors, HasSubstr("--cluster: 'ns/rhino' is not in this journal"));
  EXPECT_THAT(cluster.errors, HasSubstr("ns/hippo"));
}

TEST_F(ReplayTest, WhatIsNoJournalIsSaidToBeNone) {
  EXPECT_EQ(ask({"verify", "--journal", scratch_ / "nowhere"}).status, kNotFound);
  const Answer empty = ask({"verify", "--journal", scratch_.path()});
  EXPECT_EQ(empty.status, kNotFound);
  EXPECT_THAT(empty.errors, HasSubstr("holds no journal"));
}

TEST_F(ReplayTest, DamageIsCorruptAndNamesTheFile) {
  const std::string file = scratch_ / "part.annals";
  ASSERT_EQ(ask_journal({"export", file}).status, kFine);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  const Answer answer = ask({"verify", "--journal", file});
  EXPECT_EQ(answer.status, kCorrupt);
  EXPECT_THAT(answer.errors, HasSubstr(file));
}

std::string file_of_ours(const std::string& path) {
  std::ifstream in(concat(SOURCES, "/", path));
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_F(ReplayTest, TheManPageAndTheCompletionAreWhatTheProgramSays) {
  EXPECT_EQ(told({"manual"}), file_of_ours("docs/annals-replay.1"))
      << "annals-replay manual > docs/annals-replay.1";
  EXPECT_EQ(told({"completion"}), file_of_ours("tools/replay/annals-replay.bash"))
      << "annals-replay completion > tools/replay/annals-replay.bash";
}

TEST_F(ReplayTest, TheDocumentationNamesEveryCommand) {
  Typed typed;
  const std::string text = file_of_ours("docs/annals-replay.md");
  for (const CLI::App* command : make_app(typed)->get_subcommands({})) {
    if (command->get_name() == "manual" || command->get_name() == "completion") continue;
    EXPECT_THAT(text, HasSubstr("`" + command->get_name())) << command->get_name();
  }
}

TEST_F(ReplayTest, ColoursAreForTerminalsOnly) {
  EXPECT_THAT(told({"timeline"}), Not(HasSubstr("\033")));
  std::ostringstream text;
  const Out out{.text = &text, .json = false, .colour = true};
  EXPECT_EQ(out.paint("red", Colour::kRed), "\033[31mred\033[0m");
}

}  // namespace
}  // namespace annals::replay
