#include "names.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "fsm/codec/codec.h"
#include "fsm/codec/state_codec.h"
#include "history/history.h"

namespace annals::replay {
namespace {

struct Beginning {
  Sequence first = history::kNewest;
  std::string name;  // empty when no record tells
};

std::string name_of(const fsm::SpecObserved& spec) {
  return concat(spec.name_space, "/", spec.name);
}

Result<Beginning> beginning_of(const journal::Reader& reader, const ClusterUid& cluster) {
  Beginning beginning;
  const Result<void> scanned =
      reader.scan(cluster, Sequence(1), history::kNewest, [&](auto&& record) {
        beginning.first = std::min(beginning.first, record.seq);
        if (record.type != "spec-observed" || record.expired) return true;
        const Result<fsm::Input> input = fsm::decode_input(record.type, record.payload);
        const auto* spec = input ? std::get_if<fsm::SpecObserved>(&*input) : nullptr;
        if (spec != nullptr) beginning.name = name_of(*spec);
        return spec == nullptr;
      });
  if (!scanned) return fail(scanned.error());
  if (!beginning.name.empty()) return beginning;
  // Retention has taken those records; a state still tells.
  const Result<std::optional<journal::Snapshot>> snapshot =
      reader.snapshot(cluster, history::kNewest);
  if (!snapshot) return fail(snapshot.error());
  if (!*snapshot) return beginning;
  beginning.first = std::min(beginning.first, (*snapshot)->seq);
  const Result<fsm::DecodedSnapshot> decoded = fsm::decode_snapshot((*snapshot)->content);
  if (decoded && decoded->state.spec) beginning.name = name_of(*decoded->state.spec);
  return beginning;
}

}  // namespace

Result<Names> Names::read(const journal::Reader& reader) {
  Names names;
  const Result<std::vector<ClusterUid>> clusters = reader.clusters();
  if (!clusters) return fail(clusters.error());
  std::vector<std::pair<Sequence, ClusterUid>> by_age;
  for (const ClusterUid& cluster : *clusters) {
    if (cluster == operator_stream()) continue;
    Result<Beginning> beginning = beginning_of(reader, cluster);
    if (!beginning) return fail(std::move(beginning).error());
    by_age.emplace_back(beginning->first, cluster);
    if (!beginning->name.empty()) names.names_[cluster] = std::move(beginning->name);
  }
  std::ranges::sort(by_age);
  for (auto& [first, cluster] : by_age) names.clusters_.push_back(std::move(cluster));
  return names;
}

std::string Names::of(const ClusterUid& cluster) const {
  const auto name = names_.find(cluster);
  return name == names_.end() ? cluster.value() : name->second;
}

Result<std::vector<ClusterUid>> Names::find(const std::string& text) const {
  std::vector<ClusterUid> found;
  std::string known;
  for (const ClusterUid& cluster : clusters_) {
    if (cluster.value() == text || of(cluster) == text) found.push_back(cluster);
    const std::string name = of(cluster);
    if (!known.contains(name)) known += concat(known.empty() ? "" : ", ", name);
  }
  if (text == operator_stream().value()) found.push_back(operator_stream());
  if (!found.empty()) return found;
  return fail(Errc::kNotFound, "--cluster: '", text, "' is not in this journal: ",
              known.empty() ? "it has no cluster" : concat("give a UID, or one of ", known));
}

}  // namespace annals::replay
