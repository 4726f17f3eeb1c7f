// ReadRepository: what is run in which container, and what becomes of pgBackRest's answer.
#include "actions/read_repository.h"

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "base/concat.h"
#include "fsm/codec/codec.h"
#include "tests/integration/actions/exec_words.h"
#include "tests/integration/actions/peer_api.h"
#include "tests/integration/k8s/support/kubelet.h"
#include "tests/integration/k8s/support/loop.h"
#include "tests/integration/k8s/support/peer_server.h"

namespace annals::actions {
namespace {

using k8s::ExecChannel;
using testing::HasSubstr;

constexpr std::string_view kWarning =
    "WARN: configuration file contains invalid option 'repo1-retention-ful'\n";
// Of pgBackRest 2.55.1, shortened to one backup.
constexpr std::string_view kInfo =
    R"([{"archive":[{"database":{"id":1,"repo-key":1},"id":"15-1","max":"000000010000000000000004",)"
    R"("min":"000000010000000000000001"}],"backup":[{"archive":{"start":"000000010000000000000002",)"
    R"("stop":"000000010000000000000002"},"backrest":{"format":5,"version":"2.55.1"},"database":)"
    R"({"id":1,"repo-key":1},"error":false,"info":{"delta":23000000,"repository":{"delta":3000000,)"
    R"("size":3000000},"size":23000000},"label":"20260131-080500F","lsn":{"start":"0/2000028",)"
    R"("stop":"0/2000100"},"prior":null,"reference":null,"timestamp":{"start":1769846700,)"
    R"("stop":1769846712},"type":"full"}],"cipher":"none","db":[{"id":1,"repo-key":1,"system-id":)"
    R"(7301000000000000001,"version":"15"}],"name":"db","repo":[{"cipher":"none","key":1,"status":)"
    R"({"code":0,"message":"ok"}}],"status":{"code":0,"lock":{"backup":{"held":false},"restore":)"
    R"({"held":false}},"message":"ok"}}])";

std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = ::popen(command.c_str(), "r");
  EXPECT_NE(pipe, nullptr) << command;
  std::array<char, 4096> piece{};
  while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), pipe))
    output.append(piece.data(), size);
  EXPECT_EQ(::pclose(pipe), 0) << command << ": install the package pgbackrest";
  return output;
}

class ReadRepository : public k8s::LoopTest {
 protected:
  // pgBackRest's answer there, and the JSON by which the kubelet tells its end.
  Answer<ActionResult> read(const std::string& output, std::string_view end = k8s::kSuccess) {
    return ask([&](const std::string&) { return output; }, end);
  }
  // The same from a command: the words after each "command=" of the target.
  Answer<ActionResult> ask(const std::function<std::string(const std::string&)>& answer,
                           std::string_view end = k8s::kSuccess, const std::string& known = {}) {
    k8s::PeerServer server([&](boost::asio::ip::tcp::socket& socket) {
      k8s::Kubelet kubelet(socket, std::string(k8s::kExecProtocol4));
      {
        const std::lock_guard lock(mutex_);
        target_ += kubelet.target();
      }
      kubelet.say(ExecChannel::kOutput, answer(kubelet.target()));
      kubelet.say(ExecChannel::kStatus, end);
      kubelet.close();
    });
    const PeerApi peer(loop_.get_executor(), clock_, server.port());
    fsm::ReadRepository intent{.digest = {},
                               .pod = "hippo-repo-host-0",
                               .container = "pgbackrest",
                               .repo = "repo1",
                               .stanza = "db",
                               .known = known};
    return run(actions::run(std::move(intent), {ClusterUid("c"), "pg", "hippo"}, peer.context()));
  }
  std::string target() {
    const std::lock_guard lock(mutex_);
    return target_;
  }

 private:
  std::mutex mutex_;
  std::string target_;  // of all questions; protected by mutex_
};

TEST_F(ReadRepository, AsksOneRepositoryWhereItIsReached) {
  const Answer<ActionResult> read_well = read(std::string(kInfo));
  ASSERT_TRUE(read_well) << to_string(read_well.error());
  EXPECT_THAT(target(), HasSubstr("/pods/hippo-repo-host-0/exec?container=pgbackrest&"));
  EXPECT_THAT(target(), HasSubstr("command=pgbackrest&command=info&command=--stanza%3Ddb&"
                                  "command=--repo%3D1&command=--output%3Djson"));
}

