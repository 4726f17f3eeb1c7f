// Config: where the API server is and how to convince it and ourselves of who is who.
// Values only; files named here are read, and read again when they change, by Credentials.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace annals::k8s {

struct ServerUrl {
  bool tls = true;
  std::string host;    // a name or an address, without brackets
  std::string port;    // digits
  std::string prefix;  // "" or "/path", without a final slash

  // The Host header: the port always, brackets around IPv6.
  std::string authority() const;

  friend bool operator==(const ServerUrl&, const ServerUrl&) = default;
};

// "https://host:port/prefix"; no user, query or fragment.
Result<ServerUrl> parse_server_url(std::string_view text);

// Bytes that stand in the configuration itself or in a file; a file is read anew now and then.
struct Material {
  Secret data;
  std::filesystem::path file;

  bool empty() const { return data.empty() && file.empty(); }
};

// client.authentication.k8s.io: a program that prints a token or a certificate.
struct ExecPlugin {
  struct Variable {
    std::string name;
    std::string value;
  };
  std::string user;  // the kubeconfig's entry, for messages
  std::string api_version;
  std::string command;  // a path, or a name that PATH leads to
  std::vector<std::string> arguments;
  std::vector<Variable> environment;
  bool provide_cluster_info = false;
  std::string install_hint;  // for messages, when the command is missing
  Duration timeout = std::chrono::seconds(60);
};

struct Config {
  ServerUrl server;
  std::string tls_server_name;  // verified instead of the host, where set
  bool insecure_skip_tls_verify = false;
  Material certificate_authority;
  Material client_certificate;
  Material client_key;
  Material token;
  std::optional<ExecPlugin> exec;
  std::string name_space;  // of the context or the service account
};

}  // namespace annals::k8s
