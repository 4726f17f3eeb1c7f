// WatchTable: which objects of one kind exist, as far as a watch has told, and what each last
// looked like (as a digest). It turns "this is what I saw" into "this is what is new": an object
// that looks as before is no change, a namesake with another UID is one object gone and one
// appeared, and after a complete list whatever was not in it is gone. Pure. About 40 bytes an
// object, and a block with its names.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/lens/fingerprint.h"
#include "k8s/resource.h"

namespace annals::k8s {

class WatchTable {
 public:
  enum class News : std::uint8_t { kSame, kAppeared, kChanged };
  struct Vanished {
    ObjectKey key;
    std::string mark;

    friend bool operator==(const Vanished&, const Vanished&) = default;
  };
  struct Sighting {
    News news = News::kSame;
    std::optional<Vanished> replaced;  // a namesake that is therefore gone
  };

  // The object is there and looks like this. The mark is whatever is to be told with it when it has
  // vanished.
  Sighting saw(const ObjectKey& key, const Digest& digest, std::string_view mark = {});
  // The object is there, but what it looks like cannot be read: any look at it will be a change. It
  // keeps its mark.
  Sighting saw_unreadable(const ObjectKey& key);
  // The object is gone, and had this mark. Nothing if it was not known.
  std::optional<std::string> gone(const ObjectKey& key);

  // A list begins: from here on what is seen is marked.
  void begin_list() { ++round_; }
  // The list was complete: what was not seen since begin_list() is gone, in order of name.
  std::vector<Vanished> end_list();

  std::size_t size() const { return entries_.size(); }

 private:
  // Half of a SHA-256 tells views apart as well.
  using Look = std::array<std::uint8_t, 16>;

  // Tens of thousands are kept: its texts lie one behind the other in one block.
  class Entry {
   public:
    Entry(const ObjectKey& key, std::string_view mark);

    std::string_view name_space() const { return {texts_.get(), name_space_size_}; }
    std::string_view name() const { return {texts_.get() + name_space_size_, name_size_}; }
    std::string_view uid() const { return {name().data() + name_size_, uid_size_}; }
    std::string_view mark() const { return {uid().data() + uid_size_, mark_size_}; }
    Vanished vanished() const;

    Look look{};
    std::uint32_t round = 0;

   private:
    std::uint16_t name_space_size_;
    std::uint16_t name_size_;
    std::uint16_t uid_size_;
    std::uint16_t mark_size_;
    std::unique_ptr<char[]> texts_;
  };
  using Entries = std::vector<Entry>;

  Entries::iterator place_of(const ObjectKey& key);
  bool is_there(Entries::iterator place, const ObjectKey& key) const;
  Sighting saw_as(const ObjectKey& key, const Look& look, std::optional<std::string_view> mark);

  Entries entries_;  // by namespace and name
  std::uint32_t round_ = 0;
};

}  // namespace annals::k8s
