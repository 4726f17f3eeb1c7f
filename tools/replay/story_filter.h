// StoryFilter: the records of a summary (timeline --story). Changes of the spec, what the machines
// did and waited for, the primary, readiness and failures; without writes, their successful
// outcomes and repetitions.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/id.h"
#include "fsm/model/decision.h"
#include "fsm/model/fact.h"
#include "journal/record.h"

namespace annals::replay {

struct SummaryLine {
  Sequence seq;
  Timestamp time;
  ClusterUid cluster;
  std::string words;
};

class StoryFilter {
 public:
  // Takes the next record; gives the line before it when that is complete. Several objects that
  // are written for one reason are one line.
  std::optional<SummaryLine> take(const journal::Record& record);
  // The line that is still open.
  std::optional<SummaryLine> finish();

 private:
  std::string words_of(const journal::Record& record);
  std::string words_of(const ClusterUid& cluster, const fsm::Input& input);
  std::string words_of_pod(const ClusterUid& cluster, const fsm::PodObserved& pod);
  std::optional<SummaryLine> replace(std::optional<SummaryLine> line);

  std::map<std::pair<ClusterUid, std::string>, fsm::PodObserved> pods_;
  std::map<ClusterUid, std::int64_t> generations_;
  std::optional<SummaryLine> open_;
  std::string fold_;  // what further records of the open line have in common
  int more_ = 0;      // of them
};

// "08:05:00"
std::string time_of_day(Timestamp time);

}  // namespace annals::replay
