// Any bytes are what a credential plugin prints, the environment and files of a pod, or an error.
// What is taken makes one request with the lines that it should have: a token adds none. The first
// byte chooses.
#include <stdlib.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "k8s/credentials/credentials.h"
#include "k8s/credentials/exec_credential.h"
#include "k8s/credentials/in_cluster.h"
#include "k8s/credentials/tls.h"
#include "k8s/transport/request.h"

namespace {

using namespace annals::k8s;  // NOLINT(google-build-using-namespace): a program of one function

void expect_one_request(const annals::Secret& bearer) {
  const Request request{
      .path = "/version", .query = {}, .content_type = {}, .body = {}, .place = {}};
  const RequestFrame frame{.host = "host", .prefix = {}, .bearer = bearer, .lines = {}};
  const annals::Result<annals::Secret> bytes = wire_bytes(request, frame);
  if (!bytes) return;
  const std::string_view text = bytes->reveal();
  if (std::ranges::count(text, '\n') != (bearer.empty() ? 5 : 6)) std::abort();
  if (text.find("\r\n\r\n") + 4 != text.size()) std::abort();
}

// Whether the canary stands only where a secret would; an error may quote the rest.
bool keeps_canary_secret(std::string_view printed) {
  using Json = nlohmann::json;
  Json said = Json::parse(printed, nullptr, false);
  if (!said.is_object()) return false;
  if (said.contains("status") && said["status"].is_object()) {
    for (const char* secret : {"token", "clientCertificateData", "clientKeyData"})
      said["status"].erase(secret);
  }
  return !said.dump(-1, ' ', false, Json::error_handler_t::replace).contains("canary");
}

void look_at_printed(std::string_view printed) {
  for (const char* version :
       {"client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"}) {
    const annals::Result<ExecCredential> credential = read_exec_credential(printed, version);
    if (!credential) {
      if (annals::to_string(credential.error()).contains("canary") && keeps_canary_secret(printed))
        std::abort();
      continue;
    }
    if (credential->certificate.empty() != credential->key.empty()) std::abort();
    if (credential->token.empty() && credential->key.empty()) std::abort();
    expect_one_request(credential->token);
    const TlsMaterial material{.authorities = {},
                               .certificate = credential->certificate,
                               .key = credential->key,
                               .verify = false};
    (void)make_tls_context(material);
  }
}

// What the kubelet mounts into a pod.
class Account {
 public:
  Account() {
    std::string pattern = "/dev/shm/annals-fuzz-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    folder_ = pattern;
  }
  Account(const Account&) = delete;
  Account& operator=(const Account&) = delete;
  ~Account() { std::filesystem::remove_all(folder_); }

  const std::filesystem::path& folder() const { return folder_; }
  void put(const char* name, std::string_view content) const {
    std::ofstream(folder_ / name, std::ios::binary | std::ios::trunc) << content;
  }

 private:
  std::filesystem::path folder_;
};

std::optional<Authorization> authorization_by(Config config) {
  static const annals::SystemClock kClock;
  boost::asio::io_context loop;
  Credentials credentials(loop.get_executor(), std::move(config), kClock);
  std::optional<Authorization> made;
  boost::asio::co_spawn(loop, credentials.current(),
                        [&](const std::exception_ptr& thrown, Answer<Authorization> answer) {
                          if (thrown) std::abort();
                          if (answer) made = *std::move(answer);
                        });
  loop.run();
  return made;
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// Lines of host, port, namespace and token; the rest is PEM.
void look_at_files(std::string_view text) {
  static const Account kAccount;
  PodEnvironment pod{.host = {}, .port = {}, .account = kAccount.folder()};
  pod.host = take_line(text);
  pod.port = take_line(text);
  kAccount.put("namespace", take_line(text));
  kAccount.put("token", take_line(text));
  kAccount.put("ca.crt", text);
  annals::Result<Config> config = in_cluster_config(pod);
  if (!config) return;
  const std::optional<Authorization> as_pod = authorization_by(*config);
  if (as_pod && !as_pod->tls) std::abort();
  if (as_pod) expect_one_request(as_pod->bearer);
  // As a kubeconfig would have it, with a certificate and a key of ours in files.
  config->client_certificate.file = config->client_key.file = kAccount.folder() / "ca.crt";
  (void)authorization_by(*std::move(config));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'e') {
    look_at_printed(text);
  } else {
    look_at_files(text);
  }
  return 0;
}
