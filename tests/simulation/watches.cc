#include "tests/simulation/watches.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/concat.h"
#include "k8s/lens/fingerprint.h"
#include "k8s/text/rfc3339.h"
#include "runtime/owned_kinds.h"
#include "tests/simulation/manifest_text.h"
#include "tests/simulation/process.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

// As the lens reads it of a status.
void read_finished_restore(std::string_view status, fsm::SpecObserved& fact) {
  const std::size_t begin = status.find("\"restore\":{");
  if (begin == std::string_view::npos) return;
  const std::string_view restore = status.substr(begin, status.find('}', begin) - begin);
  if (!restore.contains("\"finished\":true")) return;
  fact.restored = text_member(restore, "id");
  fact.restore_succeeded = restore.contains("\"succeeded\":1");
}

void read_drills(std::string_view status, fsm::SpecObserved& fact) {
  const std::size_t begin = status.find("\"restoreDrill\":{");
  if (begin != std::string_view::npos) {
    const std::string_view drill = status.substr(begin, status.find('}', begin) - begin);
    if (drill.contains("\"finished\":true")) fact.drilled = text_member(drill, "id");
  }
  const std::size_t proof = status.find("\"lastVerifiedBackup\":{");
  if (proof == std::string_view::npos) return;
  const std::string_view verified = status.substr(proof, status.find('}', proof) - proof);
  const Result<Timestamp> at = k8s::parse_rfc3339(text_member(verified, "verifiedAt"));
  if (!at) return;
  fact.verified["repo1"] = {.label = text_member(verified, "label"),
                            .at = *at,
                            .checks = text_member(verified, "checks")};
}

void read_stanzas(std::string_view status, fsm::SpecObserved& fact) {
  for (const char* repo : {"repo1", "repo2"}) {
    const std::size_t begin = status.find(concat("\"name\":\"", repo, "\""));
    if (begin == std::string_view::npos) continue;
    const std::string_view its = status.substr(begin, status.find("\"name\":", begin + 1) - begin);
    if (its.contains("\"stanzaCreated\":true")) fact.stanzas.insert(repo);
  }
}

constexpr const char* kClusters = "PostgresCluster";
constexpr const char* kPods = "Pod";

k8s::ObjectKey identity(const Object& object) {
  return {object.key.name_space, object.key.name, object.uid};
}

// What the lens of each kind sees, as a digest.
Digest look(const Object& object) {
  k8s::Fingerprint seen;
  if (object.key.kind == kClusters) {
    seen.add(object.resource).add(object.generation).add(object.deleting);
    seen.add(object.finalizers.contains(fsm::kFinalizer));
  } else if (object.key.kind == kPods) {
    const fsm::PodObserved& pod = object.pod;
    seen.add(pod.node).add(pod.phase).add(pod.role).add(pod.problem).add(pod.ready);
    seen.add(pod.revision).add(pod.member).add(pod.pending_restart).add(pod.standby_leader);
    seen.add(object.deleting);
  } else {
    seen.add(object.owned_digest()).add(object.last_writer.time);
    fsm::each_field(object.fields, [&seen](std::string_view name, std::string_view text) {
      seen.add(name).add(text);
    });
  }
  return seen.digest();
}

}  // namespace

// One kind: what the reflector does.
class Watches::Stream {
 public:
  Stream(Watches& all, std::string kind, std::string api_version)
      : all_(all), kind_(std::move(kind)), api_version_(std::move(api_version)) {}

  void begin() {
    if (!was_current_ && all_.behind_) lag_ = all_.random_.between(1, 30);
    later(all_.random_.between(2ms, 60ms), [this] { list(); });
  }

  // Something of this kind has changed at the server.
  void changed() {
    if (!listed_ || delivery_planned_) return;
    delivery_planned_ = true;
    const Duration delay = all_.random_.between(1ms, 150ms);
    const Timestamp now = all_.world_.schedule.now();
    const Duration silence = silent_until_ > now ? silent_until_ - now : Duration::zero();
    later(delay + silence, [this] { deliver(); });
  }

  void hit(StreamFault fault) {
    const Timestamp now = all_.world_.schedule.now();
    switch (fault) {
      case StreamFault::kDropped:
        silent_until_ = now + all_.random_.between(1s, 30s);
        return;
      case StreamFault::kRepeated:
        position_ -= std::min<std::size_t>(position_, all_.random_.between(1, 5));
        changed();
        return;
      case StreamFault::kStalled:
        silent_until_ = now + all_.random_.between(60s, 180s);
        return;
      case StreamFault::kExpired:
      case StreamFault::kBroken:
        return open_anew();
      case StreamFault::kStaleList:
        lag_ = all_.random_.between(1, 30);
        // A cluster that comes back to life while its namesake waits for its pods takes what is
        // told of them: a known gap.
        if (kind_ == kClusters && all_.world_.controllers.do_leaders_linger()) lag_ = 0;
        return open_anew();
    }
  }

  void open_anew() {
    if (!listed_) return;
    listed_ = false;
    begin();
  }

 private:
  template <class Work>
  void later(Duration delay, Work work) {
    all_.later_(delay, std::move(work));
  }

