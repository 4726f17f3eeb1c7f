// exec, logs and port-forward in a real pod. Wants a cluster with a node that has the image
// postgres:15; part of the e2e layer.
#include <gmock/gmock.h>

#include "base/sha256.h"
#include "k8s/pods/exec.h"
#include "k8s/pods/port_forward.h"
#include "k8s/watch/watch_stream.h"
#include "tests/integration/k8s/support/api_server.h"

namespace annals::k8s {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using namespace std::chrono_literals;

// One pod for all tests: it says that it is ready when it listens on port 5555, and logs a line for
// each that is written to /tmp/say.
constexpr const char* kScript = R"(
mkfifo /tmp/say
python3 -c '
import socketserver
class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"you said " + self.rfile.readline())
server = socketserver.TCPServer(("", 5555), Echo)
print("ready", flush=True)
server.serve_forever()' &
exec 3<>/tmp/say
while read -r line <&3; do
  echo "$line"
  [ "$line" != end ] || exit 0
done
)";

class Pods : public ApiServerTest {
 protected:
  void SetUp() override {
    const Json container = {{"name", "main"},
                            {"image", "localhost/annals/postgres:15"},
                            {"imagePullPolicy", "Never"},
                            {"command", {"bash", "-c", kScript}}};
    run_until([&] { return run(client_.get(service_accounts(), object("default"))).has_value(); },
              60s, [&] { return "no service account default in " + space_; });
    (void)created(pods(), {{"apiVersion", "v1"},
                           {"kind", "Pod"},
                           {"metadata", metadata("worker")},
                           {"spec",
                            {{"restartPolicy", "Never"},
                             {"automountServiceAccountToken", false},
                             {"terminationGracePeriodSeconds", 0},
                             {"activeDeadlineSeconds", 600},
                             {"containers", Json::array({container})}}}});
    run_until([&] { return log().starts_with("ready"); }, 120s,
              [&] { return log() + fetched(pods(), "worker")["status"].dump(); });
  }
  // The log so far.
  std::string log() {
    Answer<Exchange> exchange = run(client_.logs(object("worker"), {}));
    if (!exchange) return {};
    std::string text;
    for (;;) {
      const Answer<bool> more = run(exchange->read(&text, 5s));
      if (!more || !*more) return text;
    }
  }
  PodCommand command(std::vector<std::string> words) {
    PodCommand command;
    command.pod = object("worker");
    command.command = std::move(words);
    return command;
  }
  PodCommandResult exec(PodCommand command) {
    Answer<PodCommandResult> result = run(run_in_pod(&client_, std::move(command)));
    if (!result) throw std::runtime_error(to_string(result.error()));
    return *std::move(result);
  }
};

TEST_F(Pods, RunCommandsWithInputBothOutputsAndTheirExitCode) {
  const PodCommandResult said =
      exec(command({"bash", "-c", "echo \"to you, $0\"; echo 'and oops' >&2; exit 7", "é漢字🐘"}));
  EXPECT_EQ(said.output, "to you, é漢字🐘\n");
  EXPECT_EQ(said.error_output, "and oops\n");
  EXPECT_EQ(said.exit.code, 7);

  PodCommand sum = command({"sha256sum"});
  sum.input = "";
  for (int i = 0; sum.input->size() < 3'000'000; ++i) *sum.input += std::to_string(i);
  const std::string expected = sha256_hex(*sum.input);
  const PodCommandResult summed = exec(std::move(sum));
  EXPECT_THAT(summed.output, testing::StartsWith(expected)) << summed.error_output;
  EXPECT_EQ(summed.exit.code, 0);

  PodCommand failing = command({"sh", "-c", "cat >/dev/null; exit 3"});
  failing.input = "x";
  EXPECT_EQ(exec(std::move(failing)).exit.code, 3) << "the command's, not that of what counts";

  PodCommand loud = command({"head", "-c", "5000000", "/dev/zero"});
  loud.output_bytes_max = 5'000'000;
  const PodCommandResult zeros = exec(std::move(loud));
  EXPECT_EQ(zeros.output.size(), 5'000'000U);
  EXPECT_FALSE(zeros.cut);

  const Answer<PodCommandResult> missing = run(run_in_pod(&client_, command({"no-such-program"})));
  if (missing) {
    EXPECT_NE(missing->exit.code, 0);
  } else {
    EXPECT_THAT(missing.error().message, HasSubstr("no-such-program"));
  }
  PodCommand nowhere = command({"true"});
  nowhere.container = "sidecar";
  const Answer<PodCommandResult> refused = run(run_in_pod(&client_, nowhere));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 400) << to_string(refused.error());
  EXPECT_THAT(refused.error().message, HasSubstr("sidecar"));

  PodCommand endless = command({"sleep", "1000"});
  endless.timeout = 1s;
  const Answer<PodCommandResult> given_up = run(run_in_pod(&client_, endless));
  ASSERT_FALSE(given_up);
  EXPECT_TRUE(given_up.error().unknown_outcome());
}

TEST_F(Pods, FollowTheirLogUntilTheyEnd) {
  LogOptions options;
  options.follow = true;
  Answer<Exchange> exchange = run(client_.logs(object("worker"), options));
  ASSERT_TRUE(exchange) << to_string(exchange.error());
  std::string text;
  const auto read_until = [&](const std::string& word) {
    while (text.find(word) == std::string::npos) {
      const Answer<bool> more = run(exchange->read(&text, 20s));
      ASSERT_TRUE(more && *more) << text;
    }
  };
  read_until("ready");
  const auto say = [&](const std::string& word) {
    return command({"sh", "-c", concat("echo ", word, " >/tmp/say")});
  };
  for (const char* word : {"one", "two"}) {
    EXPECT_EQ(exec(say(word)).exit.code, 0);
    read_until(word);
  }
  // Who says the last word may be killed with the container before it has ended itself.
  (void)run(run_in_pod(&client_, say("end")));
  read_until("end");
  Answer<bool> more(true);
  while (more && *more) more = run(exchange->read(&text, 20s));
  EXPECT_TRUE(more) << "the stream ends in order";
  EXPECT_EQ(text, "ready\none\ntwo\nend\n");
  LogOptions tail;
  tail.tail_lines = 1;
  Exchange last = run(client_.logs(object("worker"), tail)).value();
  std::string line;
  while (run(last.read(&line, 20s)).value()) {
  }
  EXPECT_EQ(line, "end\n");
}

TEST_F(Pods, AreReachedThroughTheApiServer) {
  Answer<PortForward> stream = run(PortForward::open(&client_, object("worker"), 5555));
  ASSERT_TRUE(stream) << to_string(stream.error());
  ASSERT_TRUE(run(stream->write("hello\n")));
  std::string heard;
  while (heard.find('\n') == std::string::npos) {
    const Answer<std::string> piece = run(stream->read(20s));
    ASSERT_TRUE(piece) << to_string(piece.error());
    ASSERT_FALSE(piece->empty()) << heard;
    heard += *piece;
  }
  EXPECT_EQ(heard, "you said hello\n");
  Answer<PortForward> nobody = run(PortForward::open(&client_, object("worker"), 4444));
  ASSERT_TRUE(nobody);
  const Answer<std::string> refused = run(nobody->read(20s));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("4444"));
}

}  // namespace
}  // namespace annals::k8s
