// What an API server warns of in the headers of its answers.
#include <gmock/gmock.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <sstream>

#include "k8s/client/client.h"
#include "tests/integration/k8s/support/loop.h"
#include "tests/integration/k8s/support/peer_server.h"

namespace annals::k8s {
namespace {

using boost::asio::ip::tcp;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kDeprecated =
    "Warning: 299 - \"v1 Endpoints is deprecated in v1.33+; use EndpointSlice\"\r\n";

class Counts final : public ClientMetrics {
 public:
  void server_warned() override { ++warnings; }
  int warnings = 0;
};

class Warnings : public LoopTest {
 protected:
  Warnings()
      : server_([this](tcp::socket& socket) {
          const std::string request = read_header(socket);
          const bool absent = request.find("/absent") != std::string::npos;
          const std::string status = absent ? "404 Not Found" : "200 OK";
          const std::string answer = concat("HTTP/1.1 ", status, "\r\n", lines_,
                                            "Content-Length: 2\r\nConnection: close\r\n\r\n{}");
          boost::asio::write(socket, boost::asio::buffer(answer));
        }) {
    Config config;
    config.server = {false, "127.0.0.1", std::to_string(server_.port()), ""};
    const Log log(log_to(said_), clock_, LogLevel::kInfo);
    transport_.emplace(loop_.get_executor(), std::move(config), clock_, log, counts_);
    client_.emplace(*transport_);
  }
  // Of all answers from here on.
  void warn(std::string_view lines) { lines_ = lines; }
  void get(const std::string& name) { (void)run(client_->get(endpoints(), {"ns", name})); }
  void watch() {
    (void)run(client_->watch(endpoints(),
                             {.name_space = {}, .label_selector = {}, .resource_version = "1"}));
  }
  std::size_t lines_said() const {
    const std::string said = said_.str();
    return static_cast<std::size_t>(std::ranges::count(said, '\n'));
  }

  Counts counts_;
  std::ostringstream said_;

 private:
  std::string lines_;  // written only while nothing is asked
  PeerServer server_;
  std::optional<Transport> transport_;
  std::optional<Client> client_;
};

TEST_F(Warnings, OfAnyAnswerAreCountedAndLoggedOnce) {
  warn(kDeprecated);
  get("a");
  get("absent");
  watch();
  EXPECT_EQ(counts_.warnings, 3);
  EXPECT_EQ(lines_said(), 1U) << said_.str();
  EXPECT_THAT(said_.str(), HasSubstr("v1 Endpoints is deprecated in v1.33+; use EndpointSlice"));
  EXPECT_THAT(said_.str(), HasSubstr("GET /api/v1/namespaces/ns/endpoints/a"));
}

TEST_F(Warnings, OfAWatchAreTaken) {
  warn(kDeprecated);
  watch();
  EXPECT_EQ(counts_.warnings, 1);
  EXPECT_EQ(lines_said(), 1U);
}

TEST_F(Warnings, WithoutEndOrMeasureAreLoggedNoMore) {
  for (int number = 0; number < 100; ++number) {
    warn(concat("Warning: 299 - \"", number, "\xff\"\r\n"));
    get("a");
  }
  EXPECT_EQ(counts_.warnings, 100);
  EXPECT_EQ(lines_said(), ServerWarnings::kTextsMax + 1) << "and that there are too many";
  EXPECT_THAT(said_.str(), HasSubstr("api-server-warns-too-much"));
  EXPECT_THAT(said_.str(), Not(HasSubstr("\xff")));
}

TEST_F(Warnings, ThatAreMalformedDoNoHarm) {
  warn("Warning: 299 - \"no end\r\nWarning: nonsense\r\nWarning:\r\n");
  get("a");
  EXPECT_EQ(counts_.warnings, 0);
  EXPECT_EQ(lines_said(), 0U);
}

}  // namespace
}  // namespace annals::k8s
