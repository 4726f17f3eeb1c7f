// Another PostgresCluster, whose repository the data of a new cluster comes from: as it stood when
// somebody looked. Nobody watches it for the new one.
#pragma once

#include <map>
#include <set>
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
  std::string pod{};            // that was asked; empty: none was

  friend bool operator==(const SourceSeen&, const SourceSeen&) = default;
};

// A volume claim that may become one of a new cluster's.
struct VolumeSeen {
  bool found = false;
  std::string uid{};
  std::string owner{};  // "PostgresCluster/hippo", whose controller it is; empty: nobody's
  std::string owner_uid{};
  bool deleting = false;

  friend bool operator==(const VolumeSeen&, const VolumeSeen&) = default;
};

struct VolumesSeen {
  Timestamp at;
  std::map<std::string, VolumeSeen> volumes;  // by name

  friend bool operator==(const VolumesSeen&, const VolumesSeen&) = default;
};

struct AdoptedVolume {
  std::string claim;
  std::string uid;

  friend bool operator==(const AdoptedVolume&, const AdoptedVolume&) = default;
};

// Of a restore that makes a new cluster.
struct CloneOrigin {
  // Whose repository; both empty: its own, which was there before it, unless `store` says another.
  std::string name_space{};
  std::string cluster{};
  // Where in an object store the backups are that spec.dataSource.pgbackrest describes.
  std::string store{};
  std::string stanza{};  // in it; empty: as everywhere
  // Of that cluster, once it is chosen what is restored of it, or once it has to be known for
  // reading its repository. Where a store is described: this cluster's own, as it stood then.
  std::string resource{};
  // No pod that is there already reaches the repository: one of the new cluster's reads it.
  bool by_reader = false;
  // The annotation pgbackrest-restore as it stood when the clone was asked for: no restore in place
  // is meant by it.
  std::string annotation{};
  // Volumes that were there before, by the names of those that the cluster would have made.
  std::map<std::string, AdoptedVolume> adopted{};
  bool of_volume = false;  // the data lies on one of them, and nothing is restored
  // The volume may be empty as well, and is: then its instance makes a database, before any other.
  // The instances whose volumes were empty, of those of the set: each is looked at before that.
  bool may_be_empty = false;
  bool is_empty = false;
  std::set<std::string> found_empty{};
  // Which directories of them are moved where the cluster looks for them; empty: none.
  std::string data_directory{};
  std::string wal_directory{};
  std::string repository_directory{};
  // The UID of the deleted cluster whose kept volumes become this one's; empty: of none.
  std::string deleted{};
  bool is_repository_moved = false;  // or does not have to be
  bool begun = false;  // its Job, or that of one that it replaces, may have written on the volume

  friend bool operator==(const CloneOrigin&, const CloneOrigin&) = default;
};

}  // namespace annals::fsm
