// ReadRepository against a real PostgreSQL and a real pgBackRest that drops WAL
// (archive-push-queue-max) while nothing later arrives: PostgreSQL takes it for archived, and
// `info` ends before it without a word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <string>

#include "actions/read_repository.h"
#include "base/concat.h"
#include "tests/integration/actions/exec_words.h"
#include "tests/integration/actions/with_archive.h"
#include "tests/integration/k8s/support/kubelet.h"
#include "tests/integration/k8s/support/peer_server.h"

namespace annals::actions {
namespace {

using namespace std::chrono_literals;

using k8s::ExecChannel;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kQueueMax = "archive-push-queue-max=48MiB\\n";

class DroppedWal : public WithArchive {
 protected:
  // With a backup and one segment after it in each repository.
  void archive_into(const std::string& more) {
    configure(more);
    if (more.contains("repo2")) as_server(pgbackrest("--no-online stanza-create"));
    archive();
    for (const char* repo : {"1", "2"}) {
      if (*repo == '1' || more.contains("repo2")) back_up(repo, "full");
    }
    await_archived(segment_ends());
  }
  void back_up(const std::string& repo, const std::string& type) const {
    as_server(pgbackrest(concat("--repo=", repo, " --type=", type,
                                " --log-level-console=error --start-fast backup")));
  }
  void await_archived(const std::string& segment) {
    await(concat("last_archived_wal = '", segment, "'"));
  }
  // More than the queue takes; the last segment. All of it is dropped, as PostgreSQL's log tells.
  // What is there when pgBackRest looks is dropped, and what comes behind that may fit into the
  // queue again: then more has to come.
  std::string write_what_is_dropped() {
    std::string last;
    bool is_dropped = false;
    for (int round = 0; round < 10 && !is_dropped; ++round) {
      for (int i = 0; i < 6; ++i) last = segment_ends();
      is_dropped = becomes(concat("last_archived_wal = '", last, "'"), 8s);
    }
    EXPECT_TRUE(is_dropped);
    EXPECT_THAT(server_.log(), testing::HasSubstr(concat("dropped WAL file '", last, "'")));
    return last;
  }
  void lose_first_repository() const {
    as_server(concat("mv ", folder_, "/repo1 ", folder_, "/repo1-lost"));
  }
  void find_first_repository() const {
    as_server(concat("mv ", folder_, "/repo1-lost ", folder_, "/repo1"));
  }

  fsm::RepositoryContents look(const std::string& repo) { return look(repo, server_.port()); }
  // The API server gives the Secret, and runs commands as a container does.
  fsm::RepositoryContents look(const std::string& repo, int port) {
    k8s::PeerServer api([this](boost::asio::ip::tcp::socket& socket) {
      std::array<char, 256> begin{};
      const std::size_t size =
          socket.receive(boost::asio::buffer(begin), boost::asio::socket_base::message_peek);
      if (std::string_view(begin.data(), size).contains("/secrets/")) {
        k8s::read_header(socket);
        boost::asio::write(socket, boost::asio::buffer(answer_of_api()));
        return;
      }
      k8s::Kubelet kubelet(socket, std::string(k8s::kExecProtocol4));
      kubelet.say(ExecChannel::kOutput, as_container(command_for_shell(kubelet.target())));
      kubelet.say(ExecChannel::kStatus, k8s::kSuccess);
      kubelet.close();
    });
    const PeerApi peer(loop_.get_executor(), clock_, api.port());
    fsm::ReadRepository intent{.digest = {},
                               .pod = "hippo-repo-host-0",
                               .container = "pgbackrest",
                               .repo = repo,
                               .stanza = "db",
                               .host = "localhost",
                               .port = port,
                               .authority_secret = "authority"};
    const Answer<ActionResult> answer =
        run(actions::run(std::move(intent), {ClusterUid("c"), "pg", "hippo"}, peer.context()));
    EXPECT_TRUE(answer) << to_string(answer.error());
    return answer ? answer->contents.value() : fsm::RepositoryContents();
  }

 private:
  std::string as_container(const std::string& words) const {
    return output_of(concat("PGBACKREST_LOG_LEVEL_FILE=off PGBACKREST_CONFIG=", folder_,
                            "/pgbackrest.conf PGBACKREST_CONFIG_INCLUDE_PATH=", folder_, "/conf.d ",
                            words));
  }
};

const std::vector<fsm::WalGap>& gaps_in(const fsm::RepositoryContents& contents) {
  return contents.archives.back().gaps;
}

TEST_F(DroppedWal, IsAGapFromTheEndOfTheArchiveToWhatPostgresTakesForArchived) {
  archive_into(kQueueMax);
  const fsm::RepositoryContents before = look("repo1");
  EXPECT_THAT(gaps_in(before), IsEmpty());
  lose_first_repository();
  const std::string first = ask("SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
  const std::string last = write_what_is_dropped();
  EXPECT_EQ(look("repo1").code, fsm::kNoStanzaPath) << "it cannot be read";
  find_first_repository();

  const fsm::RepositoryContents after = look("repo1");
  EXPECT_EQ(after.code, fsm::kRepositoryOk);
  EXPECT_EQ(after.archives.back().last, before.archives.back().last);
  EXPECT_THAT(
      gaps_in(after),
      ElementsAre(fsm::WalGap{
          .first = first, .last = last, .after = before.archives.back().last_at, .until = {}}));
  EXPECT_THAT(gaps_in(look("repo1", 1)), IsEmpty()) << "the server says nothing, info alone counts";

  back_up("1", "incr");
  EXPECT_THAT(gaps_in(look("repo1")), IsEmpty()) << "what is later can be restored";
}

// pgBackRest counts as pushed what all repositories have, and drops it for all of them.
TEST_F(DroppedWal, IsSeenInEachRepositoryByItself) {
  const auto to_second = [this](const char* path) {
    return concat(kQueueMax, "repo2-path=", folder_, "/", path, "\\n");
  };
  archive_into(to_second("repo2"));
  const std::string all_have_it = look("repo2").archives.back().last;
  configure(to_second("lost"));
  segment_ends();
  await("failed_count > 0");
  EXPECT_THAT(gaps_in(look("repo1")), IsEmpty()) << "it is on its way, and this one has it";
  // From now on neither gets anything: how much the first gets before the rest is dropped depends
  // on time.
  lose_first_repository();
  const std::string last = write_what_is_dropped();
  find_first_repository();
  configure(to_second("repo2"));

  const fsm::RepositoryContents whole = look("repo1");
  const fsm::RepositoryContents lost = look("repo2");
  EXPECT_EQ(lost.archives.back().last, all_have_it);
  EXPECT_GT(whole.archives.back().last, all_have_it);
  for (const fsm::RepositoryContents& contents : {whole, lost}) {
    ASSERT_THAT(gaps_in(contents), SizeIs(1));
    EXPECT_EQ(gaps_in(contents)[0].last, last);
    EXPECT_GT(gaps_in(contents)[0].first, contents.archives.back().last);
  }
  EXPECT_GT(gaps_in(whole)[0].first, gaps_in(lost)[0].first);

  // What it archives as it stops would come behind the gap.
  configure(to_second("lost"));
  server_.restart_as_standby();
  configure(to_second("repo2"));
  EXPECT_THAT(gaps_in(look("repo2")), IsEmpty()) << "it leads nobody";
}

}  // namespace
}  // namespace annals::actions
