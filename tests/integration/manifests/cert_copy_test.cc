// The sidecar that has PostgreSQL and Patroni load changed certificates: its script, run for real,
// with programs that stand in for those it calls. A stand-in for sleep is the clock.
#include "manifests/instance/cert_copy.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "base/concat.h"
#include "tests/unit/manifests/clusters.h"

namespace annals::manifests {
namespace {

// The volume changes in the second sleep; Patroni can be told from the fourth on; the twentieth
// ends the script.
constexpr const char* kSleep = R"(n=$(($(cat n) + 1)); echo $n >n
[ $n != 2 ] || echo changed >times
[ $n -lt 20 ])";
constexpr const char* kStat = "cat times";
constexpr const char* kInstall = "exit 0";
constexpr const char* kPkill = R"(echo "$(cat n) $*" >>signals
case "$*" in *--older*) [ $(cat n) -ge 4 ] ;; esac)";

class CertCopy : public testing::Test {
 protected:
  CertCopy() {
    std::string pattern = testing::TempDir() + "cert-copy-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    write("n", "0");
    write("times", "first");
    stand_in("sleep", kSleep);
    stand_in("stat", kStat);
    stand_in("install", kInstall);
    stand_in("pkill", kPkill);
  }
  ~CertCopy() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text << "\n";
  }
  void stand_in(const std::string& program, const std::string& script) const {
    write(program, concat("#!/bin/sh\n", script));
    std::filesystem::permissions(folder_ / program, std::filesystem::perms::owner_all);
  }
  int run() const {
    const nlohmann::json container = nlohmann::json::parse(canonical(
        cert_copy_container(hippo(), hippo().spec.instances.at(0), "image", Json::array({}))));
    // bash, its options and "--" come before the script.
    write("script", container["command"][4].get<std::string>());
    const std::string folder = folder_.string();
    return std::system(concat("cd ", folder, " && PATH=", folder,
                              ":$PATH bash -ceuo pipefail -- \"$(cat script)\" sidecar >output")
                           .c_str());
  }
  std::string signals_to(const std::string& program) const {
    std::ifstream in(folder_ / "signals");
    std::ostringstream found;
    for (std::string line; std::getline(in, line);)
      if (line.ends_with(program)) found << line << "\n";
    return found.str();
  }

  std::filesystem::path folder_;
};

TEST_F(CertCopy, PatroniIsToldUntilItHearsAndOnceMoreHalfAMinuteLater) {
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(signals_to("patroni"),
            "2 --signal HUP --older 10 --exact patroni\n"
            "3 --signal HUP --older 10 --exact patroni\n"
            "4 --signal HUP --older 10 --exact patroni\n"
            "10 --signal HUP --exact patroni\n");
}

TEST_F(CertCopy, PostgresIsToldWithEachAttempt) {
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(signals_to("postgres"),
            "2 --signal HUP --exact --parent=1 postgres\n"
            "3 --signal HUP --exact --parent=1 postgres\n"
            "4 --signal HUP --exact --parent=1 postgres\n");
}

}  // namespace
}  // namespace annals::manifests
