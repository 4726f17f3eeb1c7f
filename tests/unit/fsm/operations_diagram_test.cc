// The tables of operations are their documentation: docs/operations-diagram.md is printed from
// them. ANNALS_REWRITE_GOLDEN=1 writes it anew.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "base/concat.h"
#include "fsm/machine.h"
#include "fsm/operations/operations.h"

namespace annals::fsm {
namespace {

constexpr const char* kDiagram = ANNALS_SOURCE_DIR "/docs/operations-diagram.md";
constexpr const char* kHead =
    "# Operations\n\n"
    "Printed from the tables in `src/fsm` by a test (`OperationsDiagram`), which fails where they "
    "differ.\n\n"
    "At most one operation that interrupts anything goes on at a time. Of those that are wanted "
    "the first one in this order begins. Each step looks at the cluster anew and takes the first "
    "goal that does not hold; a goal that has not held for its limit is told by the condition "
    "`Stalled`, unless the table says otherwise. `spec.shutdown` preempts every other "
    "operation.\n\n"
    "Processes interrupt nothing: each goes on beside operations and beside the others, and says "
    "by "
    "itself what it waits for. They stand at the end.\n";

std::string in_words(Duration limit) {
  using namespace std::chrono;
  const auto whole = duration_cast<seconds>(limit).count();
  if (whole % 3600 == 0) return concat(whole / 3600, " h");
  return whole % 60 == 0 ? concat(whole / 60, " min") : concat(whole, " s");
}

std::string meaning_of(const Goal& goal) {
  if (goal.failed != nullptr && goal.late == Late::kStall)
    return "Stalled; gives up where it has failed";
  switch (goal.late) {
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
  text += concat("  [*] --> ", id_of(0), kind.wanted != nullptr ? ": begin\n" : "\n");
  for (std::size_t i = 0; i + 1 < kind.goals.size(); ++i)
    text += concat("  ", id_of(i), " --> ", id_of(i + 1), "\n");
  const std::string last = id_of(kind.goals.size() - 1);
  const bool completes = kind.lasts || kind.complete != nullptr;
  text += concat("  ", last, " --> [*]", completes ? ": complete\n" : "\n");
  for (std::size_t i = 0; i < kind.goals.size(); ++i) {
    if (kind.goals[i].late == Late::kGiveUp || kind.goals[i].failed != nullptr)
      text += concat("  ", id_of(i), " --> [*]: give-up\n");
  }
  return text + "```\n";
}

bool is_process(const OperationKind& kind) { return kind.goes_on != nullptr; }

std::string section_of(const OperationKind& kind) {
  std::string text = concat("\n## ", kind.name, "\n\n", diagram_of(kind),
                            "\n| Goal | Limit | When it is late |\n|---|---|---|\n");
  for (const Goal& goal : kind.goals)
    text += concat("| ", goal.name, " | ", in_words(goal.limit), " | ", meaning_of(goal), " |\n");
  if (is_process(kind)) return text + "\nA process: it goes on beside the others.\n";
  if (kind.needs_api_server)
    text += "\nIt begins and goes on only while the API server is steady.\n";
  if (kind.lasts) text += "\nIt lasts until it is withdrawn.\n";
  return text;
}

std::vector<const OperationKind*> all_kinds() {
  std::vector<const OperationKind*> kinds(operation_kinds().begin(), operation_kinds().end());
  kinds.insert(kinds.end(), processes().begin(), processes().end());
  return kinds;
}

std::string printed() {
  std::string text = kHead;
  for (const OperationKind* kind : all_kinds()) text += section_of(*kind);
  return text;
}

TEST(OperationsDiagram, IsPrintedFromTheTables) {
  if (std::getenv("ANNALS_REWRITE_GOLDEN") != nullptr) std::ofstream(kDiagram) << printed();
  std::ifstream file(kDiagram);
  const std::string there{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(there, printed());
}

TEST(OperationsDiagram, NamesItsGoalsOnce) {
  for (const OperationKind* kind : all_kinds()) {
    std::set<std::string> names;
    ASSERT_FALSE(kind->goals.empty()) << kind->name;
    for (const Goal& goal : kind->goals) {
      EXPECT_TRUE(names.insert(goal.name).second) << kind->name << ": " << goal.name;
      EXPECT_GT(goal.limit, Duration(0)) << kind->name << ": " << goal.name;
    }
    EXPECT_TRUE(kind->lasts || is_process(*kind) || kind->complete != nullptr) << kind->name;
    EXPECT_TRUE(is_process(*kind) || (kind->wanted != nullptr && kind->withdrawn != nullptr))
        << kind->name;
    EXPECT_EQ(!is_process(*kind) && kind->needs_api_server, kind->is_asked != nullptr)
        << kind->name;
  }
}

}  // namespace
}  // namespace annals::fsm