  void list() {
    World& world = all_.world_;
    if (world.fault_state.api_down) return later(2s, [this] { list(); });
    const std::vector<Change>& history = world.server.history(kind_);
    // A replica that lags knows less of the history.
    position_ = history.size() - std::min<std::size_t>(history.size(), std::exchange(lag_, 0));
    table_.begin_list();
    const Version at =
        position_ == history.size() ? world.server.version() : history[position_].version - 1;
    for (const Snapshot& object : world.server.list(kind_, at)) saw(*object);
    for (const k8s::WatchTable::Vanished& gone : table_.end_list()) vanished(gone);
    listed_ = true;
    if (!std::exchange(was_current_, true)) all_.became_current(*this);
    if (position_ < history.size()) changed();
  }

  void deliver() {
    delivery_planned_ = false;
    if (!listed_) return;
    if (all_.world_.schedule.now() < silent_until_) return changed();
    const std::vector<Change>& history = all_.world_.server.history(kind_);
    while (position_ < history.size()) {
      const Change change = history[position_++];
      if (change.deleted) {
        std::optional<std::string> mark = table_.gone(identity(*change.object));
        if (mark) vanished({.key = identity(*change.object), .mark = *std::move(mark)});
      } else {
        saw(*change.object);
      }
    }
  }

  bool is_selected(const Object& object) const { return kind_ == kClusters || object.is_labelled; }

  void saw(const Object& object) {
    if (!is_selected(object)) return;
    const k8s::WatchTable::Sighting sighting =
        table_.saw(identity(object), look(object), object.cluster);
    if (sighting.replaced) vanished(*sighting.replaced);
    if (sighting.news == k8s::WatchTable::News::kSame) return;
    tell(object);
  }

  void tell(const Object& object) {
    runtime::Shell& shell = all_.shell_;
    if (kind_ == kClusters) {
      fsm::SpecObserved spec{.name_space = object.key.name_space,
                             .name = object.key.name,
                             .generation = object.generation,
                             .deleting = object.deleting,
                             .finalized = object.finalizers.contains(fsm::kFinalizer),
                             .resource = object.resource,
                             .actor = object.last_writer,
                             .deleted_at = object.deleted_at};
      read_finished_restore(object.status, spec);
      read_drills(object.status, spec);
      read_stanzas(object.status, spec);
      shell.observe(ClusterUid(object.uid), std::move(spec));
      return;
    }
    if (kind_ == kPods) {
      fsm::PodObserved pod = object.pod;
      pod.uid = object.uid;
      pod.deleting = object.deleting;
      shell.observe(object.key.name_space, object.cluster, std::move(pod));
      return;
    }
    shell.observe(object.key.name_space, object.cluster,
                  fsm::ObjectObserved{.ref = ref(object.key.name_space, object.key.name),
                                      .uid = object.uid,
                                      .digest = object.owned_digest(),
                                      .fields = object.fields,
                                      .actor = object.last_writer,
                                      .version = object.version},
                  object.controller);
  }

  void vanished(const k8s::WatchTable::Vanished& gone) {
    const auto& [key, cluster] = gone;
    runtime::Shell& shell = all_.shell_;
    if (kind_ == kClusters) return shell.observe_gone(ClusterUid(key.uid));
    if (kind_ == kPods) {
      shell.observe(key.name_space, cluster, fsm::PodGone{.name = key.name, .uid = key.uid});
    } else {
      shell.observe(key.name_space, cluster,
                    fsm::ObjectGone{.ref = ref(key.name_space, key.name), .uid = key.uid});
    }
  }

  fsm::ObjectRef ref(const std::string& name_space, const std::string& name) const {
    return {.api_version = api_version_, .kind = kind_, .name_space = name_space, .name = name};
  }

  Watches& all_;
  std::string kind_;
  std::string api_version_;
  k8s::WatchTable table_;
  std::size_t position_ = 0;  // in the kind's history: all before was told
  std::size_t lag_ = 0;       // of the next list
  Timestamp silent_until_;
  bool listed_ = false;
  bool was_current_ = false;
  bool delivery_planned_ = false;

  friend class Watches;
};

Watches::Watches(World& world, runtime::Shell& shell, Random random, Later later)
    : world_(world), shell_(shell), random_(random), later_(std::move(later)) {}

Watches::~Watches() = default;

// An object finds its cluster by name, so the clusters come first.
void Watches::start() {
  behind_ = std::exchange(world_.next_lists_are_behind, false);
  streams_.push_back(std::make_unique<Stream>(*this, kClusters, ""));
  streams_.front()->begin();
}

void Watches::became_current(const Stream& stream) {
  current_ += 1;
  if (&stream == streams_.front().get()) {
    streams_.push_back(std::make_unique<Stream>(*this, kPods, "v1"));
    for (const runtime::OwnedKind& kind : runtime::owned_kinds(configuration().served))
      streams_.push_back(std::make_unique<Stream>(*this, kind.kind, kind.api_version));
    for (std::size_t i = 1; i < streams_.size(); ++i) streams_[i]->begin();
  }
  if (current_ < streams_.size()) return;
  all_listed_ = true;
  shell_.all_listed();
}

void Watches::changed(const std::string& kind) {
  for (const auto& stream : streams_) {
    if (stream->kind_ == kind) stream->changed();
  }
}

void Watches::strike(StreamFault fault, std::size_t stream) {
  if (!streams_.empty()) streams_[stream % streams_.size()]->hit(fault);
}

void Watches::list_again() {
  for (const auto& stream : streams_) stream->open_anew();
}

}  // namespace annals::simulation
