#include "k8s/client/events.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/printable.h"

namespace annals::k8s {

namespace asio = boost::asio;
using Json = nlohmann::json;

namespace {

constexpr Duration kSeriesEndsAfter = std::chrono::minutes(6);
constexpr std::size_t kSeriesMax = 4096;
constexpr std::size_t kNoteMax = 1024;
constexpr std::size_t kReasonMax = 128;

Resource events() { return {"events.k8s.io", "v1", "events"}; }

// Events about objects without a namespace live in "default".
std::string space_of(const ObjectKey& object) {
  return object.name_space.empty() ? "default" : object.name_space;
}

Json regarding(const EventNote& note) {
  return {{"apiVersion", note.api_version},
          {"kind", note.kind},
          {"namespace", note.regarding.name_space},
          {"name", note.regarding.name},
          {"uid", note.regarding.uid}};
}

std::string event_text(const EventNote& note, const ObjectName& name, const std::string& instance,
                       Timestamp now) {
  const Json event = {{"apiVersion", "events.k8s.io/v1"},
                      {"kind", "Event"},
                      {"metadata", {{"name", name.name}, {"namespace", name.name_space}}},
                      {"eventTime", annals::to_string(now)},
                      {"reportingController", "annals-operator"},
                      {"reportingInstance", printable(instance, kReasonMax)},
                      {"action", printable(note.action, kReasonMax)},
                      {"reason", printable(note.reason, kReasonMax)},
                      {"regarding", regarding(note)},
                      {"note", printable(note.note, kNoteMax)},
                      {"type", note.type == EventType::kWarning ? "Warning" : "Normal"}};
  return event.dump();
}

}  // namespace

asio::awaitable<Answer<void>> record_once(Client* client, EventNote note, std::string id) {
  const ObjectName name{space_of(note.regarding), concat(note.regarding.name, ".", id)};
  const std::string text =
      event_text(note, name, "annals-operator", client->transport().clock().now());
  const Answer<std::string> made = co_await client->create(events(), name.name_space, text);
  if (made || made.error().conflict()) co_return Answer<void>();
  co_return refuse(made.error());
}

asio::awaitable<Answer<void>> EventRecorder::record(EventNote note) {
  const Duration now = client_.transport().clock().steady();
  forget_old(now);
  const auto known = series_.find({note.regarding.uid, note.type, note.reason, note.note});
  if (known == series_.end()) {
    Answer<void> created = co_await create(std::move(note));
    co_return created;
  }
  ++known->second.count;
  known->second.last = now;
  const Series series = known->second;
  Answer<void> repeated = co_await repeat(note, series);
  if (repeated || !repeated.error().not_found()) co_return repeated;
  // The server forgot it (events live for an hour): begin a new one.
  Answer<void> created = co_await create(std::move(note));
  co_return created;
}

asio::awaitable<Answer<void>> EventRecorder::create(EventNote note) {
  const Clock& clock = client_.transport().clock();
  const ObjectName name{
      space_of(note.regarding),
      concat(note.regarding.name, ".", clock.now().time_since_epoch().count(), ".", ++made_)};
  const std::string text = event_text(note, name, instance_, clock.now());
  const Answer<std::string> made = co_await client_.create(events(), name.name_space, text);
  if (!made) co_return refuse(made.error());
  Sameness same{note.regarding.uid, note.type, std::move(note.reason), std::move(note.note)};
  series_.insert_or_assign(std::move(same), Series{name, 1, clock.steady()});
  co_return Answer<void>();
}

asio::awaitable<Answer<void>> EventRecorder::repeat(EventNote note, Series series) {
  const Json patch = {
      {"series",
       {{"count", series.count},
        {"lastObservedTime", annals::to_string(client_.transport().clock().now())}}}};
  const std::string text = patch.dump();
  const Answer<std::string> patched = co_await client_.merge_patch(events(), series.name, text);
  if (patched) co_return Answer<void>();
  if (patched.error().not_found()) {
    series_.erase({note.regarding.uid, note.type, note.reason, note.note});
  }
  co_return refuse(patched.error());
}

void EventRecorder::forget_old(Duration now) {
  std::erase_if(series_,
                [now](const auto& entry) { return now - entry.second.last > kSeriesEndsAfter; });
  // More different events than that: repetitions make new ones, and memory stays bounded.
  if (series_.size() >= kSeriesMax) series_.clear();
}

}  // namespace annals::k8s
