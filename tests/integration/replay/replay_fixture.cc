#include "tests/integration/replay/replay_fixture.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <utility>

#include "base/concat.h"
#include "command_line.h"

namespace annals::replay {

Answer ask(std::vector<std::string> arguments, const std::string& typed_in) {
  Typed typed;
  const std::unique_ptr<CLI::App> app = make_app(typed);
  std::ranges::reverse(arguments);  // as CLI11 wants a vector
  std::ostringstream out;
  std::ostringstream errors;
  try {
    app->parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return {.status = app->exit(error, out, errors) == 0 ? kFine : kUsage,
            .out = out.str(),
            .errors = errors.str()};
  }
  const Out to{.text = &out, .json = typed.output == "json", .colour = false};
  std::istringstream in(typed_in);
  const int status = run(typed, *app, in, to, errors);
  return {.status = status, .out = out.str(), .errors = errors.str()};
}

fsm::ObjectRef ref(std::string kind, std::string name) {
  return {.api_version = kind == "StatefulSet" ? "apps/v1" : "v1",
          .kind = std::move(kind),
          .name_space = "ns",
          .name = std::move(name)};
}

void ReplayTest::SetUp() {
  recorder_ = std::make_unique<Recorder>(directory_);
  hippo_ = recorder_->create("hippo");
}

Answer ReplayTest::ask_journal(std::vector<std::string> arguments) const {
  arguments.insert(arguments.end(), {"--journal", directory_});
  return ask(std::move(arguments));
}

std::string ReplayTest::told(std::vector<std::string> arguments) const {
  const Answer answer = ask_journal(std::move(arguments));
  EXPECT_EQ(answer.status, kFine) << answer.errors;
  return answer.out;
}

nlohmann::json ReplayTest::told_json(std::vector<std::string> arguments) const {
  arguments.insert(arguments.end(), {"-o", "json"});
  return nlohmann::json::parse(told(std::move(arguments)));
}

void ReplayTest::lose(const std::string& kind, const std::string& name) {
  recorder_->tell(
      hippo_, fsm::ObjectGone{.ref = ref(kind, name), .uid = concat("uid-of-", kind, "/", name)});
}

}  // namespace annals::replay
