// The tables of operations are their documentation: docs/operations-diagram.md is printed from
// them. ANNALS_REWRITE_GOLDEN=1 writes it anew.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "base/concat.h"
#include "fsm/operations/operation_table.h"

namespace annals::fsm {
namespace {

constexpr const char* kFile = ANNALS_SOURCE_DIR "/docs/operations-diagram.md";
constexpr const char* kHead =
    "# Operations\n\n"
    "Printed from the tables in `src/fsm` by a test (`OperationsDiagram`), which fails where they "
    "differ.\n\n"
    "At most one operation that interrupts anything goes on at a time. Of those that are wanted "
    "the first one in this order begins. Each step looks at the cluster anew and takes the first "
    "goal that does not hold; a goal that has not held for its limit is told by the condition "
    "`Stalled`, unless the table says otherwise. `spec.shutdown` preempts every other operation.\n";

std::string in_words(Duration limit) {
  using namespace std::chrono;
  const auto whole = duration_cast<seconds>(limit).count();
  return whole % 60 == 0 ? concat(whole / 60, " min") : concat(whole, " s");
}

std::string meaning_of(Late late) {
  switch (late) {
    case Late::kStall:
      return "Stalled";
    case Late::kGiveUp:
      return "gives up, with an Event";
    case Late::kSkip:
      return "goes on without it";
  }
  return {};
}

// "goal2", which Mermaid takes for a name.
std::string id_of(std::size_t place) { return concat("goal", place + 1); }

std::string diagram_of(const OperationKind& kind) {
  std::string text = "```mermaid\nstateDiagram-v2\n";
  for (std::size_t i = 0; i < kind.goals.size(); ++i)
    text += concat("  state \"", kind.goals[i].name, "\" as ", id_of(i), "\n");
  text += concat("  [*] --> ", id_of(0), ": begin\n");
  for (std::size_t i = 0; i + 1 < kind.goals.size(); ++i)
    text += concat("  ", id_of(i), " --> ", id_of(i + 1), "\n");
  const std::string last = id_of(kind.goals.size() - 1);
  text += concat("  ", last, " --> [*]: complete\n");
  for (std::size_t i = 0; i < kind.goals.size(); ++i) {
    if (kind.goals[i].late == Late::kGiveUp) text += concat("  ", id_of(i), " --> [*]: give-up\n");
  }
  return text + "```\n";
}

std::string section_of(const OperationKind& kind) {
  std::string text = concat("\n## ", kind.name, "\n\n", diagram_of(kind),
                            "\n| Goal | Limit | When it is late |\n|---|---|---|\n");
  for (const Goal& goal : kind.goals)
    text +=
        concat("| ", goal.name, " | ", in_words(goal.limit), " | ", meaning_of(goal.late), " |\n");
  if (kind.needs_api_server)
    text += "\nIt begins and goes on only while the API server is steady.\n";
  if (kind.lasts) text += "\nIt lasts until it is withdrawn.\n";
  return text;
}

std::string printed() {
  std::string text = kHead;
  for (const OperationKind* kind : operation_kinds()) text += section_of(*kind);
  return text;
}

TEST(OperationsDiagram, IsPrintedFromTheTables) {
  if (std::getenv("ANNALS_REWRITE_GOLDEN") != nullptr) std::ofstream(kFile) << printed();
  std::ifstream file(kFile);
  const std::string there{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(there, printed());
}

TEST(OperationsDiagram, NamesItsGoalsOnce) {
  for (const OperationKind* kind : operation_kinds()) {
    std::set<std::string> names;
    ASSERT_FALSE(kind->goals.empty()) << kind->name;
    for (const Goal& goal : kind->goals) {
      EXPECT_TRUE(names.insert(goal.name).second) << kind->name << ": " << goal.name;
      EXPECT_GT(goal.limit, Duration(0)) << kind->name << ": " << goal.name;
    }
    EXPECT_TRUE(kind->lasts || kind->complete != nullptr) << kind->name;
    EXPECT_EQ(kind->needs_api_server, kind->is_asked != nullptr) << kind->name;
  }
}

}  // namespace
}  // namespace annals::fsm
