// Where to listen: an address and a port, or a reason why it is none.
#include "api/endpoint.ipp"

#include <gtest/gtest.h>

#include <sstream>

namespace annals::api {
namespace {

std::string read(const std::string& where) {
  const Result<boost::asio::ip::tcp::endpoint> endpoint = endpoint_of(where);
  if (!endpoint) return "error";
  std::ostringstream text;
  text << *endpoint;
  return text.str();
}

TEST(EndpointTest, IsAnAddressAndAPort) {
  EXPECT_EQ(read(":8081"), "[::]:8081");
  EXPECT_EQ(read("127.0.0.1:0"), "127.0.0.1:0");
  EXPECT_EQ(read("[::1]:65535"), "[::1]:65535");
  EXPECT_EQ(read("::1:80"), "[::1]:80") << "the last colon counts";
}

TEST(EndpointTest, IsNothingElse) {
  for (const char* where : {"", ":", "8081", "localhost:8081", ":65536", ":-1", ":80 ", "[::1:80",
                            "]:80", "[]:80", "127.0.0.1:", "127.0.0.1:8x"}) {
    EXPECT_EQ(read(where), "error") << where;
  }
}

}  // namespace
}  // namespace annals::api
