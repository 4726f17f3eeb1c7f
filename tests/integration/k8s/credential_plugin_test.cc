// Credential plugins (users[].user.exec of a kubeconfig): real programs, run by the client.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "k8s/credentials/credentials.h"
#include "k8s/credentials/kubeconfig.h"
#include "k8s/task_scope.h"
#include "k8s/transport/transport.h"
#include "tests/integration/k8s/support/loop.h"
#include "tests/integration/k8s/support/peer_server.h"

namespace annals::k8s {
namespace {

using boost::asio::ip::tcp;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr const char* kHead =
    R"('{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":)";

class Plugins : public LoopTest {
 protected:
  Plugins() {
    std::string pattern = testing::TempDir() + "pluginXXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    config_.server = {false, "127.0.0.1", "1", ""};
    config_.exec.emplace().user = "developer";
    config_.exec->api_version = "client.authentication.k8s.io/v1";
    config_.exec->command = directory_ / "get-token";
  }
  ~Plugins() override { std::filesystem::remove_all(directory_); }

  // Each run writes a line to the file `runs`.
  void write_plugin(const std::string& body) {
    const std::filesystem::path path = config_.exec->command;
    std::ofstream(path) << "#!/bin/sh\ncd '" << directory_.native() << "'\necho run >>runs\n"
                        << body << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  }
  // Prints token-1 at its first run, token-2 at its second, ...
  void write_counting_plugin(const std::string& more_status = {}) {
    write_plugin(concat("n=$(wc -l <runs)\nprintf '%s\"token-%d\"%s}}' ", kHead,
                        R"({"token":' $n ')", more_status, "'"));
  }
  std::string file(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(directory_ / name).rdbuf();
    return text.str();
  }
  std::size_t runs() {
    const std::string text = file("runs");
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
  }
  std::string refusal() {
    Credentials credentials(loop_.get_executor(), config_, manual_);
    const Answer<Authorization> got = run(credentials.current());
    if (got) return "accepted";
    EXPECT_EQ(got.error().trouble, Trouble::kNotSent);
    return got.error().message;
  }
  bool process_gone(const std::string& pid_file) {
    const int pid = std::atoi(file(pid_file).c_str());
    return pid > 1 && ::kill(pid, 0) != 0;
  }

  std::filesystem::path directory_;
  Config config_;
  ManualClock manual_;
};

TEST_F(Plugins, RunOnceForAllWhoWaitAndAreRememberedUntilTheCredentialExpires) {
  manual_.set(Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 11 / 21)));
  write_counting_plugin(R"(,"expirationTimestamp":"2026-11-21T00:10:00Z")");
  Credentials credentials(loop_.get_executor(), config_, manual_);
  TaskScope scope(loop_.get_executor());
  int got = 0;
  for (int i = 0; i < 20; ++i) {
    scope.spawn("ask", [](Credentials* from, int* count) -> boost::asio::awaitable<void> {
      const Answer<Authorization> with = co_await from->current();
      EXPECT_TRUE(with) << to_string(with.error());
      if (with && with->bearer.reveal() == "token-1") ++*count;
    }(&credentials, &got));
  }
  run(scope.join());
  EXPECT_EQ(got, 20);
  EXPECT_EQ(runs(), 1U);
  manual_.advance(599s);
  EXPECT_EQ(run(credentials.current())->bearer.reveal(), "token-1");
  manual_.advance(1s);
  EXPECT_THAT(run(credentials.current()).error().message, HasSubstr("expired at 2026-11-21"))
      << "it printed the same time again";
  EXPECT_EQ(runs(), 2U);
}

TEST_F(Plugins, ARefusedTokenIsFetchedAnewOnceForAllWhoWereRefused) {
  write_counting_plugin();
  PeerServer server([](tcp::socket& socket) {
    const std::string header = read_header(socket);
    const bool fresh = header_line(header, "Authorization") == "Bearer token-2";
    const std::string_view answer =
        fresh ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
              : "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    boost::asio::write(socket, boost::asio::buffer(answer));
  });
  config_.server.port = std::to_string(server.port());
  Transport transport(loop_.get_executor(), config_, clock_, Log(), no_metrics());
  TaskScope scope(loop_.get_executor());
  int answered = 0;
  for (int i = 0; i < 8; ++i) {
    scope.spawn("ask", [](Transport* over, int* count) -> boost::asio::awaitable<void> {
      Request request;
      request.path = "/api";
      const Answer<Response> answer = co_await over->send(std::move(request));
      EXPECT_TRUE(answer) << to_string(answer.error());
      if (answer) ++*count;
    }(&transport, &answered));
  }
  run(scope.join());
  EXPECT_EQ(answered, 8);
  EXPECT_EQ(runs(), 2U);
}

