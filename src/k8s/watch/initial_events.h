// InitialEvents: whether the objects of a kind come at the beginning of its watch (a WatchList: all
// of them as events, then a bookmark that says so) or as a list in pages. The server decides, by
// what it answers and never by its version: one that knows no initial events refuses them or leaves
// them away, and one that ignores the request never tells their end. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "k8s/api_error.h"

namespace annals::k8s {

// How a stream, or the attempt at one, came to its end.
enum class StreamEnd : std::uint8_t {
  kClosed,   // in order
  kSilent,   // nothing came for so long that it counts as ended
  kExpired,  // the server has forgotten the place where it was to begin
  kBusy,     // the kind's storage comes up, or is overloaded
  kBroken,
};

// "closed", for logs and metrics.
std::string_view to_string(StreamEnd how);

class InitialEvents {
 public:
  // `patience`: between one object and the next, or the end. The server needs a moment for the end,
  // because it asks etcd whether it knows all.
  InitialEvents(bool wanted, Duration patience, Duration stream_length)
      : served_(wanted), patience_(patience), stream_length_(stream_length) {}

  // Whether to ask for them, rather than for pages.
  bool wanted() const { return served_ && interruptions_ < kInterruptionsMax; }
  bool under_way() const { return under_way_; }

  // They are asked for.
  void begin(Duration now);
  void object_came(Duration now) { last_ = now; }
  // So much time was ours, not the server's.
  void excuse(Duration span) { last_ += span; }
  // All have come, by events or, the other way, in pages.
  void all_came();

  // How long to wait for what comes next; more than zero.
  Duration patience(Duration now) const;
  bool overdue(Duration now) const { return under_way_ && now - last_ >= patience_; }

  // The stream that was to bring them ended before their end; `opened` if it had begun at all.
  // True where nothing is wrong but that this server does not have them: for good, or it has broken
  // off so often that pages are to be tried for once.
  bool ended(StreamEnd how, const ApiError& error, bool opened, Duration lasted);

 private:
  static constexpr int kInterruptionsMax = 3;

  bool served_;
  Duration patience_;
  Duration stream_length_;
  bool under_way_ = false;
  Duration last_{};
  int interruptions_ = 0;  // in a row
};

}  // namespace annals::k8s
