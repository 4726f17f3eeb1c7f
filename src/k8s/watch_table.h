// WatchTable: which objects of one kind exist, as far as a watch has told, and what each last
// looked like (as a digest). It turns "this is what I saw" into "this is what is new": an object
// that looks as before is no change, a namesake with another UID is one object gone and one
// appeared, and after a complete list whatever was not in it is gone. Pure. About 250 bytes an
// object.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "k8s/lens/fingerprint.h"
#include "k8s/resource.h"

namespace annals::k8s {

class WatchTable {
 public:
  enum class News : std::uint8_t { kSame, kAppeared, kChanged };
  struct Sighting {
    News news = News::kSame;
    std::string replaced_uid;  // of a namesake that is therefore gone; empty without one
  };

  // The object is there and looks like this.
  Sighting saw(const ObjectKey& key, const Digest& digest);
  // The object is there, but what it looks like cannot be read: any look at it will be a change.
  Sighting saw_unreadable(const ObjectKey& key);
  // The object is gone. False if it was not known.
  bool gone(const ObjectKey& key);

  // A list begins: from here on what is seen is marked.
  void begin_list() { ++round_; }
  // The list was complete: what was not seen since begin_list() is gone, in order of name.
  std::vector<ObjectKey> end_list();

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string uid;
    Digest digest{};
    std::uint32_t round = 0;
  };

  std::map<ObjectName, Entry> entries_;
  std::uint32_t round_ = 0;
};

}  // namespace annals::k8s
