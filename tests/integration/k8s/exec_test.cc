// exec and port-forward against a WebSocket server of another make (Beast's), which stands for the
// kubelet.
#include "k8s/pods/exec.h"

#include <gmock/gmock.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <mutex>
#include <optional>

#include "k8s/pods/local_forward.h"
#include "k8s/pods/port_forward.h"
#include "k8s/task_scope.h"
#include "tests/integration/k8s/support/kubelet.h"
#include "tests/integration/k8s/support/loop.h"
#include "tests/integration/k8s/support/peer_server.h"

namespace annals::k8s {
namespace {

using boost::asio::ip::tcp;
using testing::HasSubstr;
using namespace std::chrono_literals;

class Exec : public LoopTest {
 protected:
  // Serves exec: each connection goes to the function, which may throw when the peer has gone.
  void serve(std::function<void(Kubelet&)> talk,
             const std::string& protocol = std::string(kExecProtocol4)) {
    server_.emplace([this, talk = std::move(talk), protocol](tcp::socket& socket) {
      Kubelet kubelet(socket, protocol);
      {
        const std::lock_guard lock(mutex_);
        target_ = kubelet.target();
      }
      talk(kubelet);
    });
    Config config;
    config.server = {false, "127.0.0.1", std::to_string(server_->port()), ""};
    transport_.emplace(loop_.get_executor(), std::move(config), clock_, Log(), no_metrics());
    client_.emplace(*transport_);
  }
  PodCommand command(std::optional<std::string> input = std::nullopt) {
    PodCommand command;
    command.pod = {"ns", "pod"};
    command.container = "database";
    command.command = {"echo", "a b", "ü&c"};
    command.input = std::move(input);
    command.timeout = 10s;
    return command;
  }
  Answer<PodCommandResult> exec(PodCommand command) {
    return run(run_in_pod(&*client_, std::move(command)));
  }
  std::string target() {
    const std::lock_guard lock(mutex_);
    return target_;
  }

