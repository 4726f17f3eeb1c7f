// Watches: what runtime::Watches and its reflectors do, in virtual time and on the simulated API
// server: list each kind, then follow its history; resume, list again, be late, be told twice. News
// is told from what is known by the operator's own k8s::WatchTable.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "k8s/watch/watch_table.h"
#include "runtime/shell.h"
#include "tests/simulation/random.h"
#include "tests/simulation/world.h"

namespace annals::simulation {

enum class StreamFault : std::uint8_t {
  kDropped,    // reconnects some seconds later, where it was
  kRepeated,   // the last events come twice
  kStalled,    // silent for minutes, without an error
  kExpired,    // 410 Gone: lists again
  kBroken,     // half a line: what was lost can only be listed
  kStaleList,  // lists again, from a replica that is behind
};

class Watches {
 public:
  // Runs work later, if the process still lives then.
  using Later = std::function<void(Duration, std::function<void()>)>;

  Watches(World& world, runtime::Shell& shell, Random random, Later later);
  ~Watches();
  Watches(const Watches&) = delete;
  Watches& operator=(const Watches&) = delete;

  void start();
  // Everything was listed at least once.
  bool all_listed() const { return all_listed_; }
  // Something of this kind has changed at the server.
  void changed(const std::string& kind);
  // Strikes one of the streams.
  void strike(StreamFault fault, std::size_t stream);
  // All streams are opened anew and list, as they do after an expiry.
  void list_again();

 private:
  class Stream;

  void became_current(const Stream& stream);

  World& world_;
  runtime::Shell& shell_;
  Random random_;
  Later later_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::size_t current_ = 0;
  bool all_listed_ = false;
  bool behind_ = false;  // the first lists are of the past
};

}  // namespace annals::simulation
