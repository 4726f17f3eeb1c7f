// StoryFilter: of all records those that a person would tell a story with. What was asked for, what
// the machines did and waited for, who leads and who is ready, and what went wrong; neither each
// write and its outcome nor what only says again what is known.
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

struct Scene {
  Sequence seq;
  Timestamp time;
  ClusterUid cluster;
  std::string words;
};

class StoryFilter {
 public:
  // Takes the next record; gives the scene before it when that is complete. Several objects that
  // are written for one reason are one scene.
  std::optional<Scene> take(const journal::Record& record);
  // The scene that is still open.
  std::optional<Scene> finish();

 private:
  std::string words_of(const journal::Record& record);
  std::string words_of(const ClusterUid& cluster, const fsm::Input& input);
  std::string words_of_pod(const ClusterUid& cluster, const fsm::PodObserved& pod);
  std::optional<Scene> replace(std::optional<Scene> scene);

  std::map<std::pair<ClusterUid, std::string>, fsm::PodObserved> pods_;
  std::map<ClusterUid, std::int64_t> generations_;
  std::optional<Scene> open_;
  std::string fold_;  // what further records of the open scene have in common
  int more_ = 0;      // of them
};

// "08:05:00"
std::string time_of_day(Timestamp time);

}  // namespace annals::replay