  std::mutex mutex_;
  std::string target_;  // protected by mutex_
  std::optional<PeerServer> server_;
  std::optional<Transport> transport_;
  std::optional<Client> client_;
};

TEST_F(Exec, GivesBothOutputsAndTheExitCode) {
  serve([](Kubelet& kubelet) {
    for (const ExecChannel opened :
         {ExecChannel::kOutput, ExecChannel::kErrorOutput, ExecChannel::kStatus}) {
      kubelet.say(opened, "");
    }
    kubelet.say(ExecChannel::kOutput, "one ");
    kubelet.say(ExecChannel::kErrorOutput, "oops");
    kubelet.ping();
    kubelet.say(ExecChannel::kOutput, "two");
    kubelet.say(ExecChannel::kStatus,
                R"({"metadata":{},"status":"Failure","reason":"NonZeroExitCode",)"
                R"("message":"command terminated with exit code 3",)"
                R"("details":{"causes":[{"reason":"ExitCode","message":"3"}]}})");
    kubelet.close();
  });
  const Answer<PodCommandResult> result = exec(command());
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(result->output, "one two");
  EXPECT_EQ(result->error_output, "oops");
  EXPECT_EQ(result->exit.code, 3);
  EXPECT_THAT(result->exit.message, HasSubstr("exit code 3"));
  EXPECT_FALSE(result->cut);
  EXPECT_EQ(target(),
            "/api/v1/namespaces/ns/pods/pod/exec?container=database&command=echo&command=a%20b&"
            "command=%C3%BC%26c&stdin=false&stdout=true&stderr=true&tty=false");
}

TEST_F(Exec, InputGoesOutWhileOutputComesIn) {
  // An echo: with one direction after the other, both ends would soon wait for each other.
  std::string input;
  for (int i = 0; input.size() < 8'000'000; ++i) input += std::to_string(i);
  serve([size = input.size()](Kubelet& kubelet) {
    for (std::size_t heard = 0; heard < size;) {
      const std::string message = kubelet.hear();
      heard += message.size() - 1;
      kubelet.say(ExecChannel::kOutput, message.substr(1));
    }
    kubelet.say(ExecChannel::kStatus, kSuccess);
    kubelet.close();
  });
  PodCommand echo = command(input);
  echo.output_bytes_max = input.size();
  const Answer<PodCommandResult> result = exec(std::move(echo));
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(result->exit.code, 0);
  EXPECT_EQ(result->output, input);
  EXPECT_THAT(target(), HasSubstr("command=sh&command=-c&command=head%20-c%20%22%240%22"));
}

TEST_F(Exec, MoreOutputThanWantedIsLeftOutButTheExitCodeIsNot) {
  serve([](Kubelet& kubelet) {
    for (int i = 0; i < 100; ++i) kubelet.say(ExecChannel::kOutput, std::string(100'000, 'x'));
    kubelet.say(ExecChannel::kStatus, kSuccess);
    kubelet.close();
  });
  PodCommand loud = command();
  loud.output_bytes_max = 1000;
  const Answer<PodCommandResult> result = exec(std::move(loud));
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(result->output, std::string(1000, 'x'));
  EXPECT_TRUE(result->cut);
}

TEST_F(Exec, TheEndOfInputCanBeToldInVersion5Only) {
  std::promise<std::string> heard;
  serve(
      [&heard](Kubelet& kubelet) {
        heard.set_value(kubelet.hear());
        kubelet.say(ExecChannel::kStatus, kSuccess);
        kubelet.close();
      },
      std::string(kExecProtocol5));
  ExecOptions options{.container = {}, .command = {"cat"}, .input = true};
  Answer<ExecSession> session = run(ExecSession::open(&*client_, {"ns", "pod"}, options));
  ASSERT_TRUE(session) << to_string(session.error());
  ASSERT_TRUE(session->can_end_input());
  ASSERT_TRUE(run(session->end_input()));
  EXPECT_FALSE(run(session->read(10s)).value());
  EXPECT_EQ(session->exit().code, 0);
  EXPECT_EQ(heard.get_future().get(), std::string("\xff\0", 2));

  serve([](Kubelet& kubelet) { (void)kubelet.hear(); });
  Answer<ExecSession> older = run(ExecSession::open(&*client_, {"ns", "pod"}, options));
  ASSERT_TRUE(older);
  EXPECT_FALSE(older->can_end_input());
  EXPECT_EQ(run(older->end_input()).error().trouble, Trouble::kNotSent);
}

TEST_F(Exec, ATerminalIsResized) {
  std::promise<std::string> heard;
  serve([&heard](Kubelet& kubelet) { heard.set_value(kubelet.hear()); });
  ExecOptions options{.container = {}, .command = {"top"}, .input = true, .terminal = true};
  Answer<ExecSession> session = run(ExecSession::open(&*client_, {"ns", "pod"}, options));
  ASSERT_TRUE(session);
  ASSERT_TRUE(run(session->resize(80, 24)));
  EXPECT_EQ(heard.get_future().get(), R"()"
                                      "\x04"
                                      R"({"Width":80,"Height":24})");
}

// ---- What goes wrong

TEST_F(Exec, ACommandThatCannotBeRunSaysSo) {
  serve([](Kubelet& kubelet) {
    kubelet.say(
        ExecChannel::kStatus,
        R"({"status":"Failure","reason":"InternalError","message":"no such file","code":500})");
    kubelet.close();
  });
  const Answer<PodCommandResult> result = exec(command());
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().unknown_outcome());
  EXPECT_EQ(result.error().reason, "InternalError");
  EXPECT_THAT(result.error().message, HasSubstr("no such file"));
}

TEST_F(Exec, AConnectionThatEndsBeforeTheStatusIsAnUnknownOutcome) {
  serve([](Kubelet& kubelet) {
    kubelet.say(ExecChannel::kOutput, "half");
    kubelet.close();
  });
  const Answer<PodCommandResult> result = exec(command("input"));
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().unknown_outcome());
  EXPECT_THAT(result.error().message, HasSubstr("closed before the command ended"));
}

TEST_F(Exec, ACommandWithoutEndIsGivenUpAndItsConnectionClosed) {
  std::promise<void> gone;
  serve([&gone](Kubelet& kubelet) {
    try {
      (void)kubelet.hear();
    } catch (const boost::system::system_error&) {
      gone.set_value();
    }
  });
  PodCommand endless = command();
  endless.timeout = 200ms;
  const Answer<PodCommandResult> result = exec(std::move(endless));
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().unknown_outcome());
  EXPECT_EQ(gone.get_future().wait_for(10s), std::future_status::ready);
}

boost::asio::awaitable<void> exec_for_ever(Client* client, PodCommand command) {
  (void)co_await run_in_pod(client, std::move(command));
}

TEST_F(Exec, CancellationClosesTheConnectionAtOnce) {
  std::promise<void> began;
  std::promise<void> gone;
  serve([&](Kubelet& kubelet) {
    began.set_value();
    try {
      for (;;) (void)kubelet.hear();
    } catch (const boost::system::system_error&) {
      gone.set_value();
    }
  });
  TaskScope scope(loop_.get_executor());
  scope.spawn("exec", exec_for_ever(&*client_, command("input")));
  std::future<void> under_way = began.get_future();
  run_until([&] { return under_way.wait_for(0s) == std::future_status::ready; });
  scope.cancel();
  run(scope.join());
  EXPECT_EQ(gone.get_future().wait_for(10s), std::future_status::ready);
}

// ---- port-forward

class Forward : public Exec {
 protected:
  // Port 5432, the lower byte first, on both channels.
  static void open_channels(Kubelet& kubelet) {
    for (const char channel : {'\0', '\1'}) kubelet.say(concat(channel, "\x38\x15"));
  }
};

TEST_F(Forward, CarriesBytesBothWays) {
  serve([](Kubelet& kubelet) {
    open_channels(kubelet);
    const std::string heard = kubelet.hear();
    kubelet.say(concat('\0', "you said ", heard.substr(1)));
    kubelet.close();
  });
  Answer<PortForward> stream = run(PortForward::open(&*client_, {"ns", "pod"}, 5432));
  ASSERT_TRUE(stream) << to_string(stream.error());
  ASSERT_TRUE(run(stream->write("hello")));
  EXPECT_EQ(run(stream->read(10s)).value(), "you said hello");
  EXPECT_EQ(run(stream->read(10s)).value(), "");
  EXPECT_EQ(target(), "/api/v1/namespaces/ns/pods/pod/portforward?ports=5432");
}

TEST_F(Forward, ToAPortWhereNobodyListensSaysSo) {
  serve([](Kubelet& kubelet) {
    open_channels(kubelet);
    kubelet.say(concat('\1', "dial tcp4 127.0.0.1:5432: connect: connection refused"));
    kubelet.close();
  });
  Answer<PortForward> stream = run(PortForward::open(&*client_, {"ns", "pod"}, 5432));
  ASSERT_TRUE(stream);
  const Answer<std::string> read = run(stream->read(10s));
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("connection refused"));
}

