// The table of pgBackRest's options against the real one of this machine: it knows every name that
// the table says it has, takes the values that are taken, and refuses those that are refused.
#include "spec/pgbackrest_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/concat.h"
#include "spec/pgbackrest_option_table.h"

namespace annals::spec {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

std::string output_of(const std::string& command) {
  std::string output;
  FILE* const pipe = ::popen(concat(command, " 2>&1").c_str(), "r");
  if (pipe == nullptr) return "popen failed";
  std::array<char, 4096> part{};
  for (std::size_t read = 0; (read = std::fread(part.data(), 1, part.size(), pipe)) > 0;)
    output.append(part.data(), read);
  ::pclose(pipe);
  return output;
}

class RealPgBackRest : public testing::Test {
 protected:
  RealPgBackRest() {
    std::string pattern = (fs::temp_directory_path() / "annals-options-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) folder_ = pattern;
    fs::create_directory(folder_ / "conf.d");
  }
  ~RealPgBackRest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  std::string version() const {
    const std::string said = output_of("/usr/bin/pgbackrest version");
    return said.substr(said.find(' ') + 1, said.find('\n') - said.find(' ') - 1);
  }
  // What `info` says of a file with this in [global]. What this machine has is not looked into.
  std::string info_with(const std::string& lines) const {
    const std::string own = concat("repo1-path=", (folder_ / "repo1").string(), "\n");
    std::ofstream(folder_ / "pgbackrest.conf")
        << "[global]\nlog-level-file=off\n"
        << (lines.contains("repo1-path=") ? "" : own) << lines << "[db]\npg1-path=/nowhere\n";
    return output_of(concat("/usr/bin/pgbackrest --config=", (folder_ / "pgbackrest.conf").string(),
                            " --config-include-path=", (folder_ / "conf.d").string(),
                            " --stanza=db info"));
  }
  static std::string in_file(const PgBackRestOption& option) {
    std::string name(option.name);
    if (const std::size_t mark = name.find('#'); mark != name.npos) name.replace(mark, 1, "1");
    return name;
  }

  fs::path folder_;
};

TEST_F(RealPgBackRest, KnowsWhatTheTableSaysThatItHas) {
  const std::string own = version();
  ASSERT_THAT(own, HasSubstr("2."));
  for (const PgBackRestOption& option : pgbackrest_options()) {
    if (option.name == "log-level-file" || option.name == "pg#-path") continue;
    const std::string warning =
        concat("configuration file contains invalid option '", in_file(option), "'");
    const std::string said = info_with(concat(in_file(option), "=y\n"));
    if (may_have_option(own, option))
      EXPECT_THAT(said, Not(HasSubstr(warning)));
    else
      EXPECT_THAT(said, HasSubstr(warning));
  }
}

TEST_F(RealPgBackRest, TakesAndRefusesTheValuesThatWeDo) {
  struct Value {
    const char* name;
    const char* value;
  };
  for (const auto& [name, value] :
       {Value{"io-timeout", "10"}, Value{"io-timeout", "500ms"}, Value{"io-timeout", "soon"},
        Value{"buffer-size", "1MiB"}, Value{"buffer-size", "1mb"}, Value{"buffer-size", "3MiB"},
        Value{"compress-level-network", "9"}, Value{"compress-level-network", "99"},
        Value{"sck-keep-alive", "y"}, Value{"sck-keep-alive", "true"}, Value{"repo1-path", "/x"},
        Value{"repo1-path", "x"}, Value{"repo1-type", "posix"}, Value{"repo1-type", "floppy"},
        Value{"tcp-keep-alive-count", "32"}, Value{"tcp-keep-alive-count", "33"}}) {
    const std::string said = info_with(concat(name, "=", value, "\n"));
    const bool taken = !option_value_mistake(*find_pgbackrest_option(name).option, value);
    EXPECT_EQ(taken, !said.contains("ERROR: [032]")) << name << "=" << value << ": " << said;
  }
}

TEST_F(RealPgBackRest, RefusesCommandsWhereWeCallItAMistake) {
  EXPECT_THAT(info_with("buffer-size=\n"), HasSubstr("must have a value"));
  EXPECT_THAT(info_with("repo-retention-full=2\n"), HasSubstr("requires an index"));
  EXPECT_THAT(info_with("repo1-retention-ful=2\n"), HasSubstr("status: error (missing stanza"))
      << "which is told and passed on";
}

// [db:archive-push] of ours, whatever a file of the user has for all stanzas.
TEST_F(RealPgBackRest, TakesOurSectionBesideThatOfAUser) {
  std::ofstream(folder_ / "conf.d" / "user.conf") << "[global:info]\nio-timeout=7\n";
  EXPECT_THAT(info_with("[db:info]\nio-timeout=5\n"), Not(HasSubstr("ERROR")));
  EXPECT_THAT(info_with("[global:info]\nio-timeout=5\n"),
              HasSubstr("cannot be set multiple times"));
}

}  // namespace
}  // namespace annals::spec
