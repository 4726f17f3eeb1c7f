// RunSql against a real PostgreSQL, over a line that breaks before each of the server's answers.
#include "actions/run_sql.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <string>

#include "base/concat.h"
#include "tests/integration/actions/with_postgres.h"
#include "tests/integration/k8s/support/peer_server.h"

namespace annals::actions {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// Carries bytes both ways until the server has spoken `answers` times; what it says then is lost,
// though what it did is done.
void carry(tcp::socket& client, std::uint16_t port, int answers) {
  tcp::socket server(client.get_executor());
  server.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
  std::array<char, 65'536> buffer{};
  for (;;) {
    std::array<pollfd, 2> ends{pollfd{client.native_handle(), POLLIN, 0},
                               pollfd{server.native_handle(), POLLIN, 0}};
    if (::poll(ends.data(), ends.size(), -1) < 0) return;
    if (ends[1].revents != 0) {
      const std::size_t size = server.read_some(asio::buffer(buffer));
      if (answers-- == 0) return;
      asio::write(client, asio::buffer(buffer.data(), size));
    } else {
      const std::size_t size = client.read_some(asio::buffer(buffer));
      asio::write(server, asio::buffer(buffer.data(), size));
    }
  }
}

class RunSql : public WithPostgres {
 protected:
  Answer<ActionResult> make_database(const std::string& name, std::uint16_t port) {
    fsm::RunSql intent;
    intent.host = "localhost";
    intent.port = port;
    intent.authority_secret = "authority";
    intent.databases = {name};
    return run(actions::run(intent, {ClusterUid("c"), "pg", "hippo"}, context_));
  }
  // Through a host of which the server's certificate says nothing.
  Answer<ActionResult> make_database_by_address(const std::string& name, bool by_its_own_name) {
    fsm::RunSql intent;
    intent.host = "127.0.0.1";
    intent.port = server_.port();
    intent.authority_secret = "authority";
    if (by_its_own_name)
      intent.server = {.authorities_secret = "hippo-cluster-cert",
                       .certificate_secret = "own-tls",
                       .certificate_key = "tls.crt"};
    intent.databases = {name};
    return run(actions::run(intent, {ClusterUid("c"), "pg", "hippo"}, context_));
  }
  bool exists(const std::string& database) {
    Result<postgres::Connection> connection =
        run(postgres::Connection::connect(server_.as_superuser()));
    const Result<postgres::Rows> found = run(connection.value().query(
        {"SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1", {database}}));
    return !found.value().rows.empty();
  }
};

TEST_F(RunSql, MakesWhatIsMissing) {
  const Answer<ActionResult> done = make_database("hippo", server_.port());
  EXPECT_TRUE(done) << to_string(done.error());
  EXPECT_TRUE(exists("hippo"));
  EXPECT_TRUE(make_database("hippo", server_.port())) << "a second time";
}

TEST_F(RunSql, ALineThatBreaksBeforeAnyAnswerIsNeverReportedAsNotDoneWhenItWas) {
  // What else is made comes before, and once.
  ASSERT_TRUE(make_database("first", server_.port()));
  int unknown_but_done = 0;
  int not_sent = 0;
  bool done = false;
  for (int answers = 0; !done; ++answers) {
    ASSERT_LT(answers, 100) << "it never came to its end";
    const std::string database = concat("db", answers);
    k8s::PeerServer line([&](tcp::socket& client) { carry(client, server_.port(), answers); });
    const Answer<ActionResult> answer = make_database(database, line.port());
    done = answer.has_value();
    const bool made = exists(database);
    if (done) {
      EXPECT_TRUE(made);
    } else if (answer.error().unknown_outcome()) {
      unknown_but_done += made ? 1 : 0;
    } else {
      EXPECT_FALSE(made) << answers << ": " << to_string(answer.error());
      ++not_sent;
    }
  }
  EXPECT_GT(unknown_but_done, 0) << "the answer to CREATE DATABASE was lost at least once";
  EXPECT_GT(not_sent, 0) << "while it connects nothing can have happened";
}

TEST_F(RunSql, AServerWithAUsersCertificateIsKnownByTheNameInIt) {
  EXPECT_FALSE(make_database_by_address("by-host", false));
  const Answer<ActionResult> done = make_database_by_address("by-name", true);
  EXPECT_TRUE(done) << to_string(done.error());
  EXPECT_TRUE(exists("by-name"));
}

TEST_F(RunSql, NobodyThereIsNotSent) {
  std::uint16_t port = 0;
  {
    const k8s::PeerServer gone([](tcp::socket&) {});
    port = gone.port();
  }
  const Answer<ActionResult> answer = make_database("nowhere", port);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().trouble, k8s::Trouble::kNotSent);
}

}  // namespace
}  // namespace annals::actions
