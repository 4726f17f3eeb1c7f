// Another PostgresCluster, whose repository the data of a new cluster comes from: as it stood when
// somebody looked. Nobody watches it for the new one.
#pragma once

#include <string>

#include "base/clock.h"
#include "fsm/model/repository_contents.h"

namespace annals::fsm {

struct SourceCluster {
  bool found = false;  // it exists
  std::string uid{};
  std::string resource{};  // as SpecObserved has it

  friend bool operator==(const SourceCluster&, const SourceCluster&) = default;
};

struct SourceSeen {
  Timestamp at;
  SourceCluster cluster;
  RepositoryContents contents;  // of the repository that was asked for

  friend bool operator==(const SourceSeen&, const SourceSeen&) = default;
};

// Of a restore that makes a new cluster.
struct CloneOrigin {
  // Whose repository; both empty: its own, which was there before it.
  std::string name_space{};
  std::string cluster{};
  std::string resource{};  // of that cluster, once it is chosen what is restored of it
  // The annotation pgbackrest-restore as it stood when the clone was asked for: no restore in place
  // is meant by it.
  std::string annotation{};
  bool begun = false;  // its Job, or that of one that it replaces, may have written on the volume

  friend bool operator==(const CloneOrigin&, const CloneOrigin&) = default;
};

}  // namespace annals::fsm
