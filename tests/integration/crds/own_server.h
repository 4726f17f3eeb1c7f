// An API server of these tests' own, with our CRDs, for as long as a test suite runs.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "support/await.h"
#include "support/shell.h"

namespace annals::e2e {

using namespace std::chrono_literals;
using nlohmann::json;
namespace files = std::filesystem;

class OwnServer : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = files::temp_directory_path() / ("annals-crds-" + std::to_string(getpid()));
    files::create_directories(directory_);
    const std::string there = directory_.string();
    // The server ends with its standard input, and that with this process.
    server_ = std::make_unique<Background>(
        "tail -f /dev/null --pid " + std::to_string(getpid()) +
            " | ANNALS_API_SERVER_PORT=26543 tests/bench/api_server.sh " + there,
        there + "/log");
    await("the API server's /readyz", 90s, [] { return kubectl_must("get --raw /readyz"); }, "ok",
          {.details = [] { return server_->printed(); }});
    kubectl_must("apply --server-side -k crds");
    await(
        "Established of both CRDs", 60s,
        [] {
          return kubectl_must(
              "get crd -o jsonpath='{range "
              ".items[*]}{.status.conditions[?(@.type==\"Established\")].status} {end}'");
        },
        "True True ");
  }

  static void TearDownTestSuite() {
    server_.reset();
    files::remove_all(directory_);
  }

  static std::string config() { return (directory_ / "api-server/admin.conf").string(); }
  // Of the server's own version: the cluster that is there may have another one, and so may the one
  // of which kubectl remembers what is served at this address.
  static std::string program() {
    return "KUBECONFIG=" + config() + " " + (directory_ / "api-server/kubectl").string() +
           " --cache-dir " + (directory_ / "kubectl-cache").string() + " ";
  }
  static Output kubectl(const std::string& arguments) { return run(program() + arguments); }
  static std::string kubectl_must(const std::string& arguments) {
    return must(program() + arguments);
  }
  // The resource as the server keeps it.
  static json created(const std::string& manifest) {
    const files::path file = directory_ / "manifest.json";
    std::ofstream(file) << manifest;
    return json::parse(kubectl_must("create -o json --dry-run=server -f " + file.string()));
  }

  inline static files::path directory_;
  inline static std::unique_ptr<Background> server_;
};

}  // namespace annals::e2e
