#include "k8s/transport/request.h"

#include <gtest/gtest.h>

namespace annals::k8s {
namespace {

RequestFrame frame() {
  return {.host = "h:6443", .prefix = "/p", .bearer = Secret("tok"), .lines = {}};
}

TEST(Requests, AreWrittenAsTheyAreMeant) {
  Request request;
  request.verb = Verb::kPatch;
  request.path = "/api/v1/pods";
  request.query = {{"labelSelector", "a=b"}, {"force", "true"}};
  request.content_type = "application/json";
  request.body = "{}";
  EXPECT_EQ(
      wire_bytes(request, frame()).value().reveal(),
      "PATCH /p/api/v1/pods?labelSelector=a%3Db&force=true HTTP/1.1\r\nHost: h:6443\r\n"
      "User-Agent: annals-operator\r\nAccept: application/json\r\nAuthorization: Bearer tok\r\n"
      "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
}

TEST(Requests, ForAnotherProtocolTakeAnyAnswer) {
  Request request;
  request.path = "/exec";
  RequestFrame upgrade = frame();
  upgrade.lines = "Upgrade: websocket\r\n";
  EXPECT_EQ(wire_bytes(request, upgrade).value().reveal(),
            "GET /p/exec HTTP/1.1\r\nHost: h:6443\r\nUser-Agent: annals-operator\r\n"
            "Accept: */*\r\nAuthorization: Bearer tok\r\nUpgrade: websocket\r\n\r\n");
}

TEST(Requests, WithControlCharactersAreNotWritten) {
  Request request;
  request.path = "/a\r\nX: y";
  EXPECT_FALSE(wire_bytes(request, frame()));
  request.path = "/a";
  RequestFrame forged = frame();
  forged.bearer = Secret("tok\r\nX: y");
  EXPECT_FALSE(wire_bytes(request, forged));
  forged = frame();
  forged.host = "h\r\n";
  EXPECT_FALSE(wire_bytes(request, forged));
  request.path = "no-slash";
  forged = frame();
  forged.prefix = "";
  EXPECT_FALSE(wire_bytes(request, forged));
}

}  // namespace
}  // namespace annals::k8s