TEST_F(Plugins, ATokenThatIsAlwaysRefusedIsNotTriedForEver) {
  write_counting_plugin();
  PeerServer server([](tcp::socket& socket) {
    (void)read_header(socket);
    const std::string_view answer =
        "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    boost::asio::write(socket, boost::asio::buffer(answer));
  });
  config_.server.port = std::to_string(server.port());
  Transport transport(loop_.get_executor(), config_, clock_, Log(), no_metrics());
  Request request;
  request.path = "/api";
  const Answer<Response> answer = run(transport.send(std::move(request)));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().status, 401);
  EXPECT_EQ(runs(), 2U);
}

TEST_F(Plugins, GetTheirArgumentsTheirEnvironmentAndNothingToRead) {
  config_.exec->arguments = {"a b", "$c"};
  config_.exec->environment = {{"REGION", "north"}, {"HOME", "/elsewhere"}};
  write_plugin(
      concat("printf '%s|' \"$@\" \"$REGION\" \"$HOME\" \"$KUBERNETES_EXEC_INFO\" "
             "\"${PATH:+path}\" \"$(cat)\" >told\nprintf '%s' ",
             kHead, R"({"token":"t"}}')"));
  EXPECT_EQ(refusal(), "accepted");
  EXPECT_EQ(file("told"),
            "a b|$c|north|/elsewhere|{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":"
            "\"ExecCredential\",\"spec\":{\"interactive\":false}}|path||");
}

TEST_F(Plugins, OfAKubeconfigAreRelativeToItUnlessOnPath) {
  write_counting_plugin();
  std::ofstream(directory_ / "config")
      << "current-context: c\ncontexts:\n- {name: c, context: {cluster: c, user: dev}}\n"
         "clusters:\n- {name: c, cluster: {server: 'http://127.0.0.1:1'}}\n"
         "users:\n- name: dev\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1, "
         "command: ./get-token, interactiveMode: Never}\n";
  Result<Config> config = load_kubeconfig(directory_ / "config");
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->exec->user, "dev");
  config_ = *std::move(config);
  EXPECT_EQ(refusal(), "accepted");
  config_.exec->command = "true";
  EXPECT_THAT(refusal(), HasSubstr("user 'dev': exec plugin 'true': printed no ExecCredential"));
}

// ---- What goes wrong

TEST_F(Plugins, ThatFailSaySoByNameWithWhatTheyComplainedOf) {
  write_plugin("echo s3cret\necho >&2 \"log in first\"\nexit 3");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("user 'developer'"), HasSubstr("get-token'"),
                               HasSubstr("exit code 3: log in first"), Not(HasSubstr("s3cret"))));
  write_plugin("kill -9 $$");
  EXPECT_THAT(refusal(), HasSubstr("killed by signal 9"));
  write_plugin("echo s3cret");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("no ExecCredential"), Not(HasSubstr("s3cret"))));
}

TEST_F(Plugins, ThatAreMissingSayHowToGetThem) {
  config_.exec->command = "annals-no-such-program";
  config_.exec->install_hint = "get it at the gate";
  EXPECT_THAT(refusal(), AllOf(HasSubstr("user 'developer'"), HasSubstr("annals-no-such-program"),
                               HasSubstr("No such file"), HasSubstr("get it at the gate")));
  config_.exec->command = directory_ / "get-token";
  std::ofstream(config_.exec->command) << "#!/bin/sh\n";
  EXPECT_THAT(refusal(), HasSubstr("Permission denied"));
}

TEST_F(Plugins, ThatTakeTooLongAreEndedWithTheirChildren) {
  config_.exec->timeout = 300ms;
  write_plugin("sleep 1000 &\necho $! >child\nwait");
  EXPECT_THAT(refusal(), HasSubstr("timed out after 1 s"));
  run_until([&] { return process_gone("child"); });
}

TEST_F(Plugins, AreEndedWhenNobodyWaitsForThemAnyMore) {
  write_plugin("sleep 1000 &\necho $! >child.new\nmv child.new child\nwait");
  Credentials credentials(loop_.get_executor(), config_, manual_);
  TaskScope scope(loop_.get_executor());
  scope.spawn("ask", [](Credentials* from) -> boost::asio::awaitable<void> {
    (void)co_await from->current();
  }(&credentials));
  run_until([&] { return !file("child").empty(); });
  scope.cancel();
  run(scope.join());
  run_until([&] { return process_gone("child"); });
}

TEST_F(Plugins, ThatPrintWithoutEndAreCut) {
  write_plugin("head -c 3000000 /dev/zero");
  EXPECT_THAT(refusal(), HasSubstr("prints more than 1048576 bytes"));
}

}  // namespace
}  // namespace annals::k8s