TEST_F(Forward, OfAnotherPortThanAskedForIsRefused) {
  serve([](Kubelet& kubelet) { kubelet.say(std::string_view("\0\x39\x15", 3)); });
  Answer<PortForward> stream = run(PortForward::open(&*client_, {"ns", "pod"}, 5432));
  ASSERT_TRUE(stream);
  EXPECT_THAT(run(stream->read(10s)).error().message, HasSubstr("not the requested port"));
}

// What a library does that is given an address: calls it, says something and reads to the end.
std::string call(std::uint16_t port, const std::string& words) {
  boost::asio::io_context context;
  tcp::socket socket(context);
  socket.connect({boost::asio::ip::make_address(LocalForward::kAddress), port});
  boost::asio::write(socket, boost::asio::buffer(words));
  std::string heard;
  boost::system::error_code end;
  boost::asio::read(socket, boost::asio::dynamic_buffer(heard), end);
  return heard;
}

TEST_F(Forward, OfALocalPortCarriesOneCallAfterTheOther) {
  serve([](Kubelet& kubelet) {
    open_channels(kubelet);
    const std::string heard = kubelet.hear();
    kubelet.say(concat('\0', "you said ", heard.substr(1)));
    kubelet.close();
  });
  const auto forward = LocalForward::listen(*client_, {"ns", "pod"}, 5432).value();
  for (const char* words : {"hello", "hello again"}) {
    std::future<std::string> answer =
        std::async(std::launch::async, call, forward->port(), std::string(words));
    run_until([&] { return answer.wait_for(0s) == std::future_status::ready; });
    EXPECT_EQ(answer.get(), concat("you said ", words));
  }
  EXPECT_EQ(forward->trouble(), "");
}

TEST_F(Forward, OfALocalPortSaysWhyACallEnded) {
  serve([](Kubelet& kubelet) {
    open_channels(kubelet);
    kubelet.say(concat('\1', "dial tcp4 127.0.0.1:5432: connect: connection refused"));
    kubelet.close();
  });
  const auto forward = LocalForward::listen(*client_, {"ns", "pod"}, 5432).value();
  std::future<std::string> answer =
      std::async(std::launch::async, call, forward->port(), std::string("hello"));
  run_until([&] { return answer.wait_for(0s) == std::future_status::ready; });
  EXPECT_EQ(answer.get(), "");
  EXPECT_THAT(forward->trouble(), HasSubstr("connection refused"));
}

TEST_F(Forward, OfALocalPortEndsWithItsOwner) {
  std::promise<void> began;
  std::promise<void> gone;
  serve([&](Kubelet& kubelet) {
    open_channels(kubelet);
    began.set_value();
    try {
      for (;;) (void)kubelet.hear();
    } catch (const boost::system::system_error&) {
      gone.set_value();
    }
  });
  auto forward = LocalForward::listen(*client_, {"ns", "pod"}, 5432).value();
  std::future<std::string> answer =
      std::async(std::launch::async, call, forward->port(), std::string("hello"));
  std::future<void> under_way = began.get_future();
  run_until([&] { return under_way.wait_for(0s) == std::future_status::ready; });
  forward.reset();
  std::future<void> ended = gone.get_future();
  run_until([&] { return ended.wait_for(0s) == std::future_status::ready; });
  run_until([&] { return answer.wait_for(0s) == std::future_status::ready; });
  EXPECT_EQ(answer.get(), "");
}

}  // namespace
}  // namespace annals::k8s
