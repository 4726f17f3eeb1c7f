// Reflector: keeps somebody informed about all objects of one kind: lists them once, then watches,
// resumes where a stream broke off, lists again when the server has forgotten that place (410
// Gone). A list comes in pages or, where that is asked for and the server has it, as the beginning
// of a watch.
// It hands on level, not edge: what is there now and looks different from what was told before.
// What vanished while nobody watched is told after the next complete list, never before (an
// incomplete list proves nothing). Objects themselves are not kept. Source of the protocol:
// Kubernetes API concepts, "Efficient detection of changes".
//
// Belongs to the loop's thread. run() is to be spawned into a TaskScope that is joined before the
// reflector, its client or its observer go away.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "k8s/client/client.h"
#include "k8s/lens/meta.h"
#include "k8s/text/json.h"
#include "k8s/transport/backoff.h"
#include "k8s/watch/initial_events.h"
#include "k8s/watch/watch_stream.h"
#include "k8s/watch/watch_table.h"

namespace annals::k8s {

enum class ChangeKind : std::uint8_t {
  kAppeared,
  kChanged,
  kVanished,
  kUnreadable,  // it is there, but the lens could not read it: what it looks like is unknown
};

std::string_view to_string(ChangeKind kind);

template <class View>
struct Change {
  ChangeKind kind = ChangeKind::kAppeared;
  ObjectKey key;
  std::optional<View> view;  // of what appeared or changed
  std::string trouble;       // of what is unreadable
  std::string mark;          // mark_of() the last view of what has vanished
};

enum class Freshness : std::uint8_t {
  kUnknown,  // nothing was listed yet: absence means nothing
  kCurrent,  // listed and watched
  kStale,    // what was told may be outdated: the watch is broken and could not be resumed yet
};

std::string_view to_string(Freshness freshness);

template <class View>
class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;

  // Changes in the order in which the server told them; never empty. The stream is not read further
  // until this returns, so a slow observer slows the server instead of filling memory.
  virtual boost::asio::awaitable<void> observe(std::vector<Change<View>> changes) = 0;
  // Told at each change of freshness, after the changes that led to it.
  virtual boost::asio::awaitable<void> freshness(Freshness now, std::string reason) = 0;
};

struct ReflectorOptions {
  std::string name_space;  // empty: all
  std::string label_selector;
  // Lists as the beginning of a watch where the server has that, else in pages, which cost it less.
  bool initial_events = false;
  Duration initial_patience = std::chrono::seconds(10);  // for the next object of such a list
  int page_size = 250;                                   // halved when a page turns out too large
  // A stream that is silent for so long is opened anew where it was. The server sends a bookmark
  // about once a minute, but not for kinds that never changed: silence alone is not yet an outage.
  Duration silence_max = std::chrono::minutes(3);
  std::chrono::seconds stream_length = std::chrono::minutes(5);
  std::size_t line_max = std::size_t{8} << 20U;  // of an event, and of an object in a list
  BackoffRange backoff;
};

// The part that does not depend on the kind.
class ReflectorCore {
 public:
  ReflectorCore(const ReflectorCore&) = delete;
  ReflectorCore& operator=(const ReflectorCore&) = delete;
  virtual ~ReflectorCore() = default;

  // Does not return but by cancellation.
  boost::asio::awaitable<void> run();

  Freshness freshness() const { return freshness_; }
  // Objects known.
  std::size_t size() const { return table_.size(); }

 protected:
  // What one look at an object gave.
  struct Look {
    ObjectKey key;
    std::string resource_version;
    std::optional<Digest> digest;  // nothing: unreadable but for its metadata
    std::string trouble;
    std::string mark;
  };

  ReflectorCore(Client& client, Resource resource, ReflectorOptions options);

  // Reads an object and remembers its view for push(). kInvalid if not even its name can be read.
  virtual Result<Look> look(std::string_view object) = 0;
  // Adds a change; with the last view looked at unless it is unreadable.
  virtual void push(ChangeKind kind, ObjectKey key, std::string trouble) = 0;
  virtual void push_vanished(WatchTable::Vanished vanished) = 0;
  virtual boost::asio::awaitable<void> flush() = 0;
  virtual UnreadFields unread() const = 0;
  virtual boost::asio::awaitable<void> tell(Freshness now, std::string reason) = 0;

  JsonReader& reader() { return reader_; }

 private:
  struct Ended {
    StreamEnd how = StreamEnd::kClosed;
    ApiError error;
    Duration lasted{};
    bool opened = false;
  };

