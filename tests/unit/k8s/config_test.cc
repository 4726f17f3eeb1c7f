#include "k8s/credentials/config.h"

#include <gtest/gtest.h>

#include "k8s/credentials/in_cluster.h"

namespace annals::k8s {
namespace {

TEST(ServerUrls, AreTakenApart) {
  EXPECT_EQ(parse_server_url("https://10.0.0.1:6443").value(),
            (ServerUrl{true, "10.0.0.1", "6443", ""}));
  EXPECT_EQ(parse_server_url("https://k8s.example.com/").value(),
            (ServerUrl{true, "k8s.example.com", "443", ""}));
  EXPECT_EQ(parse_server_url("http://h/a/b").value(), (ServerUrl{false, "h", "80", "/a/b"}));
  EXPECT_EQ(parse_server_url("https://[fd00::1]:6443").value().authority(), "[fd00::1]:6443");
  EXPECT_EQ(parse_server_url("https://[fd00::1]").value().port, "443");
}

TEST(ServerUrls, ThatCannotBeMeantAreRefused) {
  for (const char* bad :
       {"", "10.0.0.1:6443", "ftp://h", "https://", "https://h:0", "https://h:65536", "https://h:x",
        "https://user@h", "https://h?q", "https://[::1", "https://::1", "https://h/a b",
        "https://h\r\nX: y", "https://[fd00::1]6443"}) {
    EXPECT_FALSE(parse_server_url(bad)) << bad;
  }
}

TEST(InCluster, OutsideOfAPodThereIsNoConfiguration) {
  const Result<Config> config = in_cluster_config({});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, Errc::kNotFound);
}

}  // namespace
}  // namespace annals::k8s
