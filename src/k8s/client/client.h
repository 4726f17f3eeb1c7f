// Client: the Kubernetes API in verbs. Objects go in and out as JSON bytes.
// Every write is idempotent or guarded: apply is declarative, delete takes a UID, and what a lost
// answer leaves behind is reported as an unknown outcome (see api_error.h), never retried here.
// Belongs to the loop's thread; outlives everything that awaits it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "k8s/api_error.h"
#include "k8s/resource.h"
#include "k8s/text/page_splitter.h"
#include "k8s/transport/transport.h"

namespace annals::k8s {

// The field manager of everything that Annals writes.
inline constexpr std::string_view kFieldManager = "annals";

struct WriteOptions {
  bool force = false;    // apply: take fields over from other managers instead of a conflict
  bool dry_run = false;  // let the server check and answer, but store nothing
  std::string field_manager{kFieldManager};
  Place place;
};

enum class Propagation : std::uint8_t { kBackground, kForeground, kOrphan };

struct DeleteOptions {
  std::string uid;               // required: what is deleted is this object, not its namesake
  std::string resource_version;  // when set: only if it did not change since
  Propagation propagation = Propagation::kBackground;
  std::optional<std::chrono::seconds> grace_period;
  Place place;
};

struct ListOptions {
  std::string name_space;      // empty: all
  std::string label_selector;  // "a=b,c in (d,e)"
  std::string field_selector;
  int limit = 250;             // objects in one page
  std::string continue_token;  // of the page before
  UnreadFields unread = {};    // what `take` does not look into; see object_scanner.h
  std::size_t object_max = std::size_t{8} << 20U;  // etcd stores objects of at most 1.5 MB
};

struct WatchOptions {
  std::string name_space;
  std::string label_selector;
  std::string resource_version;  // where the list ended
  // Instead: all that there is comes first, as events, then a bookmark that says so.
  bool initial_events = false;
  std::chrono::seconds timeout = std::chrono::minutes(5);  // after which the server ends the stream
};

struct LogOptions {
  std::string container;
  bool follow = false;
  bool previous = false;  // of the container's last life
  int tail_lines = -1;    // negative: all
};

class Client {
 public:
  // `transport` outlives this.
  explicit Client(Transport& transport) : transport_(transport) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Each answers with the object as the server has it now.
  boost::asio::awaitable<Answer<std::string>> get(Resource resource, ObjectName object,
                                                  Place place = {});
  boost::asio::awaitable<Answer<std::string>> apply(Resource resource, ObjectName object,
                                                    std::string manifest,
                                                    WriteOptions options = {});
  boost::asio::awaitable<Answer<std::string>> create(Resource resource, std::string name_space,
                                                     std::string manifest,
                                                     WriteOptions options = {});
  // Replaces the object; `manifest` carries the resourceVersion that it replaces.
  boost::asio::awaitable<Answer<std::string>> replace(Resource resource, ObjectName object,
                                                      std::string manifest,
                                                      WriteOptions options = {});
  // RFC 7386. A resourceVersion in the patch makes it conditional.
  boost::asio::awaitable<Answer<std::string>> merge_patch(Resource resource, ObjectName object,
                                                          std::string patch,
                                                          WriteOptions options = {});
  // RFC 6902.
  boost::asio::awaitable<Answer<std::string>> json_patch(Resource resource, ObjectName object,
                                                         std::string patch,
                                                         WriteOptions options = {});
  boost::asio::awaitable<Answer<std::string>> apply_status(Resource resource, ObjectName object,
                                                           std::string manifest,
                                                           WriteOptions options = {});
  boost::asio::awaitable<Answer<std::string>> merge_patch_status(Resource resource,
                                                                 ObjectName object,
                                                                 std::string patch,
                                                                 WriteOptions options = {});

  // An absent object, or another one of that name, is kNotFound or kConflict. Success means that
  // the server accepted it; finalizers may keep the object for a while.
  boost::asio::awaitable<Answer<void>> remove(Resource resource, ObjectName object,
                                              DeleteOptions options);

  // One page, object by object while it arrives. An object is what it is even if the page then ends
  // in an error.
  boost::asio::awaitable<Answer<PageEnd>> list(Resource resource, ListOptions options,
                                               TakeObject take);
  // The stream of changes, one line of JSON each; read_watch_event() takes a line apart.
  boost::asio::awaitable<Answer<Exchange>> watch(Resource resource, WatchOptions options);

  // A container's log as it comes; with `follow` until the container ends.
  boost::asio::awaitable<Answer<Exchange>> logs(ObjectName pod, LogOptions options);

  // Any other request: "/version", "/readyz", subresources.
  boost::asio::awaitable<Answer<std::string>> raw(Request request);

  Transport& transport() { return transport_; }

 private:
  struct Write {
    Verb verb;
    std::string content_type;
    std::string subresource;
  };
  boost::asio::awaitable<Answer<std::string>> write(Write how, Resource resource, ObjectName object,
                                                    std::string body, WriteOptions options);

  Transport& transport_;
};

}  // namespace annals::k8s
