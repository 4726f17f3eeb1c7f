#include "tests/simulation/api_server.h"

#include <algorithm>
#include <chrono>

#include "base/assert.h"
#include "base/concat.h"
#include "base/sha256.h"

namespace annals::simulation {

using namespace std::chrono_literals;

std::string Object::owned_digest() const {
  std::string digest = content_digest;
  if (!material.empty()) digest += concat("+", sha256_hex(material).substr(0, 16));
  if (!trusts.empty()) digest += concat("&", trusts);
  for (const auto& [field, value] : tampered) digest += concat("!", field, "=", value);
  return digest;
}

Snapshot ApiServer::find(const Key& key) const {
  const auto found = objects_.find(key);
  return found == objects_.end() ? nullptr : found->second;
}

const std::vector<Change>& ApiServer::history(const std::string& kind) const {
  static const std::vector<Change> kNone;
  const auto found = history_.find(kind);
  return found == history_.end() ? kNone : found->second;
}

std::vector<Snapshot> ApiServer::list(const std::string& kind, Version at) const {
  std::map<Key, Snapshot> there;
  for (const Change& change : history(kind)) {
    if (change.version > at) break;
    if (change.deleted) {
      there.erase(change.object->key);
    } else {
      there[change.object->key] = change.object;
    }
  }
  std::vector<Snapshot> all;
  for (auto& [key, object] : there) all.push_back(std::move(object));
  return all;
}

void ApiServer::commit(Object object, bool deleted) {
  object.version = ++version_;
  const Key key = object.key;
  const auto snapshot = std::make_shared<const Object>(std::move(object));
  if (deleted) {
    alive_.erase(snapshot->uid);
    objects_.erase(key);
  } else {
    alive_.insert(snapshot->uid);
    objects_[key] = snapshot;
  }
  const Change change{.version = version_, .deleted = deleted, .object = snapshot};
  history_[key.kind].push_back(change);
  for (const auto& listener : listeners_) listener(change);
}

Snapshot ApiServer::create(Object object) {
  ANNALS_ASSERT(!objects_.contains(object.key), "it exists: ", to_string(object.key));
  if (object.uid.empty()) object.uid = concat("uid-", next_uid_++);
  const Key key = object.key;
  // An owner that is no more takes what it owns with it.
  const bool doomed =
      !object.owners.empty() &&
      std::ranges::none_of(object.owners, [&](const auto& owner) { return exists(owner); });
  commit(std::move(object), false);
  if (doomed) collect();
  return find(key);
}

Snapshot ApiServer::update(const Key& key, const std::function<void(Object&)>& change) {
  const Snapshot before = find(key);
  ANNALS_ASSERT(before != nullptr, "it does not exist: ", to_string(key));
  Object after = *before;
  change(after);
  if (after.deleting && after.finalizers.empty()) {
    erase(key);
    return nullptr;
  }
  commit(std::move(after), false);
  return find(key);
}

void ApiServer::remove(const Key& key) {
  const Snapshot object = find(key);
  if (object == nullptr) return;
  if (object->finalizers.empty()) return erase(key);
  if (object->deleting) return;
  update(key, [&](Object& marked) {
    marked.deleting = true;
    marked.deleted_at = annals::to_string(schedule_.now());
  });
}

void ApiServer::erase(const Key& key) {
  commit(*find(key), true);
  collect();
}

// The garbage collector comes by some time later: what had owners and has none alive any more goes.
void ApiServer::collect() {
  if (collecting_) return;
  collecting_ = true;
  schedule_.after(700ms, [this] {
    collecting_ = false;
    std::vector<Key> orphans;
    for (const auto& [key, object] : objects_) {
      const auto alive = [&](const std::string& owner) { return exists(owner); };
      if (!object->owners.empty() && std::ranges::none_of(object->owners, alive))
        orphans.push_back(key);
    }
    for (const Key& key : orphans) remove(key);
  });
}

Snapshot data_claim_of(const ApiServer& server, const std::string& name_space,
                       const std::string& instance) {
  constexpr const char* kKind = "PersistentVolumeClaim";
  const std::string usual = instance + "-pgdata";
  if (Snapshot own = server.find({kKind, name_space, usual})) return own;
  for (const auto& [key, object] : server.objects()) {
    if (key.kind == kKind && object->fields.claim->stands_for == usual) return object;
  }
  return nullptr;
}

}  // namespace annals::simulation
