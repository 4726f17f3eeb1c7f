// annals-replay on journals as the operator writes them: what is asked of it, and what it answers
// in both forms, with the status that it ends with.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "run.h"
#include "tests/integration/journal/scratch.h"
#include "tests/integration/replay/recorder.h"

namespace annals::replay {

struct Answer {
  int status = 0;
  std::string out;
  std::string errors;
};

// As main() does it, with what would go to the terminal caught.
Answer ask(std::vector<std::string> arguments, const std::string& typed_in = {});

fsm::ObjectRef ref(std::string kind, std::string name);

// A journal in which one cluster, ns/hippo, has been created.
class ReplayTest : public ::testing::Test {
 protected:
  void SetUp() override;

  Answer ask_journal(std::vector<std::string> arguments) const;
  // A fine answer's text.
  std::string told(std::vector<std::string> arguments) const;
  nlohmann::json told_json(std::vector<std::string> arguments) const;
  void lose(const std::string& kind, const std::string& name);

  journal::Scratch scratch_;
  std::string directory_ = scratch_ / "journal";
  std::unique_ptr<Recorder> recorder_;
  ClusterUid hippo_;
};

}  // namespace annals::replay
