// PageSplitter: a page of a list, taken apart while it arrives. Each object is handed on as soon as
// its last byte is there, so no more than one of them is ever in memory, and none is read twice.
// Pure; not thread-safe. Source: Kubernetes API concepts, "Retrieving large results sets in
// chunks".
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "k8s/text/json.h"
#include "k8s/text/object_scanner.h"

namespace annals::k8s {

// What a list says of itself, beside its objects.
struct PageEnd {
  std::string resource_version;
  std::string continue_token;  // empty on the last page
};

// Takes one object's bytes as they stand, valid during the call. An error ends the page.
using TakeObject = std::function<Result<void>(std::string_view object)>;

class PageSplitter {
 public:
  // Objects come without the content of `unread` fields, whose names outlive this.
  PageSplitter(TakeObject take, std::size_t object_max, UnreadFields unread = {})
      : take_(std::move(take)), object_max_(object_max), unread_(unread), scanner_(unread) {}

  // The next bytes of the page. kInvalid when they are no list, or hold an object of more than
  // `object_max` bytes; then also what take() refused.
  Result<void> feed(std::string_view bytes);
  // There are no more bytes. kInvalid when they were no whole list.
  Result<PageEnd> finish();

 private:
  enum class Place : std::uint8_t { kEnvelope, kBeforeFirst, kBeforeNext, kAfterObject, kObject };

  Result<std::size_t> take_envelope(std::string_view bytes);
  Result<std::size_t> take_between(std::string_view bytes);
  Result<std::size_t> take_part(std::string_view bytes);
  void note(char byte);
  bool items_begin() const;

  TakeObject take_;
  std::size_t object_max_;
  UnreadFields unread_;
  Place place_ = Place::kEnvelope;
  ObjectScanner scanner_;
  std::string object_;    // its bytes so far
  std::string envelope_;  // everything but the objects
  int depth_ = 0;         // of brackets in the envelope
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace annals::k8s
