// Any bytes are an object to a lens, or an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tuple>

#include "k8s/lens/applied.h"
#include "k8s/lens/pod_brief.h"
#include "k8s/lens/pod_unread.h"
#include "k8s/lens/recorded_resource.h"

namespace annals::k8s {
namespace {

// What the lens does not read makes no difference to what it sees.
void look_at_pods(std::string_view object) {
  if (!object.starts_with('{') || !nlohmann::json::accept(object)) return;
  std::string rest;
  ObjectScanner scanner(kUnreadOfPods);
  if (scanner.scan(object, rest) > object.size() || !scanner.ended()) std::abort();
  JsonReader reader;
  const Result<PodBrief> whole = read_pod_brief(reader, object);
  if (!whole) return;
  const Result<PodBrief> seen = read_pod_brief(reader, rest);
  if (!seen) std::abort();
  const auto parts = [](const PodBrief& pod) {
    return std::tie(pod.meta.key, pod.meta.labels, pod.node, pod.phase, pod.ready, pod.problem,
                    pod.revision, pod.member.state, pod.member.timeline,
                    pod.member.pending_restart);
  };
  if (parts(*whole) != parts(*seen)) std::abort();
}

void look(std::string_view object) {
  JsonReader reader;
  (void)read_meta(reader, object);
  (void)read_applied(reader, object);
  (void)read_pod_brief(reader, object);
  (void)read_recorded_resource(reader, object);
  (void)digest_of_json(reader, object);
}

}  // namespace
}  // namespace annals::k8s

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view object(reinterpret_cast<const char*>(data), size);
  annals::k8s::look(object);
  annals::k8s::look_at_pods(object);
  return 0;
}
