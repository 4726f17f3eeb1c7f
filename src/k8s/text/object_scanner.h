// ObjectScanner: where an object ends, in JSON that comes in pieces, and what of it is worth
// keeping. It knows strings, brackets and the names of fields, and passes over what nobody reads 64
// bytes at a time; whether the rest is well-formed is for its reader to say. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace annals::k8s {

// Names of fields, wherever they stand, whose objects and arrays a lens never looks into.
using UnreadFields = std::span<const std::string_view>;

class ObjectScanner {
 public:
  // The names outlive this.
  explicit ObjectScanner(UnreadFields unread) : unread_(unread) {}

  // The next bytes of an object, of which the first call begins with its '{'. Appends them to
  // `object`, up to its end, without the content of unread fields: {"env":[...]} becomes
  // {"env":[]}. Gives how many of the bytes belong to the object; all of them unless ended().
  std::size_t scan(std::string_view bytes, std::string& object);
  bool ended() const { return ended_; }

 private:
  using Bits = std::uint64_t;  // one for each byte of a block, the first is the lowest
  struct Brackets {
    Bits opens;
    Bits closes;
  };

  struct Strings {  // where a block ended: all bits or none, one bit or none
    Bits inside = 0;
    Bits escaped = 0;
  };

  static Brackets brackets_in(const char* block, std::size_t size, Strings& strings);
  std::size_t scan_blocks(std::string_view bytes, std::string& object);
  std::size_t scan_wide(std::string_view bytes, std::string& object);
  bool passes_over(const Brackets& block);
  std::size_t take(const Brackets& block, std::string_view bytes, std::size_t at,
                   std::string& object);
  void keep(std::string_view bytes, std::size_t end, std::string& object);
  bool is_unread(std::string_view before) const;

  UnreadFields unread_;
  std::uint64_t depth_ = 0;
  std::uint64_t unread_depth_ = 0;  // of what is being passed over; 0 when nothing is
  std::size_t kept_ = 0;            // up to here the bytes under way stand in the object
  Strings strings_;
  bool ended_ = false;
};

}  // namespace annals::k8s
