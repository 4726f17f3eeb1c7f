// EventRecorder: Kubernetes Events (events.k8s.io/v1) about objects, for people who run `kubectl
// describe`. The same event again within six minutes raises a count instead of making another one.
// Events are courtesy: a failure to write one is reported and changes nothing.
// Belongs to the loop's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "k8s/client/client.h"

namespace annals::k8s {

enum class EventType : std::uint8_t { kNormal, kWarning };

struct EventNote {
  std::string api_version;  // of the object that it is about
  std::string kind;
  ObjectKey regarding;
  EventType type = EventType::kNormal;
  std::string reason;  // "PrimaryLost", at most 128 bytes
  std::string action;  // "Failover", likewise
  std::string note;    // for people; cut to 1024 bytes
};

// The Event with that id, made unless it is there already: for those that must be told exactly once
// however often it is tried. `client` outlives the call.
boost::asio::awaitable<Answer<void>> record_once(Client* client, EventNote note, std::string id);

class EventRecorder {
 public:
  // `client` outlives this. `instance` is this process, the pod's name.
  EventRecorder(Client& client, std::string instance)
      : client_(client), instance_(std::move(instance)) {}
  EventRecorder(const EventRecorder&) = delete;
  EventRecorder& operator=(const EventRecorder&) = delete;

  boost::asio::awaitable<Answer<void>> record(EventNote note);

 private:
  using Sameness = std::tuple<std::string, EventType, std::string, std::string>;
  struct Series {
    ObjectName name;
    std::int64_t count = 1;
    Duration last{};
  };

  boost::asio::awaitable<Answer<void>> create(EventNote note);
  boost::asio::awaitable<Answer<void>> repeat(EventNote note, Series series);
  void forget_old(Duration now);

  Client& client_;
  std::string instance_;
  std::uint64_t made_ = 0;
  std::map<Sameness, Series> series_;
};

}  // namespace annals::k8s