  static Ended failed(ApiError error);
  boost::asio::awaitable<Answer<void>> list();
  boost::asio::awaitable<void> listed_all();
  boost::asio::awaitable<Answer<PageEnd>> list_page(std::string continue_token);
  boost::asio::awaitable<Ended> watch();
  boost::asio::awaitable<Answer<void>> follow(Exchange* stream);
  boost::asio::awaitable<Answer<bool>> read_some(Exchange* stream, std::string* inbox);
  boost::asio::awaitable<void> hand_on();
  boost::asio::awaitable<void> after(Ended ended);
  bool prefers_pages(const Ended& ended);
  bool awaits_storage(const Ended& ended);
  boost::asio::awaitable<void> become(Freshness now, std::string reason);
  Answer<void> take_events(LineSplitter& lines);
  Result<void> take_event(const WatchEvent& event);
  Result<void> take_bookmark(std::string_view object);
  // Their resourceVersion.
  Result<std::string> take_object(std::string_view object);
  Result<std::string> take_deleted(std::string_view object);

  Client& client_;
  Resource resource_;
  ReflectorOptions options_;
  std::string kind_;  // for logs and metrics
  Log log_;
  JsonReader reader_;
  WatchTable table_;
  Backoff backoff_;
  Backoff storage_backoff_;
  Duration storage_waited_{};  // for the kind's storage, in a row
  InitialEvents initial_;
  Duration list_began_{};
  std::string object_;            // of the event at hand
  std::string resource_version_;  // up to here everything was told; empty: list first
  Freshness freshness_ = Freshness::kUnknown;
};

// View has `ObjectMeta meta`, and add_to(Fingerprint&, const View&) next to it. It may have a
// static `kUnread`, the UnreadFields of its lens: lists are then read faster. There may be a
// mark_of(const View&), a short text that is kept and told with the object once it has vanished.
template <class View>
class Reflector final : public ReflectorCore {
 public:
  using Lens = Result<View> (*)(JsonReader&, std::string_view);

  // `client` and `observer` outlive this.
  Reflector(Client& client, Resource resource, Lens lens, Observer<View>& observer,
            ReflectorOptions options = {})
      : ReflectorCore(client, std::move(resource), std::move(options)),
        lens_(lens),
        observer_(observer) {}

 private:
  Result<Look> look(std::string_view object) override;
  void push(ChangeKind kind, ObjectKey key, std::string trouble) override;
  void push_vanished(WatchTable::Vanished vanished) override;
  boost::asio::awaitable<void> flush() override;
  UnreadFields unread() const override {
    if constexpr (requires { View::kUnread; }) return View::kUnread;
    return {};
  }
  boost::asio::awaitable<void> tell(Freshness now, std::string reason) override {
    return observer_.freshness(now, std::move(reason));
  }

  Lens lens_;
  Observer<View>& observer_;
  std::optional<View> view_;
  std::vector<Change<View>> changes_;
};

template <class View>
Result<ReflectorCore::Look> Reflector<View>::look(std::string_view object) {
  Result<View> view = lens_(reader(), object);
  if (view) {
    Fingerprint fingerprint;
    add_to(fingerprint, *view);
    Look seen{view->meta.key, view->meta.resource_version, fingerprint.digest(), {}, {}};
    if constexpr (requires { mark_of(*view); }) seen.mark = mark_of(*view);
    view_ = *std::move(view);
    return seen;
  }
  view_.reset();
  Result<ObjectMeta> meta = read_meta(reader(), object);
  if (!meta) return fail(std::move(meta).error());
  return Look{meta->key, meta->resource_version, std::nullopt, std::move(view).error().detail, {}};
}

template <class View>
void Reflector<View>::push(ChangeKind kind, ObjectKey key, std::string trouble) {
  Change<View> change{kind, std::move(key), std::nullopt, std::move(trouble), {}};
  if (kind == ChangeKind::kAppeared || kind == ChangeKind::kChanged) {
    change.view = std::exchange(view_, std::nullopt);
  }
  changes_.push_back(std::move(change));
}

template <class View>
void Reflector<View>::push_vanished(WatchTable::Vanished vanished) {
  changes_.push_back({.kind = ChangeKind::kVanished,
                      .key = std::move(vanished.key),
                      .view = std::nullopt,
                      .trouble = {},
                      .mark = std::move(vanished.mark)});
}

template <class View>
boost::asio::awaitable<void> Reflector<View>::flush() {
  if (changes_.empty()) co_return;
  std::vector<Change<View>> changes = std::exchange(changes_, {});
  co_await observer_.observe(std::move(changes));
}

}  // namespace annals::k8s