TEST_F(ReadRepository, TellsWhatItHolds) {
  const Answer<ActionResult> answer = read(concat(kWarning, kInfo, "\n"));
  ASSERT_TRUE(answer) << to_string(answer.error());
  const fsm::RepositoryContents contents = answer->contents.value();
  EXPECT_EQ(contents.code, fsm::kRepositoryOk);
  ASSERT_EQ(contents.backups.size(), 1U);
  EXPECT_EQ(contents.backups[0].label, "20260131-080500F");
  EXPECT_EQ(contents.backups[0].size, 23'000'000U);
  ASSERT_EQ(contents.databases.size(), 1U);
  EXPECT_EQ(contents.databases[0].system_id, "7301000000000000001");
}

// The folder of the last WAL says when that came. Without it the rest is good all the same.
TEST_F(ReadRepository, ListsTheFolderOfTheLastWal) {
  const auto answers = [](const std::string& target) {
    if (!target.contains("command=repo-ls")) return std::string(kInfo);
    return std::string(R"({"000000010000000000000004-0123456789012345678901234567890123456789.gz":)"
                       R"({"type":"file","size":100,"time":1769846800}})");
  };
  const Answer<ActionResult> answer = ask(answers);
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_THAT(
      target(),
      HasSubstr("command=repo-ls&command=--repo%3D1&command=--output%3Djson&"
                "command=--io-timeout%3D10&command=archive%2Fdb%2F15-1%2F0000000100000000"));
  const fsm::RepositoryContents contents = answer->contents.value();
  EXPECT_EQ(contents.archives[0].last_at, Timestamp(std::chrono::seconds(1769846800)));
  EXPECT_EQ(contents.archives[0].size, 100U);
  const Answer<ActionResult> again = ask(answers, k8s::kSuccess, fsm::digest_of(contents));
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_FALSE(again->contents) << "it is as it was known";
}

// pgBackRest itself, where there is nothing yet, and where it cannot look.
TEST_F(ReadRepository, ARealPgBackRestSaysWhyThereIsNothingToRestore) {
  std::string folder = testing::TempDir() + "read-repository-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const auto contents_at = [&](const std::string& path) {
    std::ofstream(folder + "/pgbackrest.conf")
        << "[global]\nrepo1-path=" << path << "\nlog-path=" << folder
        << "\nrepo1-retention-ful=2\n[db]\npg1-path=" << folder << "\n";
    const Answer<ActionResult> answer = ask([&](const std::string& target) {
      return output_of(
          concat("PGBACKREST_CONFIG=", folder, "/pgbackrest.conf ", command_for_shell(target)));
    });
    EXPECT_TRUE(answer) << to_string(answer.error());
    return answer ? answer->contents.value() : fsm::RepositoryContents();
  };
  EXPECT_EQ(contents_at(folder).code, fsm::kNoStanzaPath);
  const fsm::RepositoryContents unread = contents_at("/dev/null/repository");
  EXPECT_EQ(unread.code, fsm::kRepositoryUnreadable);
  EXPECT_THAT(unread.trouble, HasSubstr("/dev/null/repository"));
  std::filesystem::remove_all(folder);
}

// ---- What goes wrong

TEST_F(ReadRepository, WhatIsNoAnswerIsNotTakenForAnEmptyRepository) {
  for (const char* output : {"", "ERROR: [032]: key 'repo1-path' is not valid", "[{]"}) {
    const Answer<ActionResult> answer = read(output);
    ASSERT_FALSE(answer) << output;
    EXPECT_EQ(answer.error().trouble, k8s::Trouble::kNotSent) << output;
  }
}

TEST_F(ReadRepository, ACommandThatFailsSaysWithWhichStatus) {
  const Answer<ActionResult> answer = read(
      std::string(kInfo),
      R"({"metadata":{},"status":"Failure","reason":"NonZeroExitCode","message":"exit code 31",)"
      R"("details":{"causes":[{"reason":"ExitCode","message":"31"}]}})");
  ASSERT_FALSE(answer);
  EXPECT_THAT(to_string(answer.error()), HasSubstr("pgbackrest info ended with exit status 31"));
}

}  // namespace
}  // namespace annals::actions
