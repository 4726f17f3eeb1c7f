// exec over a WebSocket that does everything wrong.
#include <gmock/gmock.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <optional>

#include "k8s/pods/exec.h"
#include "tests/integration/k8s/support/loop.h"
#include "tests/integration/k8s/support/peer_server.h"

namespace annals::k8s {
namespace {

using boost::asio::ip::tcp;
using testing::HasSubstr;
using namespace std::chrono_literals;

// A frame as a server sends it, of at most 125 bytes.
std::string frame(unsigned first, std::string_view payload) {
  return concat(static_cast<char>(first), static_cast<char>(payload.size()), payload);
}

std::string good_frames() {
  return frame(0x82, "\x01out") + frame(0x82, "\x03{\"status\":\"Success\"}") +
         frame(0x88, "\x03\xe8");
}

class HostileSocket : public LoopTest {
 protected:
  // Answers the handshake, unless `head` says something else, and sends these bytes; then waits for
  // the peer to go if `stay`.
  Answer<PodCommandResult> exec(const std::string& bytes, bool stay = false,
                                const std::string& head = {}, bool endless = false) {
    PeerServer server([&](tcp::socket& socket) {
      const std::string key = header_line(read_header(socket), "Sec-WebSocket-Key");
      const std::string answer =
          head.empty()
              ? concat(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Accept: ",
                    accept_of(key), "\r\nSec-WebSocket-Protocol: ", kExecProtocol4, "\r\n\r\n")
              : head;
      boost::asio::write(socket, boost::asio::buffer(answer + bytes));
      while (endless) sent_ += boost::asio::write(socket, boost::asio::buffer(bytes));
      char ignored[512];
      while (stay) (void)socket.read_some(boost::asio::buffer(ignored));
    });
    Config config;
    config.server = {false, "127.0.0.1", std::to_string(server.port()), ""};
    Transport transport(loop_.get_executor(), config, clock_, Log(), no_metrics());
    Client client(transport);
    PodCommand command;
    command.pod = {"ns", "pod"};
    command.command = {"true"};
    command.timeout = 2s;
    Answer<PodCommandResult> result = run(run_in_pod(&client, std::move(command)));
    return result;
  }
  void expect_unknown(const std::string& bytes, const std::string& why) {
    const Answer<PodCommandResult> result = exec(bytes);
    ASSERT_FALSE(result) << testing::PrintToString(bytes);
    EXPECT_TRUE(result.error().unknown_outcome());
    EXPECT_THAT(result.error().message, HasSubstr(why));
  }

  std::atomic<std::size_t> sent_ = 0;
};

TEST_F(HostileSocket, AnEarlyCloseAtEachByteIsAnUnknownOutcomeUntilTheStatusIsThere) {
  const std::string good = good_frames();
  const std::size_t status_there = good.size() - 4;  // but for the closing frame
  for (std::size_t size = 0; size <= good.size(); ++size) {
    const Answer<PodCommandResult> result = exec(good.substr(0, size));
    ASSERT_EQ(result.has_value(), size >= status_there) << size;
    if (!result) EXPECT_TRUE(result.error().unknown_outcome()) << to_string(result.error());
    if (result) EXPECT_EQ(result->output, "out");
  }
}

TEST_F(HostileSocket, FramesThatAreNoneAreUnknownOutcomes) {
  expect_unknown("garbage that is no frame", "WebSocket");
  expect_unknown(std::string("\x82\x83\0\0\0\0\x01hi", 9), "masked");
  expect_unknown(frame(0x82, ""), "without a channel");
  expect_unknown(frame(0x82, "\x09hi"), "channel 9");
  expect_unknown(frame(0x82, "\x03{nonsense"), "status");
  expect_unknown(std::string("\x82\x7f\0\0\0\0\x7f\xff\xff\xff", 10), "more than 1048576 bytes");
  expect_unknown(frame(0x80, "goes on"), "out of order");
}

TEST_F(HostileSocket, AHandshakeThatIsWrongIsRefused) {
  const std::string kind = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
  const std::string protocol = "Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n";
  for (const auto& [head, why] : {
           std::pair(std::string("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), "did not switch"),
           std::pair("HTTP/1.1 101 S\r\n" + kind + protocol + "\r\n", "Accept"),
           std::pair("HTTP/1.1 101 S\r\n" + kind + protocol + "Sec-WebSocket-Accept: AAAA\r\n\r\n",
                     "Accept"),
           std::pair(std::string("HTTP/1.1 101 S\r\nUpgrade: h2c\r\n\r\n"), "did not switch"),
       }) {
    const Answer<PodCommandResult> result = exec({}, false, head);
    ASSERT_FALSE(result) << head;
    EXPECT_TRUE(result.error().unknown_outcome()) << "the command may run";
    EXPECT_THAT(result.error().message, HasSubstr(why));
  }
  const std::string denial = R"({"kind":"Status","reason":"Forbidden","message":"not you"})";
  const Answer<PodCommandResult> denied =
      exec({}, false,
           concat("HTTP/1.1 403 Forbidden\r\nContent-Length: ", denial.size(), "\r\n\r\n", denial));
  EXPECT_EQ(denied.error().trouble, Trouble::kRefused);
  EXPECT_EQ(denied.error().reason, "Forbidden");
}

TEST_F(HostileSocket, SilenceEndsAtTheDeadline) {
  const Duration began = clock_.steady();
  const Answer<PodCommandResult> result = exec(frame(0x82, "\x01half"), true);
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().unknown_outcome());
  EXPECT_LT(clock_.steady() - began, 5s);
}

TEST_F(HostileSocket, FragmentsWithoutEndAreCut) {
  // The first opens a message, the others go on with it for ever; the first one repeated would be
  // an error of its own.
  std::string more = frame(0x02, "\x01");
  for (int i = 0; i < 20'000; ++i) more += frame(0x00, std::string(100, 'x'));
  const Answer<PodCommandResult> result = exec(more);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("more than 1048576 bytes"));
}

TEST_F(HostileSocket, AnEndlessOutputEndsAtTheDeadlineWithoutFillingMemory) {
  const Answer<PodCommandResult> result =
      exec(frame(0x82, "\x01" + std::string(100, 'x')), false, {}, true);
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().unknown_outcome());
  EXPECT_GT(sent_, 1U << 20U) << "it was read and left out";
}

}  // namespace
}  // namespace annals::k8s
