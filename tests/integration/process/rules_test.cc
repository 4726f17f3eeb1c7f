// rules.cmake: which changes of the sources make another operator of the program.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "support/shell.h"

namespace annals::e2e {
namespace {

namespace files = std::filesystem;

class RulesOfABuild : public testing::Test {
 protected:
  RulesOfABuild() {
    files::create_directory(directory_);
    write("one.cc", "int one() { return 1; }\n");
    write("two.cc", "int two() { return 2; }\n");
    write("sources.txt",
          (directory_ / "one.cc").string() + "\n" + (directory_ / "two.cc").string() + "\n");
  }
  ~RulesOfABuild() override { files::remove_all(directory_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name) << text;
  }
  std::string built() const {
    must("cd " + directory_.string() +
         " && cmake -DOUTPUT=rules.cc -DSOURCES_FILE=sources.txt -P " ANNALS_RULES_SCRIPT);
    std::ifstream rules(directory_ / "rules.cc");
    return {std::istreambuf_iterator<char>(rules), {}};
  }

  const files::path directory_ =
      files::temp_directory_path() / ("annals-rules-" + std::to_string(getpid()));
};

TEST_F(RulesOfABuild, AreOthersAsSoonAsOneSourceIs) {
  const std::string first = built();
  EXPECT_NE(first.find("return \""), std::string::npos) << first;
  write("two.cc", "int two() { return 3; }\n");
  const std::string other = built();
  EXPECT_NE(other, first);
  write("two.cc", "int two() { return 2; }\n");
  EXPECT_EQ(built(), first);
}

}  // namespace
}  // namespace annals::e2e
