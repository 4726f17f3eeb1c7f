#include "runtime/initial_sync_diff.h"

#include <algorithm>
#include <cstring>
#include <variant>

#include "base/concat.h"
#include "base/sha256.h"

namespace annals::runtime {
namespace {

constexpr std::uint64_t kNoLook = 0;  // equals none

// Fields with their lengths, so that no two lists of them give the same bytes.
class Hash {
 public:
  Hash& add(std::string_view text) {
    text_ += concat(text.size(), " ", text);
    return *this;
  }
  Hash& add(std::int64_t number) { return add(std::to_string(number)); }
  std::uint64_t value() const {
    std::uint64_t front = 0;
    const Digest digest = sha256(text_);
    std::memcpy(&front, digest.bytes.data(), sizeof front);
    return std::max<std::uint64_t>(front, kNoLook + 1);
  }

 private:
  std::string text_;
};

std::uint64_t subject_of(const fsm::ObjectRef& ref) {
  return Hash().add(ref.api_version).add(ref.kind).add(ref.name_space).add(ref.name).value();
}
std::uint64_t subject_of_pod(const std::string& name) {
  return Hash().add("pod").add(name).value();
}
std::uint64_t subject_of(const fsm::Input& input) {
  if (const auto* object = std::get_if<fsm::ObjectObserved>(&input)) return subject_of(object->ref);
  if (const auto* gone = std::get_if<fsm::ObjectGone>(&input)) return subject_of(gone->ref);
  if (const auto* pod = std::get_if<fsm::PodObserved>(&input)) return subject_of_pod(pod->name);
  if (const auto* gone = std::get_if<fsm::PodGone>(&input)) return subject_of_pod(gone->name);
  if (std::holds_alternative<fsm::SpecObserved>(input)) return Hash().add("spec").value();
  return 0;
}

// As for whatever a watch tells: another version or writer alone is no news.
std::uint64_t look_of(const fsm::ObjectObserved& object) {
  Hash hash;
  hash.add(object.uid).add(object.digest);
  fsm::each_field(object.fields, [&hash](std::string_view name, std::string_view value) {
    hash.add(name).add(value);
  });
  return hash.value();
}

// A field that is added to a fact does not compile until it is named here.
std::uint64_t look_of(const fsm::PodObserved& pod) {
  const auto& [name, uid, instance, node, phase, role, problem, ready, deleting, revision, member,
               timeline, pending_restart, job, end, standby_leader] = pod;
  Hash hash;
  hash.add(name).add(uid).add(instance).add(node).add(phase).add(role).add(problem).add(ready);
  hash.add(deleting)
      .add(revision)
      .add(member)
      .add(timeline)
      .add(pending_restart)
      .add(standby_leader);
  hash.add(job).add(end.has_value());
  if (end) hash.add(end->exit_code).add(end->message);
  return hash.value();
}
std::uint64_t look_of(const fsm::SpecObserved& spec) {
  const auto& [name_space, name, generation, deleting, finalized, resource, actor, restored,
               restore_succeeded, deleted_at, drilled, verified, stanzas] = spec;
  Hash hash;
  hash.add(name_space).add(name).add(generation).add(deleting).add(finalized).add(resource);
  hash.add(actor.manager).add(actor.operation).add(actor.time).add(restored);
  hash.add(restore_succeeded).add(deleted_at).add(drilled);
  for (const auto& [repo, proof] : verified)
    hash.add(repo).add(proof.label).add(annals::to_string(proof.at));
  return hash.value();
}
std::uint64_t look_of(const fsm::Input& input) {
  if (const auto* object = std::get_if<fsm::ObjectObserved>(&input)) return look_of(*object);
  if (const auto* pod = std::get_if<fsm::PodObserved>(&input)) return look_of(*pod);
  if (const auto* spec = std::get_if<fsm::SpecObserved>(&input)) return look_of(*spec);
  return kNoLook;
}

}  // namespace

InitialSyncDiff::InitialSyncDiff(const fsm::ClusterState& known) {
  entries_.reserve(known.objects.size() + known.pods.size() + 1);
  for (const auto& [ref, object] : known.objects) add(object);
  for (const auto& [name, pod] : known.pods) add(pod);
  if (known.spec) add(*known.spec);
  std::ranges::sort(entries_, {}, &Entry::subject);
}

void InitialSyncDiff::add(const fsm::Input& known) {
  entries_.push_back({.subject = subject_of(known), .look = look_of(known)});
}

InitialSyncDiff::Entry* InitialSyncDiff::find(std::uint64_t subject) {
  const auto entry = std::ranges::lower_bound(entries_, subject, {}, &Entry::subject);
  return entry != entries_.end() && entry->subject == subject ? &*entry : nullptr;
}

bool InitialSyncDiff::is_as_known(const fsm::Input& seen) {
  Entry* entry = find(subject_of(seen));
  const std::uint64_t look = look_of(seen);
  if (entry == nullptr || look == kNoLook || entry->look != look) return false;
  entry->named = true;
  return true;
}

void InitialSyncDiff::note_news(const fsm::Input& told) {
  Entry* entry = find(subject_of(told));
  if (entry == nullptr) return;
  entry->named = true;
  entry->look = kNoLook;
}

// What has become known since is there.
bool InitialSyncDiff::is_missing(std::uint64_t subject) const {
  const auto entry = std::ranges::lower_bound(entries_, subject, {}, &Entry::subject);
  return entry != entries_.end() && entry->subject == subject && !entry->named;
}

bool InitialSyncDiff::is_missing(const fsm::Input& known) const {
  return is_missing(subject_of(known));
}

bool InitialSyncDiff::is_complete() const { return std::ranges::all_of(entries_, &Entry::named); }

std::vector<fsm::Input> InitialSyncDiff::missing(const fsm::ClusterState& known) const {
  std::vector<fsm::Input> gone;
  for (const auto& [ref, object] : known.objects) {
    if (is_missing(subject_of(ref)))
      gone.emplace_back(fsm::ObjectGone{.ref = ref, .uid = object.uid});
  }
  for (const auto& [name, pod] : known.pods) {
    if (is_missing(subject_of_pod(name)))
      gone.emplace_back(fsm::PodGone{.name = name, .uid = pod.uid});
  }
  return gone;
}

}  // namespace annals::runtime
